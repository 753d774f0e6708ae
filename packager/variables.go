package packager

import (
	"regexp"
	"slices"
)

// expandVariables puts environment variables into what a file of requirements says, as pip does: only ${NAME}, in upper case, and one that
// is not set or empty stays as it is.
func expandVariables(text string, lookup func(name string) string) (expanded string, unset []string) {
	variable := regexp.MustCompile(`\$\{[A-Z0-9_]+\}`)
	expanded = variable.ReplaceAllStringFunc(text, func(found string) string {
		name := found[2 : len(found)-1]
		if lookup != nil {
			if value := lookup(name); value != "" {
				return value
			}
		}
		if !slices.Contains(unset, name) {
			unset = append(unset, name)
		}
		return found
	})
	return expanded, unset
}

// hasPassword reports whether a URL has a password that is not a variable's value.
func hasPassword(address string) bool {
	return regexp.MustCompile(`^[a-zA-Z+]+://[^/@:]*:[^/@$]+@`).MatchString(address)
}

package python

import "strings"

// ParseScript reads the commands of a script that have pip install files of requirements, which may have any name: what stands behind
// -r and -c, to be resolved against the directory that the script runs in. It gives nil where there is none. A path with a variable is
// none that could be told; one whose name says that it is for development is so.
func ParseScript(data []byte) *Manifest {
	m := &Manifest{}
	for _, line := range RequirementLines(data) {
		for command := range strings.FieldsFuncSeq(line.Text, func(r rune) bool { return strings.ContainsRune("&|;", r) }) {
			if !strings.Contains(strings.ToLower(command), "pip") {
				continue
			}
			for _, option := range readOptions(strings.FieldsFunc(command, isBetweenWords)) {
				m.scriptOption(option, line.Line)
			}
		}
	}
	if len(m.References) == 0 {
		return nil
	}
	return m
}

// isBetweenWords reports whether a character parts the words of a command, be it a list in a Dockerfile.
func isBetweenWords(r rune) bool { return strings.ContainsRune(" \t\r\n\"'`,[]()", r) }

func (m *Manifest) scriptOption(option RequirementOption, line int) {
	for _, known := range requirementOptions {
		isFile := known.kind == RequirementsFile || known.kind == ConstraintsFile
		if known.long == option.Name && isFile && !strings.ContainsAny(option.Argument, "$%*{<") {
			before := len(m.References)
			m.localOption(known.kind, option.Argument, line)
			for i := range m.References[before:] {
				m.References[before+i].Dev = isDevFile(option.Argument)
			}
		}
	}
}

// isDevFile reports whether a word of a path's is the name of a group that is for development: requirements-dev.txt, tests/all.txt.
func isDevFile(path string) bool {
	for word := range strings.FieldsFuncSeq(path, func(r rune) bool { return strings.ContainsRune("/._-", r) }) {
		if IsDevGroup(word) {
			return true
		}
	}
	return false
}

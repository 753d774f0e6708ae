package deployer

import (
	"os/exec"
	"path/filepath"
	"strings"
)

// shell runs the commands that are texts.
type shell struct {
	path string
	// reads says that the shell reads the file of BASH_ENV before a command by itself, as bash does (bash(1), INVOCATION).
	reads bool
}

// findShell gives bash, in which Seed's hooks are written, or else what POSIX calls sh. The error is a *ToolError.
func findShell(env []string) (shell, error) {
	path, err := finder{env: env}.find("bash", "sh")
	if err != nil {
		// Where PATH has none, it is the one that system(3) takes.
		if path, err = exec.LookPath("/bin/sh"); err != nil {
			return shell{}, &ToolError{Tool: "a shell", Names: []string{"bash", "sh"}}
		}
	}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	return shell{path, name == "bash"}, nil
}

// argv gives what runs a text, with the arguments "$1" and so on.
func (s shell) argv(text string, arguments ...string) []string {
	if !s.reads {
		text = `. "$BASH_ENV"` + "\n" + text
	}
	return append([]string{s.path, "-c", text, s.path}, arguments...)
}

// quote writes a word so that a shell takes it for itself.
func quote(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./_-", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// String gives a command as a person would type it.
func (c Command) String() string {
	if c.Shell != "" {
		return strings.TrimSpace(c.Shell)
	}
	words := make([]string, len(c.Args))
	for i, word := range c.Args {
		words[i] = quote(word)
	}
	return strings.Join(words, " ")
}

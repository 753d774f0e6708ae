package wheel

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/monoplan/monoplan/packager/archive"
)

// Script is a command that an entry point asks for.
type Script struct {
	// Name is the command's name, Module and Object what it calls: an attribute of a module, with dots.
	Name, Module, Object string
}

// Shebang is the first line of every script: whichever Python is found where the script is run.
const Shebang = "#!/usr/bin/env python3\n"

// Path is where the script goes, below the target directory.
func (s Script) Path() string { return "bin/" + s.Name }

// Content is the script's text. The script finds its modules in the directory above its own, as no installer's script
// does, because a directory that --target fills is on nobody's path.
func (s Script) Content() string {
	first, _, _ := strings.Cut(s.Object, ".")
	return Shebang + fmt.Sprintf(`import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from %s import %s

if __name__ == "__main__":
    sys.exit(%s())
`, s.Module, first, s.Object)
}

// entryPoints reads the scripts of entry_points.txt: those for a console, and those with windows, which differ on
// Windows only.
func (w *Wheel) entryPoints() ([]Script, error) {
	content, err := w.distInfoFile("entry_points.txt")
	if err != nil {
		return nil, err
	}
	scripts := map[string]Script{}
	group := ""
	number := 0
	for line := range bytes.Lines(content) {
		number++
		text := strings.TrimSpace(string(line))
		switch {
		case text == "" || text[0] == '#' || text[0] == ';':
		case text[0] == '[' && text[len(text)-1] == ']':
			group = text[1 : len(text)-1]
		case group == "console_scripts" || group == "gui_scripts":
			s, err := parseScript(text)
			if err != nil {
				return nil, fmt.Errorf("%s/entry_points.txt:%d: %w", w.distInfo, number, err)
			}
			scripts[s.Name] = s
		}
	}
	var sorted []Script
	for _, s := range scripts {
		sorted = append(sorted, s)
	}
	slices.SortFunc(sorted, func(a, b Script) int { return strings.Compare(a.Name, b.Name) })
	return sorted, nil
}

// parseScript reads "name = module:object [extra]". The extras are what an installer once asked for; none does now.
func parseScript(text string) (Script, error) {
	name, value, _ := strings.Cut(text, "=")
	value, _, _ = strings.Cut(value, "[")
	module, object, _ := strings.Cut(value, ":")
	s := Script{Name: strings.TrimSpace(name), Module: strings.TrimSpace(module), Object: strings.TrimSpace(object)}
	if err := archive.CheckName(s.Name); err != nil {
		return Script{}, err
	}
	if strings.Contains(s.Name, "/") {
		return Script{}, fmt.Errorf("%q is no name of a script", s.Name)
	}
	if !dotted(s.Module) || !dotted(s.Object) {
		return Script{}, fmt.Errorf("%q is not what a script can call", strings.TrimSpace(value))
	}
	return s, nil
}

// dotted reports whether a text is identifiers with dots between them, and so can stand in a program as it is.
func dotted(text string) bool {
	for part := range strings.SplitSeq(text, ".") {
		for i, r := range part {
			if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
				return false
			}
		}
		if part == "" {
			return false
		}
	}
	return true
}

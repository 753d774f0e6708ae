package wheel

import (
	"path"
	"strings"
)

// Superfluous reports whether a file of a verified wheel is not needed where the package is only used: tests, what
// configures them, and stubs for type checkers. It leaves alone what the package itself reads: some import from their
// tests, and some read their stubs to know what to import.
func (w *Wheel) Superfluous(f File) bool {
	facts, ok := w.Facts()
	if !ok || strings.HasPrefix(f.entry.Name, w.distInfo+"/") {
		return false
	}
	name := f.entry.Name
	if isTest(name) && !below(name, facts.Tests) {
		return true
	}
	switch base := path.Base(name); {
	case base == "conftest.py":
		return true
	case base == "py.typed" || path.Ext(base) == ".pyi":
		return !facts.Stubs
	}
	return false
}

// HasDebug reports whether a file of a verified wheel is an object with symbols that only a debugger needs.
func (w *Wheel) HasDebug(f File) bool {
	facts, _ := w.Facts()
	for _, o := range facts.Objects {
		if o.Name == f.entry.Name {
			return o.Debug
		}
	}
	return false
}

package closure

import (
	"fmt"
	"strings"
)

// StaleError says that a lock was not made from its manifest as the manifest is now.
type StaleError struct {
	Lock, Manifest string
	// Line is where the manifest asks for what the lock does not know of, and Package what that is; 0 and empty where only the hash of
	// both tells (Poetry).
	Line    int
	Package string
	// Setting is that of [tool.uv] which is another one than the lock was made with, or empty.
	Setting string
	// Tool is "poetry" or "uv".
	Tool string
}

func (e *StaleError) Error() string {
	if e.Setting != "" {
		place := e.Manifest
		if e.Line > 0 {
			place = fmt.Sprintf("%s:%d", e.Manifest, e.Line)
		}
		return fmt.Sprintf("%s: %s is out of date: it was made with something else for %s", place, e.Lock, e.Setting)
	}
	if e.Package != "" {
		return fmt.Sprintf("%s:%d: %s is out of date: %s is not locked as it is asked for here", e.Manifest, e.Line, e.Lock, e.Package)
	}
	return fmt.Sprintf("%s is out of date: it was not made from %s as that is now", e.Lock, e.Manifest)
}

// Mismatch is one dependency of a path dependency that the lock does not have as it is asked for.
type Mismatch struct {
	Manifest string // of the path dependency
	Line     int    // 0 where a build found out
	By       string // the path dependency's name
	Package  string // what it asks for
	Wants    string // which versions, as it is written; or a path
	Has      string // what the lock has instead; empty for nothing
}

func (m Mismatch) String() string {
	place := m.Manifest
	if m.Line > 0 {
		place = fmt.Sprintf("%s:%d", m.Manifest, m.Line)
	}
	text := fmt.Sprintf("%s: %s needs %s", place, m.By, strings.TrimSpace(m.Package+" "+m.Wants))
	if m.Has == "" {
		return text + ", which is not in the lock"
	}
	return text + ", and the lock has " + m.Has
}

// MismatchError says that manifests of path dependencies ask for what the lock does not have. Poetry does not see that.
type MismatchError struct {
	Lock string
	// Mismatches are sorted by manifest and line.
	Mismatches []Mismatch
}

func (e *MismatchError) Error() string {
	texts := make([]string, len(e.Mismatches))
	for i, m := range e.Mismatches {
		texts[i] = m.String()
	}
	return fmt.Sprintf("%s is out of date: %s", e.Lock, strings.Join(texts, "; "))
}

// RequirementsError is requirements that something names, and that are not there or of which nobody can say which they are.
type RequirementsError struct{ Requirements }

func (e *RequirementsError) Error() string {
	if e.Unknown {
		return fmt.Sprintf("%s:%d: nobody can say which requirements are installed: a variable names them, or several files do", e.File, e.Line)
	}
	return fmt.Sprintf("%s:%d: the requirements are to be in %s, which is not in the commit", e.File, e.Line, e.Path)
}

// NoLockError says that a project has dependencies and no lock that is read here.
type NoLockError struct {
	Project  string // its directory
	Manifest string
	// Line is where the manifest names the first dependency, or 0.
	Line int
	// Other is a lock of another format that is there, such as a Pipfile.lock; or empty.
	Other string
}

func (e *NoLockError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: there are dependencies, and no poetry.lock, uv.lock or requirements.txt locks them", e.Manifest, e.Line)
	}
	if e.Other != "" {
		return fmt.Sprintf("%s is not a lock that is read here; poetry.lock, uv.lock and requirements.txt are", e.Other)
	}
	return fmt.Sprintf("%s: there is no poetry.lock, uv.lock or requirements.txt", e.Manifest)
}

// UnknownNameError says that a group or an extra was asked for that the project does not have.
type UnknownNameError struct {
	Kind  string // "group" or "extra"
	Name  string
	In    string   // the file that would have it
	Known []string // what it has, sorted
}

func (e *UnknownNameError) Error() string {
	if len(e.Known) == 0 {
		return fmt.Sprintf("%s has no %s %q, and no other", e.In, e.Kind, e.Name)
	}
	return fmt.Sprintf("%s has no %s %q, only %s", e.In, e.Kind, e.Name, strings.Join(e.Known, ", "))
}

// PythonError says that a manifest, a lock or a package is not for the target's Python.
type PythonError struct {
	File string
	Line int
	// Package is empty for the project itself.
	Package string
	Wants   string
	Python  string
}

func (e *PythonError) Error() string {
	what := "the project"
	if e.Package != "" {
		what = e.Package
	}
	return fmt.Sprintf("%s:%d: %s is for python %s, and the target has %s", e.File, e.Line, what, e.Wants, e.Python)
}

// UnlockedError says that a line of requirements does not pin a version, or has no hash.
type UnlockedError struct {
	File    string
	Line    int
	Package string
	// Pinned says that there is a version, and only the hash is missing.
	Pinned bool
}

func (e *UnlockedError) Error() string {
	if e.Pinned {
		return fmt.Sprintf("%s:%d: %s has no hash", e.File, e.Line, e.Package)
	}
	return fmt.Sprintf("%s:%d: %s has no version that is pinned by ==", e.File, e.Line, e.Package)
}

// OtherVersionError says that the files of a package are of another version than the one that is locked.
type OtherVersionError struct {
	File             string
	Line             int
	Package, Version string
	// Found is the name of the first such file.
	Found string
}

func (e *OtherVersionError) Error() string {
	return fmt.Sprintf("%s:%d: %s is locked at %s, and its files are of another version: %s", e.File, e.Line, e.Package, e.Version, e.Found)
}

// ConflictError says that a lock has two versions of one package for one target.
type ConflictError struct {
	File            string
	Package         string
	First, Second   string // versions
	Line, OtherLine int
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s:%d: %s %s and %s (line %d) are both for this target", e.File, e.Line, e.Package, e.First, e.Second, e.OtherLine)
}

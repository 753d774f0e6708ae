package project

import (
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/syntax"
	"github.com/monoplan/monoplan/internal/python/toml"
)

// setuptools finds out when it builds what a project needs: a setup.py is a program, and may say anything. Much of what is said
// in practice can be read all the same: a setup.cfg, and the files that it or [tool.setuptools.dynamic] names. What
// cannot be read here is left out; the wheel's METADATA says it.

// List is a list of requirements that lies in a file.
type List struct {
	// File is relative to the project's directory.
	File         string
	Requirements []Requirement
}

// SetupLists gives what can be read of the requirements of a project that setuptools builds. read gives a file of the project's
// directory, and whether it is there. p is the project's pyproject.toml, nil where there is none. A setup.cfg that is not one is a
// *syntax.Error.
func SetupLists(p *Project, read func(name string) ([]byte, bool, error)) ([]List, error) {
	if !p.leavesToSetuptools() {
		return nil, nil
	}
	s := setupReader{read: read}
	dynamic := p.dynamicFiles()
	if err := s.files(dynamic); err != nil {
		return nil, err
	}
	data, found, err := read("setup.cfg")
	if err != nil || !found {
		return s.lists, err
	}
	return s.lists, s.setupCfg(data, len(dynamic) > 0)
}

// leavesToSetuptools reports whether setuptools builds the project and finds out about its dependencies.
func (p *Project) leavesToSetuptools() bool {
	if p == nil {
		return true
	}
	backend, named := p.Document.Get("build-system", "build-backend").Text()
	bySetuptools := !named || strings.HasPrefix(backend, "setuptools")
	return bySetuptools && !p.Poetry && (!p.HasProject || p.Dynamic)
}

// dynamicFiles reads [tool.setuptools.dynamic].
func (p *Project) dynamicFiles() []python.SetupRequirement {
	if p == nil {
		return nil
	}
	table := p.Document.Get("tool", "setuptools", "dynamic")
	files := filesOf(table.Get("dependencies"), "")
	for _, extra := range table.Get("optional-dependencies").Entries() {
		files = append(files, filesOf(extra.Value, python.NormalizeName(extra.Name))...)
	}
	return files
}

// filesOf reads {file = "requirements.txt"}, or a list of files.
func filesOf(table *toml.Value, extra string) []python.SetupRequirement {
	var files []python.SetupRequirement
	for _, file := range table.Get("file").Each() {
		if name, ok := file.Text(); ok {
			files = append(files, python.SetupRequirement{Text: name, IsFile: true, Extra: extra, Line: file.Line})
		}
	}
	return files
}

// setupReader gathers lists.
type setupReader struct {
	read  func(name string) ([]byte, bool, error)
	lists []List
}

func (s *setupReader) files(files []python.SetupRequirement) error {
	for _, f := range files {
		data, found, err := s.read(f.Text)
		if err != nil {
			return err
		}
		if !found {
			continue // a build may make it
		}
		list := List{File: f.Text}
		number := 0
		for line := range strings.Lines(string(syntax.CutBOM(data))) {
			number++
			text, _, _ := strings.Cut(line, " #")
			list.add(python.SetupRequirement{Text: text, Extra: f.Extra, Line: number})
		}
		s.lists = append(s.lists, list)
	}
	return nil
}

// setupCfg reads a setup.cfg; of one whose dependencies pyproject.toml has in other files only extras count.
func (s *setupReader) setupCfg(data []byte, extrasOnly bool) error {
	asked, err := python.SetupRequirements(data)
	if err != nil {
		return err
	}
	list := List{File: "setup.cfg"}
	for _, a := range asked {
		switch {
		case extrasOnly && a.Extra == "":
		case a.IsFile:
			err = s.files([]python.SetupRequirement{a})
		default:
			list.add(a)
		}
		if err != nil {
			return err
		}
	}
	s.lists = append(s.lists, list)
	return nil
}

// add adds a requirement, if it can be read.
func (l *List) add(a python.SetupRequirement) {
	text := strings.TrimSpace(a.Text)
	if text == "" || text[0] == '#' || text[0] == '-' {
		return
	}
	req, err := ParseRequirement(text)
	if err != nil {
		return
	}
	req.Line = a.Line
	if a.Extra != "" {
		req.Optional, req.ForExtras = true, []string{a.Extra}
	}
	l.Requirements = append(l.Requirements, req)
}

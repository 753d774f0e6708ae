//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

// samplePython is the Python that the samples are for, and that the base image has.
const samplePython = "3.11"

// sample is a service of Poetry's, with path dependencies.
type sample struct {
	name      string
	libraries []string
	// requires are Poetry's constraints, and imports what the handler imports.
	requires, imports []string
}

// The samples. The newest numpy and pandas that Lambda's Python 3.11 runs are these: later ones have no wheel for its glibc.
var samples = []sample{
	{
		"api",
		[]string{"etl", "models"},
		[]string{`pydantic = "*"`, `numpy = "<2.3"`, `pandas = "<2.3"`, `requests = "*"`, `boto3 = "*"`, `sqlalchemy = "*"`},
		[]string{"pydantic", "numpy", "pandas", "requests", "boto3", "sqlalchemy", "etl", "models"},
	},
	{"light", []string{"models"}, []string{`requests = "*"`}, []string{"requests", "models"}},
}

const poetryManifest = `[tool.poetry]
name = "%s"
version = "1.0.0"
description = ""
authors = []

[tool.poetry.dependencies]
python = "~%s"
%s
[build-system]
requires = ["poetry-core>=1.0.0"]
build-backend = "poetry.core.masonry.api"
`

// projects gives the sample as Poetry wants it, without its lock.
func (s sample) projects() map[string]string {
	files := make(map[string]string)
	requires := strings.Join(s.requires, "\n") + "\n"
	for _, l := range s.libraries {
		files["libs/"+l+"/pyproject.toml"] = fmt.Sprintf(poetryManifest, l, samplePython, "")
		files["libs/"+l+"/"+l+"/__init__.py"] = "VALUE = 0\n"
		requires += fmt.Sprintf("%s = {path = \"../../libs/%s\", develop = true}\n", l, l)
	}
	dir := "services/" + s.name + "/"
	files[dir+"pyproject.toml"] = fmt.Sprintf(poetryManifest, s.name, samplePython, requires)
	files[dir+"handler.py"] = "import " + strings.Join(s.imports, ", ") + "\n\nCHANGED = 0\n\n\ndef handle(event, context):\n    return 1\n"
	return files
}

// lock has Poetry lock a sample, once for all ways.
func (a *againstLab) lock(ctx context.Context, s sample) (string, error) {
	name := filepath.Join("against", "lock", s.name)
	if err := a.commitFiles(ctx, name, s.projects()); err != nil {
		return "", err
	}
	dir := filepath.Join(a.dir, name, "services", s.name)
	if _, err := a.output(ctx, dir, nil, filepath.Join(a.poetry, "poetry"), "lock", "-q", "-n"); err != nil {
		return "", err
	}
	lock, err := os.ReadFile(filepath.Join(dir, "poetry.lock"))
	return string(lock), err
}

// files gives the repository of a way.
func (a *againstLab) files(s sample, lock string, way *way) map[string]string {
	files := s.projects()
	files["services/"+s.name+"/poetry.lock"] = lock
	files[".gitignore"] = ".serverless\n.aws-sam\n.build\nrequirements.txt\n"
	maps.Copy(files, way.files)
	return files
}

// changing is a line of code that changes.
type changing struct {
	file, name string
	value      int
}

// change gives the line's variable another value.
func (l *changing) change() error {
	l.value++
	f, err := os.OpenFile(l.file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s = %d\n", l.name, l.value)
	return errors.Join(err, f.Close())
}

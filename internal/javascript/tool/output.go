package tool

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// Package is a package as the program names it.
type Package struct {
	// Path is the directory, relative to the workspace's root, with slashes; "." for the root itself.
	Path string
	// Name may be empty: pnpm lists projects that have none.
	Name string
}

// OutputError says that a program succeeded, and printed something that is no list of packages.
type OutputError struct {
	Command []string
	Problem string
}

func (e *OutputError) Error() string {
	return fmt.Sprintf("%s: %s", strings.Join(e.Command, " "), e.Problem)
}

// listed is one package in the output of either program: lerna's has a location, pnpm's a path.
type listed struct {
	Name     *string `json:"name"`
	Location *string `json:"location"`
	Path     *string `json:"path"`
}

// parse reads the output of a program that ran in dir, and sorts it by path.
func parse(command []string, dir, out string, severalLists bool) ([]Package, error) {
	wrong := func(format string, args ...any) ([]Package, error) {
		return nil, &OutputError{command, fmt.Sprintf(format, args...)}
	}
	// Even where nothing changed both print an empty list.
	if strings.TrimSpace(out) == "" {
		return wrong("it printed nothing")
	}
	list, problem := decode(out, severalLists)
	if problem != "" {
		return wrong("%s", problem)
	}
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	packages := make([]Package, 0, len(list))
	for _, one := range list {
		p, problem := one.in(dir, root)
		if problem != "" {
			return wrong("%s", problem)
		}
		packages = append(packages, p)
	}
	slices.SortFunc(packages, func(a, b Package) int { return strings.Compare(a.Path, b.Path) })
	for i := range packages[min(1, len(packages)):] {
		if packages[i].Path == packages[i+1].Path {
			return wrong("it lists %s twice", packages[i].Path)
		}
	}
	return packages, nil
}

// decode reads the JSON. Where projects have lock files of their own, pnpm prints a list for each of them.
func decode(out string, severalLists bool) (all []listed, problem string) {
	decoder := json.NewDecoder(strings.NewReader(out))
	for first := true; first || decoder.More(); first = false {
		var list []listed
		switch err := decoder.Decode(&list); {
		case !first && !severalLists:
			return nil, "there is more in its output than one list of packages"
		case err != nil:
			return nil, fmt.Sprintf("its output is no list of packages: %v", err)
		case list == nil:
			return nil, "its output is no list of packages"
		}
		all = append(all, list...)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, "there is more in its output than one list of packages"
	}
	return all, ""
}

// in makes the package's directory relative to the root, which the program may name with its symlinks resolved.
func (l listed) in(dir, resolved string) (p Package, problem string) {
	location := l.Location
	if location == nil {
		location = l.Path
	}
	if location == nil || !filepath.IsAbs(*location) {
		return Package{}, "it lists a package without its directory"
	}
	if l.Name != nil {
		p.Name = *l.Name
	}
	for _, root := range []string{dir, resolved} {
		if rel, err := filepath.Rel(root, *location); err == nil && filepath.IsLocal(rel) {
			p.Path = filepath.ToSlash(rel)
			return p, ""
		}
	}
	return Package{}, fmt.Sprintf("it lists %s, which is not in the workspace", *location)
}

package gitdiff

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/gitdiff/odb"
)

// openObjects gives the repository's object database: its object directory, and those that it borrows from
// (gitrepository-layout(5), objects/info/alternates, and GIT_ALTERNATE_OBJECT_DIRECTORIES).
func openObjects(l *location, env environment) (*odb.Store, error) {
	first := filepath.Join(l.commonDir, "objects")
	if explicit := env.get("GIT_OBJECT_DIRECTORY"); explicit != "" {
		first = absolute(l.dir, explicit)
	}
	dirs := []string{first}
	for _, dir := range filepath.SplitList(env.get("GIT_ALTERNATE_OBJECT_DIRECTORIES")) {
		if dir != "" {
			dirs = append(dirs, absolute(l.dir, dir))
		}
	}
	for i := 0; i < len(dirs); i++ {
		more, err := alternates(dirs[i])
		if err != nil {
			return nil, err
		}
		for _, dir := range more {
			if !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
		}
	}
	return odb.New(dirs, l.hashSize()), nil
}

// alternates reads the object directories that one borrows from; relative ones are relative to it.
func alternates(objects string) ([]string, error) {
	data, err := os.ReadFile(filepath.Join(objects, "info", "alternates"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var dirs []string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '"' {
			return nil, &UnsupportedError{What: "a quoted path in objects/info/alternates"}
		}
		dirs = append(dirs, absolute(objects, line))
	}
	return dirs, nil
}

// readError is the error for an object that is there and cannot be read.
func readError(id string, err error) error {
	if errors.Is(err, odb.ErrIndexVersion) {
		return &UnsupportedError{What: "the index of a pack here: " + err.Error()}
	}
	return &ObjectError{ID: id, What: err.Error()}
}

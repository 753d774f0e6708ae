package deployer

import (
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/monoplan/monoplan/internal/environ"
)

// finder finds programs.
type finder struct {
	env []string
	// dirs are the directories whose node_modules/.bin comes before PATH, nearest first.
	dirs []string
	// assumes says that what is not found will have been installed by then: its name alone stands for it.
	assumes bool
}

// find gives the path of a program: the first directory that has one of the names, and in that the first name. The
// error is a *ToolError that knows no more than the names.
func (f finder) find(names ...string) (string, error) {
	var places []string
	for _, dir := range f.dirs {
		places = append(places, filepath.Join(dir, "node_modules", ".bin"))
	}
	places = append(places, filepath.SplitList(environ.Get(f.env, "PATH"))...)
	for _, place := range places {
		if !filepath.IsAbs(place) {
			continue // as os/exec has it: a program from the current directory is hardly what was meant
		}
		for _, name := range names {
			if path, err := exec.LookPath(filepath.Join(place, name)); err == nil {
				return path, nil
			}
		}
	}
	if f.assumes {
		return names[0], nil
	}
	return "", &ToolError{Tool: names[0], Names: names}
}

// upTo lists a directory and those above it, up to root.
func upTo(root, dir string) []string {
	dirs := []string{dir}
	for dir != root && strings.HasPrefix(dir, strings.TrimSuffix(root, string(filepath.Separator))+string(filepath.Separator)) {
		dir = filepath.Dir(dir)
		dirs = append(dirs, dir)
	}
	return dirs
}

package packager

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// place is where files and symbolic links are.
type place interface {
	// String names it in errors.
	String() string
	// at gives what is at a path, without following a link there.
	at(ctx context.Context, name string) (tree.Entry, error)
	// note remembers that what is at a path decided something.
	note(ctx context.Context, name string) error
	// target reads a symbolic link.
	target(ctx context.Context, e tree.Entry) (string, error)
	// below lists what is below a directory but directories, with whole paths.
	below(ctx context.Context, dir string) ([]tree.Entry, error)
	// file describes a file, under a name that it is to have.
	file(ctx context.Context, name string, e tree.Entry) (stagedFile, error)
}

// maxLinks is how many symbolic links are followed on the way to one file, as Linux does (path_resolution(7)).
const maxLinks = 40

// taking takes files of a place, and what its symbolic links lead to, under their names in a directory.
type taking struct {
	place
	dir string
	// takes says of a name in the directory whether a file is taken, and follows whether a link is.
	takes, follows func(name string) bool
	files          map[string]stagedFile
}

// add takes a file, or what a symbolic link leads to, where links were followed already.
func (t *taking) add(ctx context.Context, name string, e tree.Entry, links int) error {
	switch {
	case e.Mode == tree.Symlink:
		if !t.follows(name) {
			return nil
		}
		return t.follow(ctx, name, e, links)
	case !t.takes(name):
		return nil
	case e.Mode == tree.Submodule:
		return &StageError{Path: e.Path, Problem: "a submodule is another repository, whose files this one does not have", Optional: true}
	}
	f, err := t.file(ctx, name, e)
	if err == nil {
		t.files[name] = f
	}
	return err
}

// follow takes the file that a symbolic link leads to, or all of a directory, under the link's name.
func (t *taking) follow(ctx context.Context, name string, e tree.Entry, links int) error {
	w := &way{place: t.place, from: e, links: links, stop: func(p string) bool { return isSecretPath(p) && !isIn(t.dir, p) }}
	to, err := w.walk(ctx)
	switch {
	case err != nil || w.stopped:
		return err
	case to.Mode != tree.Dir:
		return t.add(ctx, name, to, w.links)
	case isIn(e.Path, to.Path):
		return &StageError{Path: e.Path, Problem: "a symbolic link to a directory that it is in", Optional: true}
	}
	below, err := t.below(ctx, to.Path)
	if err != nil {
		return err
	}
	for _, b := range below {
		if err := t.add(ctx, path.Join(name, relative(to.Path, b.Path)), b, w.links); err != nil {
			return err
		}
	}
	return nil
}

// isIn reports whether a path is a directory, or below it.
func isIn(name, dir string) bool {
	return dir == "." || name == dir || strings.HasPrefix(name, dir+"/")
}

// way is the resolution of a symbolic link, one component after the other as path_resolution(7) has it: what is ".." in it depends
// on where the links before it led.
type way struct {
	place
	// from is the link that errors are about: the first, which exclude: can leave out, or where nothing can the last.
	from  tree.Entry
	links int
	// stop ends the resolution at a path that is not to be looked at.
	stop    func(name string) bool
	stopped bool
	// needed says that what it leads to cannot be left out.
	needed bool
}

func (w *way) refuse(format string, args ...any) error {
	return &StageError{Path: w.from.Path, Problem: fmt.Sprintf(format, args...), Optional: !w.needed}
}

// walk gives what the link leads to, which is no link itself.
func (w *way) walk(ctx context.Context) (tree.Entry, error) {
	here, rest, err := w.open(ctx, w.from, nil)
	if err != nil {
		return here, err
	}
	return w.along(ctx, here, rest)
}

// along gives what the names lead to from a directory. Without a link on the way there need not be anything.
func (w *way) along(ctx context.Context, here tree.Entry, rest []string) (_ tree.Entry, err error) {
	descended := false // to here, by a name
	for err == nil && len(rest) > 0 {
		name := rest[0]
		rest = rest[1:]
		switch {
		case here.Mode != tree.Dir:
			return here, w.refuse("a symbolic link through %s, which is no directory", here.Path)
		case name == "" || name == ".":
			continue // a trailing slash, for one: it takes a directory, too
		case name == ".." && here.Path == ".":
			return here, w.leadsOut(ctx)
		case name == "..":
			if descended { // if here were a link, this would be another directory
				err = w.note(ctx, here.Path)
			}
			here, descended = tree.Entry{Path: path.Dir(here.Path), Mode: tree.Dir}, false
			continue
		}
		next := path.Join(here.Path, name)
		if w.stopped = w.stop(next); w.stopped {
			return here, nil
		}
		var found tree.Entry
		switch found, err = w.at(ctx, next); {
		case err != nil:
		case !found.Exists() && w.links == 0:
			return found, nil
		case !found.Exists():
			err = w.absent(ctx, next)
		case found.Mode == tree.Symlink:
			if w.needed {
				w.from = found
			}
			descended = false
			here, rest, err = w.open(ctx, found, rest)
		default:
			here, descended = found, true
		}
	}
	if err == nil {
		err = w.note(ctx, here.Path)
	}
	return here, err
}

// open reads a link, and gives its directory and what is to be walked from there: what the link says, and then the rest.
func (w *way) open(ctx context.Context, link tree.Entry, rest []string) (tree.Entry, []string, error) {
	here := tree.Entry{Path: path.Dir(link.Path), Mode: tree.Dir}
	if w.links++; w.links > maxLinks {
		return here, nil, w.refuse("a symbolic link that leads in a circle")
	}
	if err := w.note(ctx, link.Path); err != nil {
		return here, nil, err
	}
	text, err := w.target(ctx, link)
	switch {
	case err != nil:
		return here, nil, err
	case text == "":
		return here, nil, w.refuse("a symbolic link that leads nowhere")
	case path.IsAbs(text):
		return here, nil, w.leadsOut(ctx)
	}
	return here, slices.Concat(strings.Split(text, "/"), rest), nil
}

func (w *way) leadsOut(ctx context.Context) error {
	text, err := w.target(ctx, w.from)
	if err != nil {
		return err
	}
	return w.refuse("a symbolic link that leads out of the repository, to %s", text)
}

func (w *way) absent(ctx context.Context, name string) error {
	if err := w.note(ctx, name); err != nil {
		return err
	}
	return w.refuse("a symbolic link to %s, which is not in %s", name, w.place)
}

// isSecret reports whether a file or directory of this name stays out, whatever else is said: what is called .env… has secrets.
func isSecret(name string) bool {
	const prefix = ".env"
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}

// isSecretPath reports whether what is at a path stays out.
func isSecretPath(name string) bool { return isSecret(path.Base(name)) }

// hasSecret reports whether a component of a path stays out.
func hasSecret(name string) bool {
	for component := range strings.SplitSeq(name, "/") {
		if isSecret(component) {
			return true
		}
	}
	return false
}

// leadsToSecret reports whether a way from a directory to a path has a component that stays out.
func leadsToSecret(dir, name string) bool {
	for ; name != "." && !isIn(dir, name); name = path.Dir(name) {
		if isSecretPath(name) {
			return true
		}
	}
	return false
}

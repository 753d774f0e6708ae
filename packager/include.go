package packager

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/gitignore"
	"github.com/monoplan/monoplan/internal/tree"
)

// pattern is one of those of include:.
type pattern struct {
	text string
	// names has the files that it names, and leads the directories that it begins with, as far as they can be told.
	names *gitignore.Matcher
	leads []*gitignore.Glob
}

// newPattern compiles a pattern that is known to be one. What takes back, and what says nothing, names no files.
func newPattern(text string) (p pattern, names bool) {
	p = pattern{text: text}
	if text = strings.TrimSpace(text); text == "" || text[0] == '#' || text[0] == '!' {
		return p, false
	}
	p.names, _ = gitignore.Parse(lines([]string{p.text}))
	segments := strings.Split(strings.Trim(text, "/"), "/")
	for i := 1; i < len(segments) && !strings.Contains(segments[i-1], "**"); i++ {
		if g, err := gitignore.CompileGlob(strings.Join(segments[:i], "/")); err == nil {
			p.leads = append(p.leads, g)
		}
	}
	return p, true
}

// includes reports whether include: names a file.
func (s selection) includes(name string) bool {
	named, _ := s.include.Match(name, false)
	return named && !s.leavesOut(name)
}

// follows reports whether include: names a symbolic link, as a file or as a directory, or may name what is below it.
func (s selection) follows(name string) bool {
	if s.leavesOut(name) {
		return false
	}
	file, _ := s.include.Match(name, false)
	dir, _ := s.include.Match(name, true)
	return file || dir || slices.ContainsFunc(s.patterns, func(p pattern) bool {
		return slices.ContainsFunc(p.leads, func(g *gitignore.Glob) bool { return g.Match(name) })
	})
}

// included is what include: names below a directory.
type included struct {
	files []stagedFile
	// broken has the errors of symbolic links that lead to nothing, by the links' names.
	broken map[string]error
	// matched says of each pattern of the selection whether there is anything that it names.
	matched []bool
}

// identity names the files, with their contents, and what is wrong with links.
func (i included) identity() string {
	files := slices.Clone(i.files)
	for name, err := range i.broken {
		files = append(files, stagedFile{Path: name, Identity: "broken: " + err.Error()})
	}
	slices.SortFunc(files, func(a, b stagedFile) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Identity, b.Identity))
	})
	return filesDigest("include", files)
}

// includes takes files of the working tree that git does not track.
func (s *stager) includes(ctx context.Context, files map[string]stagedFile, dir string, sel selection) error {
	if sel.include == nil {
		return nil
	}
	found, err := includedFiles(ctx, s.worktree, dir, sel)
	if err != nil {
		return err
	}
	s.trace.include(dir, found)
	for _, name := range slices.Sorted(maps.Keys(found.broken)) {
		if !hasBelow(files, name) {
			return found.broken[name]
		}
	}
	for _, f := range found.files {
		if _, tracked := files[f.Path]; !tracked {
			files[f.Path] = f
		}
	}
	return nil
}

// hasBelow reports whether there is a file of a name, or files below a directory of that name.
func hasBelow(files map[string]stagedFile, name string) bool {
	for f := range files {
		if isIn(f, name) {
			return true
		}
	}
	return false
}

// includedFiles finds the files of the working tree below a directory that include names, with what symbolic links lead to.
func includedFiles(ctx context.Context, top, dir string, sel selection) (included, error) {
	found := included{broken: make(map[string]error), matched: make([]bool, len(sel.patterns))}
	if top == "" {
		return found, &StageError{Path: dir, Problem: "include: names generated files, and there is no working tree to take them from"}
	}
	root, err := os.OpenRoot(top)
	if err != nil {
		return found, err
	}
	defer root.Close()
	disk := worktree{root, top}
	t := &taking{place: disk, dir: dir, takes: sel.includes, follows: sel.follows, files: make(map[string]stagedFile)}
	entries, err := disk.below(ctx, dir)
	if err != nil {
		return found, fmt.Errorf("include: %w", err)
	}
	for _, e := range entries {
		name := relative(dir, e.Path)
		found.note(sel, name)
		err := t.add(ctx, name, e, 0)
		if e.Mode == tree.Symlink && errors.As(err, new(*StageError)) {
			found.broken[name] = err
		} else if err != nil {
			return found, fmt.Errorf("include: %w", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.files)) {
		found.note(sel, name)
		found.files = append(found.files, t.files[name])
	}
	return found, ctx.Err()
}

// note notes which patterns name a file.
func (i *included) note(sel selection, name string) {
	for n, p := range sel.patterns {
		if i.matched[n] || hasSecret(name) {
			continue
		}
		i.matched[n], _ = p.names.Match(name, false)
	}
}

// unmatched gives the patterns that name nothing in any of the directories that were looked through.
func (s selection) unmatched(all []included) []string {
	var names []string
	for n, p := range s.patterns {
		if len(all) > 0 && !slices.ContainsFunc(all, func(i included) bool { return i.matched[n] }) {
			names = append(names, p.text)
		}
	}
	return names
}

// worktree is the working tree, as a place.
type worktree struct {
	root *os.Root
	top  string
}

func (w worktree) String() string { return "the working tree" }

func (w worktree) note(context.Context, string) error { return nil } // all that was found is looked at each time

func (w worktree) at(_ context.Context, name string) (tree.Entry, error) {
	if path.Base(name) == gitDir {
		return tree.Entry{}, &StageError{Path: name, Problem: "it is git's own, and no file of the project", Optional: true}
	}
	info, err := w.root.Lstat(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) {
		return tree.Entry{Path: name}, nil
	}
	if err != nil {
		return tree.Entry{}, err
	}
	e := tree.Entry{Path: name, Mode: diskMode(info.Mode())}
	if !e.Exists() {
		return e, &StageError{Path: name, Problem: "neither a file nor a directory", Optional: true}
	}
	return e, nil
}

const gitDir = ".git"

// diskMode gives git's mode of a file; None for one of which git knows nothing.
func diskMode(m fs.FileMode) tree.Mode {
	switch {
	case m.IsDir():
		return tree.Dir
	case m&fs.ModeSymlink != 0:
		return tree.Symlink
	case !m.IsRegular():
		return tree.None
	case m&0o100 != 0:
		return tree.Exec
	}
	return tree.File
}

func (w worktree) target(_ context.Context, e tree.Entry) (string, error) {
	text, err := w.root.Readlink(filepath.FromSlash(e.Path))
	return filepath.ToSlash(text), err
}

func (w worktree) below(ctx context.Context, dir string) ([]tree.Entry, error) {
	var entries []tree.Entry
	err := fs.WalkDir(diskFS{w.root}, dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case name == dir && errors.Is(err, fs.ErrNotExist):
			return fs.SkipAll // a sparse checkout has no generated files either
		case err != nil:
			return err
		case d.IsDir():
			if d.Name() == gitDir || name != dir && (name == ".monoplan" || isSecret(d.Name())) {
				return fs.SkipDir
			}
		case d.Name() != gitDir:
			if mode := diskMode(d.Type()); mode != tree.None {
				entries = append(entries, tree.Entry{Path: name, Mode: mode})
			}
		}
		return ctx.Err()
	})
	return entries, err
}

// file describes a file of the working tree. It is opened again later, and must have the same content then.
func (w worktree) file(_ context.Context, name string, e tree.Entry) (stagedFile, error) {
	f, err := w.root.Open(filepath.FromSlash(e.Path))
	if err != nil {
		return stagedFile{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return stagedFile{}, err
	}
	sum, err := sumOf(f)
	if err != nil {
		return stagedFile{}, err
	}
	executable := diskMode(info.Mode()) == tree.Exec
	return stagedFile{
		Path: name, Executable: executable, Identity: fmt.Sprintf("%t sha256:%s", executable, sum),
		open: func(context.Context) (io.ReadCloser, error) {
			return openSame(filepath.Join(w.top, filepath.FromSlash(e.Path)), e.Path, sum)
		},
	}, nil
}

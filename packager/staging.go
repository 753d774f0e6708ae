package packager

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/gitignore"
	"github.com/monoplan/monoplan/internal/tree"
)

// stagedFile is one file of a staged directory.
type stagedFile struct {
	// Path is relative to the directory.
	Path       string
	Executable bool
	// Identity names the content.
	Identity string
	open     func(context.Context) (io.ReadCloser, error)
}

// read gives what the file holds.
func (f stagedFile) read(ctx context.Context) ([]byte, error) {
	content, err := f.open(ctx)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return io.ReadAll(content)
}

// selection says which files of a directory are staged. Without include the working tree is not looked at.
type selection struct {
	include, exclude *gitignore.Matcher
	// keeps names what is not left out, though exclude names it; nil for nothing.
	keeps *gitignore.Matcher
	// patterns are those of include, each for itself.
	patterns []pattern
	// name names the patterns of both.
	name string
	// without has directories to leave out, relative to the staged one.
	without []string
}

// StageError is a file that cannot be taken along.
type StageError struct {
	// Path is relative to the repository.
	Path    string
	Problem string
	// Optional says that it is a file, or a link, that exclude: can leave out.
	Optional bool
}

func (e *StageError) Error() string { return e.Path + ": " + e.Problem }

func newSelection(include, exclude []string) (selection, error) {
	patterns := newDigest("patterns")
	patterns.list(include)
	patterns.list(exclude)
	s := selection{name: patterns.sum()}
	var err error
	if len(include) > 0 {
		if s.include, err = gitignore.Parse(lines(include)); err != nil {
			return s, fmt.Errorf("include: %w", err)
		}
		for _, text := range include {
			if p, names := newPattern(text); names {
				s.patterns = append(s.patterns, p)
			}
		}
	}
	if s.exclude, err = gitignore.Parse(lines(exclude)); err != nil {
		return s, fmt.Errorf("exclude: %w", err)
	}
	return s, nil
}

// ownSelection is what a selection is for the service's own directory, in which there may be other services.
func (s Service) ownSelection(sel selection) selection {
	for _, dir := range s.Without {
		sel.without = append(sel.without, relative(s.Path, dir))
	}
	if len(sel.without) > 0 {
		name := newDigest("without")
		name.add(sel.name)
		name.list(sel.without)
		sel.name = name.sum()
	}
	return sel
}

func lines(patterns []string) []gitignore.Line {
	var list []gitignore.Line
	for i, p := range patterns {
		list = append(list, gitignore.Line{Text: p, Number: i + 1})
	}
	return list
}

// leavesOut reports whether a file, relative to the staged directory, stays out.
func (s selection) leavesOut(name string) bool {
	if hasSecret(name) {
		return true // tracked or not
	}
	for _, dir := range s.without {
		if isIn(name, dir) {
			return true
		}
	}
	ignored, _ := s.exclude.Match(name, false)
	if ignored {
		kept, _ := s.keeps.Match(name, false)
		return !kept
	}
	return false
}

// stager lists what is staged of directories, and notes all that it looked at.
type stager struct {
	source *source
	// worktree is where files are that git does not track; empty where there is no working tree.
	worktree string
	trace    *trace
}

// stage gives the files of a directory: those that the tree has, with what symbolic links lead to, and of the working tree those that
// include names.
func (s *stager) stage(ctx context.Context, dir string, sel selection) ([]stagedFile, error) {
	if err := s.trace.path(ctx, dir); err != nil {
		return nil, err
	}
	real, err := s.directory(ctx, dir)
	if err != nil {
		return nil, err
	}
	entries, err := s.source.list(ctx, real)
	if err != nil {
		return nil, err
	}
	files := make(map[string]stagedFile)
	t := s.taking(real, sel, files)
	for _, e := range entries {
		if err := t.add(ctx, relative(real, e.Path), e, 0); err != nil {
			return nil, err
		}
	}
	if err := s.includes(ctx, files, dir, sel); err != nil {
		return nil, err
	}
	list := make([]stagedFile, 0, len(files))
	for _, f := range files {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b stagedFile) int { return strings.Compare(a.Path, b.Path) })
	return list, nil
}

// directory gives where a directory is, which may be a symbolic link or below one; of one that is not there its own path.
func (s *stager) directory(ctx context.Context, dir string) (string, error) {
	found, err := s.source.lookup(ctx, dir)
	if err != nil || found[0].Mode == tree.Dir {
		return dir, err
	}
	w := &way{place: committed{s}, stop: isSecretPath, needed: true}
	to, err := w.along(ctx, tree.Entry{Path: ".", Mode: tree.Dir}, strings.Split(dir, "/"))
	if err != nil || w.stopped || to.Mode != tree.Dir {
		return dir, err
	}
	return to.Path, nil
}

func relative(dir, file string) string {
	if dir == "." {
		return file
	}
	return strings.TrimPrefix(file, dir+"/")
}

// taking takes files of the tree for a directory, but those that are left out of it.
func (s *stager) taking(dir string, sel selection, files map[string]stagedFile) *taking {
	takes := func(name string) bool { return !sel.leavesOut(name) }
	return &taking{place: committed{s}, dir: dir, takes: takes, follows: takes, files: files}
}

// committed is the tree that is packaged, as a place.
type committed struct{ *stager }

func (c committed) String() string { return "the commit" }

func (c committed) at(ctx context.Context, name string) (tree.Entry, error) {
	found, err := c.source.lookup(ctx, name)
	if err != nil {
		return tree.Entry{}, err
	}
	return found[0], nil
}

func (c committed) note(ctx context.Context, name string) error { return c.trace.path(ctx, name) }

func (c committed) target(ctx context.Context, e tree.Entry) (string, error) {
	data, err := c.source.read(ctx, e)
	return string(data), err
}

func (c committed) below(ctx context.Context, dir string) ([]tree.Entry, error) {
	return c.source.list(ctx, dir)
}

func (c committed) file(ctx context.Context, name string, e tree.Entry) (stagedFile, error) {
	identity, err := c.source.identity(ctx, e)
	return stagedFile{
		Path: name, Executable: e.Mode == tree.Exec, Identity: identity,
		open: func(ctx context.Context) (io.ReadCloser, error) { return c.source.open(ctx, e) },
	}, err
}

// filesDigest names a list of files with their contents.
func filesDigest(about string, files []stagedFile) string {
	d := newDigest(about)
	for _, f := range files {
		d.add(f.Path, f.Identity)
	}
	return d.sum()
}

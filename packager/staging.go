package packager

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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

// selection says which files of a directory are staged. Without include the working tree is not looked at.
type selection struct {
	include, exclude *gitignore.Matcher
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
	}
	if s.exclude, err = gitignore.Parse(lines(exclude)); err != nil {
		return s, fmt.Errorf("exclude: %w", err)
	}
	return s, nil
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
		if name == dir || strings.HasPrefix(name, dir+"/") {
			return true
		}
	}
	ignored, _ := s.exclude.Match(name, false)
	return ignored
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
	entries, err := s.source.list(ctx, dir)
	if err != nil {
		return nil, err
	}
	files := make(map[string]stagedFile)
	t := s.taking(dir, sel, files)
	for _, e := range entries {
		if err := t.add(ctx, relative(dir, e.Path), e, 0); err != nil {
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

// includes takes files of the working tree that git does not track.
func (s *stager) includes(ctx context.Context, files map[string]stagedFile, dir string, sel selection) error {
	if sel.include == nil {
		return nil
	}
	found, err := includedFiles(ctx, s.worktree, dir, sel)
	if err != nil {
		return err
	}
	s.trace.include(dir, includeIdentity(found))
	for _, f := range found {
		if _, tracked := files[f.Path]; !tracked {
			files[f.Path] = f
		}
	}
	return nil
}

// includedFiles finds the files of the working tree below a directory that include names.
func includedFiles(ctx context.Context, worktree, dir string, sel selection) ([]stagedFile, error) {
	if worktree == "" {
		return nil, &StageError{dir, "include: names generated files, and there is no working tree to take them from"}
	}
	root, err := os.OpenRoot(worktree)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var found []stagedFile
	err = fs.WalkDir(root.FS(), dir, func(name string, d fs.DirEntry, err error) error {
		switch inner := relative(dir, name); {
		case name == dir && errors.Is(err, fs.ErrNotExist):
			return fs.SkipAll // a sparse checkout has no generated files either
		case err != nil:
			return err
		case d.IsDir():
			if d.Name() == ".git" || name != dir && name == ".monoplan" {
				return fs.SkipDir
			}
		case !d.Type().IsRegular(), sel.leavesOut(inner):
		default:
			if named, _ := sel.include.Match(inner, false); named {
				f, err := diskFile(root, worktree, name, inner)
				if err != nil {
					return err
				}
				found = append(found, f)
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("include: %w", err)
	}
	return found, nil
}

// diskFile describes a file of the working tree. It is opened again later, and must have the same content then.
func diskFile(root *os.Root, worktree, name, inner string) (stagedFile, error) {
	f, err := root.Open(filepath.FromSlash(name))
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
	return stagedFile{
		Path: inner, Executable: info.Mode()&0o100 != 0, Identity: fmt.Sprintf("%t sha256:%s", info.Mode()&0o100 != 0, sum),
		open: func(context.Context) (io.ReadCloser, error) {
			return openSame(filepath.Join(worktree, filepath.FromSlash(name)), name, sum)
		},
	}, nil
}

func includeIdentity(files []stagedFile) string { return filesDigest("include", files) }

// filesDigest names a list of files with their contents.
func filesDigest(about string, files []stagedFile) string {
	d := newDigest(about)
	for _, f := range files {
		d.add(f.Path, f.Identity)
	}
	return d.sum()
}

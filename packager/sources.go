package packager

import (
	"archive/tar"
	"archive/zip"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/monoplan/monoplan/internal/environ"
	"github.com/monoplan/monoplan/internal/secret"
	"github.com/monoplan/monoplan/packager/builder"
)

// stagedSource is directories of the tree, each at its own place. Of one within another its own files count, which are not
// always those of the tree.
func stagedSource(dirs map[string][]stagedFile) builder.Source {
	return func(ctx context.Context, yield func(builder.File) error) error {
		done := make(map[string]bool)
		for _, dir := range slices.Backward(slices.Sorted(maps.Keys(dirs))) {
			for _, f := range dirs[dir] {
				name := path.Join(dir, f.Path)
				if done[name] {
					continue // a directory comes after those within it
				}
				done[name] = true
				if err := yieldStaged(ctx, name, f, yield); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

func yieldStaged(ctx context.Context, name string, f stagedFile, yield func(builder.File) error) error {
	content, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer content.Close()
	mode := fs.FileMode(0o644)
	if f.Executable {
		mode = 0o755
	}
	return yield(builder.File{Name: name, Mode: mode, Content: content})
}

// maxUnpacked bounds what a source archive unpacks to, in bytes: more is a bomb.
const maxUnpacked = 4 << 30

// ArchiveError is a source archive that is refused.
type ArchiveError struct {
	// Name is the archive's file name.
	Name    string
	Problem string
}

func (e *ArchiveError) Error() string { return fmt.Sprintf("%s: %s", e.Name, e.Problem) }

// archiveSource is a source distribution or another archive of a project, by its name .tar.gz, .tar.bz2, .tar or .zip. Its single top
// directory is taken off (PEP 625 has one).
func archiveSource(file, name string) builder.Source {
	return func(ctx context.Context, yield func(builder.File) error) error {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		a := &sourceArchive{name: name, yield: yield, left: maxUnpacked}
		switch lower := strings.ToLower(name); {
		case strings.HasSuffix(lower, ".zip"):
			err = a.zip(ctx, f)
		case strings.HasSuffix(lower, ".tar.gz"), strings.HasSuffix(lower, ".tgz"):
			var z *gzip.Reader
			if z, err = gzip.NewReader(f); err == nil {
				err = a.tar(ctx, z)
			}
		case strings.HasSuffix(lower, ".tar.bz2"):
			err = a.tar(ctx, bzip2.NewReader(f))
		case strings.HasSuffix(lower, ".tar"):
			err = a.tar(ctx, f)
		default:
			err = errors.New("neither a tar archive, with gzip, bzip2 or without, nor a zip archive")
		}
		if err != nil && ctx.Err() == nil {
			var refused *ArchiveError
			if !errors.As(err, &refused) {
				err = fmt.Errorf("%s: %w", name, err)
			}
		}
		return err
	}
}

// sourceArchive is a source archive that is being read.
type sourceArchive struct {
	name  string
	yield func(builder.File) error
	left  int64
	top   string // the first directory of every entry
}

func (a *sourceArchive) refuse(format string, args ...any) error {
	return &ArchiveError{a.name, fmt.Sprintf(format, args...)}
}

func (a *sourceArchive) tar(ctx context.Context, r io.Reader) error {
	t := tar.NewReader(r)
	for ctx.Err() == nil {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		f := builder.File{Name: h.Name, Mode: fs.FileMode(h.Mode & 0o111), Content: t}
		switch h.Typeflag {
		case tar.TypeReg:
		case tar.TypeSymlink:
			f.Mode, f.Link = fs.ModeSymlink, h.Linkname
		case tar.TypeDir, tar.TypeXGlobalHeader:
			continue
		default:
			return a.refuse("%q is neither a file nor a symbolic link", h.Name)
		}
		if err := a.file(f, h.Size); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

func (a *sourceArchive) zip(ctx context.Context, f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return err
	}
	for _, e := range z.File {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if strings.HasSuffix(e.Name, "/") {
			continue
		}
		if !e.Mode().IsRegular() {
			return a.refuse("%q is no file", e.Name)
		}
		content, err := e.Open()
		if err != nil {
			return err
		}
		err = a.file(builder.File{Name: e.Name, Mode: e.Mode() & 0o111, Content: content}, int64(min(e.UncompressedSize64, maxUnpacked+1)))
		if err = errors.Join(err, content.Close()); err != nil {
			return err
		}
	}
	return nil
}

// file takes off the top directory.
func (a *sourceArchive) file(f builder.File, size int64) error {
	name := path.Clean(f.Name)
	top, rest, below := strings.Cut(name, "/")
	switch {
	case !fs.ValidPath(name):
		return a.refuse("a file %q", f.Name)
	case !below, a.top != "" && a.top != top:
		return a.refuse("%q is not in the one directory of its top", f.Name)
	}
	a.top = top
	if a.left -= size; a.left < 0 {
		return a.refuse("it unpacks to more than %d bytes", int64(maxUnpacked))
	}
	f.Name = rest
	if f.Content != nil {
		f.Content = io.LimitReader(f.Content, size)
	}
	return a.yield(f)
}

// GitError is a git source that could not be had.
type GitError struct {
	URL, Commit string
	// Words are git's own, without secrets.
	Words string
	Err   error
}

func (e *GitError) Error() string {
	return fmt.Sprintf("git %s at %s: %s", secret.URL(e.URL), e.Commit, strings.TrimSpace(e.Words+"\n"+e.Err.Error()))
}

func (e *GitError) Unwrap() error { return e.Err }

// gitSource is a commit of another repository, with its submodules, fetched below dir by the installed git.
func gitSource(env []string, url, commit, dir string) builder.Source {
	return func(ctx context.Context, yield func(builder.File) error) error {
		g := &gitFetch{env: gitEnvironment(env), url: url, commit: commit, dir: dir}
		if err := g.fetch(ctx); err != nil {
			return err
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			return err
		}
		defer root.Close()
		return fs.WalkDir(diskFS{root}, ".", func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case path.Base(name) == ".git" && d.IsDir():
				return fs.SkipDir
			case d.IsDir(), path.Base(name) == ".git":
				return nil
			}
			return yieldDisk(root, name, d, yield)
		})
	}
}

func yieldDisk(root *os.Root, name string, d fs.DirEntry, yield func(builder.File) error) error {
	file := filepath.FromSlash(name)
	if d.Type()&fs.ModeSymlink != 0 {
		link, err := root.Readlink(file)
		if err != nil {
			return err
		}
		return yield(builder.File{Name: name, Mode: fs.ModeSymlink, Link: filepath.ToSlash(link)})
	}
	f, err := root.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return yield(builder.File{Name: name, Mode: info.Mode() & 0o111, Content: f})
}

// gitEnvironment lets git ask nobody, and keeps it from this repository.
func gitEnvironment(env []string) []string {
	var clean []string
	for _, setting := range env {
		switch name, _, _ := strings.Cut(setting, "="); name {
		case "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_PREFIX":
		default:
			clean = append(clean, setting)
		}
	}
	return append(clean, "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
}

type gitFetch struct {
	env              []string
	url, commit, dir string
}

// fetch asks for the commit alone, and for everything where the server does not give single commits.
func (g *gitFetch) fetch(ctx context.Context) error {
	if strings.HasPrefix(g.url, "-") || strings.HasPrefix(g.commit, "-") {
		return &GitError{URL: g.url, Commit: g.commit, Err: errors.New("no URL, or no commit")}
	}
	if err := g.git(ctx, "init", "--quiet", "--", g.dir); err != nil {
		return err
	}
	if err := g.git(ctx, "-C", g.dir, "fetch", "--quiet", "--depth=1", g.url, g.commit); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := g.git(ctx, "-C", g.dir, "fetch", "--quiet", "--tags", g.url, "+refs/heads/*:refs/remotes/origin/*"); err != nil {
			return err
		}
	}
	for _, args := range [][]string{
		{"-C", g.dir, "-c", "core.autocrlf=false", "-c", "advice.detachedHead=false", "checkout", "--quiet", g.commit},
		{"-C", g.dir, "submodule", "--quiet", "update", "--init", "--recursive"},
	} {
		if err := g.git(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// gitPatience is how long a git that was told to end may take, and how long its pipes may stay open after it.
const gitPatience = time.Second

// git runs a command. It stays in our process group, for what speaks to a server may have to ask the user for a passphrase.
func (g *gitFetch) git(ctx context.Context, args ...string) error {
	program, err := environ.LookPath(g.env, "git")
	if err != nil {
		return &GitError{URL: g.url, Commit: g.commit, Err: err}
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = g.env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it ends its own children
	cmd.WaitDelay = gitPatience
	out, err := cmd.CombinedOutput()
	if err != nil {
		return &GitError{URL: g.url, Commit: g.commit, Words: secret.URLs(secret.In(g.env).Hide(string(out))), Err: err}
	}
	return nil
}

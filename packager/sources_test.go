package packager

import (
	"archive/tar"
	"archive/zip"
	"bytes"
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
	"testing"
	"time"

	"github.com/monoplan/monoplan/packager/builder"
)

// member is an entry of an archive.
type member struct {
	name, content, link string
	kind                byte
}

func tarOf(t *testing.T, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, m := range members {
		if m.kind == 0 {
			m.kind = tar.TypeReg
		}
		err := w.WriteHeader(&tar.Header{Name: m.name, Typeflag: m.kind, Linkname: m.link, Size: int64(len(m.content)), Mode: 0o644})
		if err == nil {
			_, err = io.WriteString(w, m.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipOf(t *testing.T, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		f, err := w.Create(m.name)
		if err == nil {
			_, err = io.WriteString(f, m.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read gives the files of a source.
func read(t *testing.T, source builder.Source) (map[string]string, error) {
	t.Helper()
	files := map[string]string{}
	err := source(t.Context(), func(f builder.File) error {
		if f.Mode&fs.ModeSymlink != 0 {
			files[f.Name] = "-> " + f.Link
			return nil
		}
		data, err := io.ReadAll(f.Content)
		files[f.Name] = string(data)
		return err
	})
	return files, err
}

func archiveIn(t *testing.T, name string, data []byte) builder.Source {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return archiveSource(file, name)
}

func TestArchiveSource(t *testing.T) {
	want := map[string]string{"setup.py": "1", "pkg/a.py": "2"}
	members := []member{{name: "dep-1.0/setup.py", content: "1"}, {name: "dep-1.0/pkg/a.py", content: "2"}}
	for name, data := range map[string][]byte{"dep-1.0.tar.gz": tarOf(t, members...), "dep-1.0.zip": zipOf(t, members...)} {
		got, err := read(t, archiveIn(t, name, data))
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	linked, err := read(t, archiveIn(t, "dep.tgz", tarOf(t, append(members, member{name: "dep-1.0/b.py", link: "pkg/a.py", kind: tar.TypeSymlink})...)))
	if err != nil || linked["b.py"] != "-> pkg/a.py" {
		t.Errorf("with a link: %q, %v", linked, err)
	}
}

func TestHostileArchives(t *testing.T) {
	for what, data := range map[string][]byte{
		"a name that leads up":       tarOf(t, member{name: "dep-1.0/../../evil.py"}),
		"an absolute name":           tarOf(t, member{name: "/etc/evil"}),
		"a hard link":                tarOf(t, member{name: "dep-1.0/evil", link: "/etc/passwd", kind: tar.TypeLink}),
		"a device":                   tarOf(t, member{name: "dep-1.0/evil", kind: tar.TypeChar}),
		"a file at the top":          tarOf(t, member{name: "setup.py"}),
		"two directories at the top": tarOf(t, member{name: "a/setup.py"}, member{name: "b/setup.py"}),
	} {
		var refused *ArchiveError
		if _, err := read(t, archiveIn(t, "dep-1.0.tar.gz", data)); !errors.As(err, &refused) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := read(t, archiveIn(t, "dep-1.0.tar.gz", []byte("nothing"))); err == nil {
		t.Error("what is no archive is read")
	}
	if _, err := read(t, archiveIn(t, "dep-1.0.rar", []byte("nothing"))); err == nil {
		t.Error("an unknown archive is read")
	}
}

func FuzzArchiveSource(f *testing.F) {
	f.Add([]byte("PK"), true)
	f.Add([]byte{0x1f, 0x8b}, false)
	f.Fuzz(func(t *testing.T, data []byte, isZip bool) {
		name := "dep.tar.gz"
		if isZip {
			name = "dep.zip"
		}
		err := archiveIn(t, name, data)(t.Context(), func(f builder.File) error {
			if !fs.ValidPath(f.Name) || f.Name == "." {
				t.Errorf("a file %q", f.Name)
			}
			_, err := io.Copy(io.Discard, io.LimitReader(f.Content, 1<<20))
			return err
		})
		_ = err // refusing is fine
	})
}

// gitRepository makes a repository with a project in a directory, and gives its URL and commit.
func gitRepository(t *testing.T) (url, commit string) {
	t.Helper()
	dir := t.TempDir()
	git := func(args ...string) string {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
			"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "-q")
	for name, text := range map[string]string{
		"python/pyproject.toml":     "[project]\nname = \"remote\"\nversion = \"1.0\"\n[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\"tools\"]\n",
		"python/tools/backend.py":   backendProgram,
		"python/remote/__init__.py": "r = 1\n",
		"README":                    "x",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	git("add", "-A")
	git("commit", "-qm", "one")
	commit = git("rev-parse", "HEAD")
	git("commit", "-qm", "two", "--allow-empty")
	return "file://" + filepath.ToSlash(dir), commit
}

func TestGitSource(t *testing.T) {
	url, commit := gitRepository(t)
	files, err := read(t, gitSource(os.Environ(), url, commit, filepath.Join(t.TempDir(), "fetched")))
	names := slices.Sorted(maps.Keys(files))
	if err != nil || !slices.Equal(names, []string{"README", "python/pyproject.toml", "python/remote/__init__.py", "python/tools/backend.py"}) {
		t.Errorf("%q, %v", names, err)
	}
	var failed *GitError
	for _, bad := range [][2]string{{url, strings.Repeat("0", 40)}, {"file:///nowhere", commit}, {"--upload-pack=evil", commit}, {url, "--evil"}} {
		if _, err := read(t, gitSource(os.Environ(), bad[0], bad[1], filepath.Join(t.TempDir(), "fetched"))); !errors.As(err, &failed) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Git is that of the environment. What it says has no secrets, and a child that it leaves keeps nobody waiting.
func TestGitOfTheEnvironment(t *testing.T) {
	bin := t.TempDir()
	program := "#!/bin/sh\necho \"no https://user:canary@host/x, $A_TOKEN\"\nsleep 20 &\ntest -z \"$SLOW\" || wait\nexit 1\n"
	if err := os.WriteFile(filepath.Join(bin, "git"), []byte(program), 0o777); err != nil {
		t.Fatal(err)
	}
	env := []string{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "A_TOKEN=canary-token"}
	began := time.Now()
	var failed *GitError
	_, err := read(t, gitSource(env, "https://host/x", "1", t.TempDir()))
	if !errors.As(err, &failed) || !strings.Contains(failed.Words, "https://host/x") || strings.Contains(failed.Words, "canary") {
		t.Errorf("it says %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := gitSource(append(env, "SLOW=1"), "https://host/x", "1", t.TempDir())(ctx, func(builder.File) error { return nil }); err == nil {
		t.Error("it succeeded")
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %s", took)
	}
	if _, err := read(t, gitSource([]string{"PATH="}, "https://host/x", "1", t.TempDir())); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("without git: %v", err)
	}
}

func TestGitErrorHasNoCredentials(t *testing.T) {
	err := &GitError{URL: "https://user:secret@example.com/x.git", Commit: "1", Err: errors.New("exit status 128")}
	if strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "https://example.com/x.git") {
		t.Error(err)
	}
}

// A git dependency, and a source distribution where no wheel fits, are built.
func TestGitAndSourceDistributions(t *testing.T) {
	w := newWorld(t)
	url, commit := gitRepository(t)
	sdist := tarOf(t,
		member{name: "src-1.0/pyproject.toml", content: "[project]\nname = \"src\"\nversion = \"1.0\"\n[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\"tools\"]\n"},
		member{name: "src-1.0/tools/backend.py", content: backendProgram},
		member{name: "src-1.0/src/__init__.py", content: "s = 1\n"})
	w.index.addAs("src-1.0.tar.gz", sdist)
	_, sum := w.index.file("src")
	w.files["services/posts/pyproject.toml"] = fmt.Sprintf(`[project]
name = "posts"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["remote", "src"]
[tool.uv]
package = false
[tool.uv.sources]
remote = {git = %q, subdirectory = "python", rev = %q}
`, url, commit)
	w.files["services/posts/uv.lock"] = fmt.Sprintf(`version = 1
revision = 3
requires-python = ">=3.9"

[[package]]
name = "posts"
version = "1.0"
source = { virtual = "." }
dependencies = [
    { name = "remote" },
    { name = "src" },
]

[package.metadata]
requires-dist = [
    { name = "remote", git = "%[1]s?subdirectory=python&rev=%[2]s" },
    { name = "src" },
]

[[package]]
name = "remote"
version = "1.0"
source = { git = "%[1]s?subdirectory=python&rev=%[2]s#%[2]s" }

[[package]]
name = "src"
version = "1.0"
source = { registry = "%[3]s/simple" }
sdist = { url = "%[3]s/files/src-1.0.tar.gz", hash = "sha256:%[4]s" }
`, url, commit, w.index.URL, sum)
	results := w.run()
	w.want(results, "posts packaged, users packaged")
	names := w.names(results["posts"])
	for _, want := range []string{"remote/__init__.py", "src/__init__.py"} {
		if !slices.Contains(names, want) {
			t.Errorf("there is no %s in %q", want, names)
		}
	}
	w.want(w.run(), "posts unchanged, users unchanged")
}

// Directories come in one order, so that a build is handed the same source each time, and of a project within another the
// files are its own.
func TestStagedSourceIsInOrder(t *testing.T) {
	file := func(name, content string) stagedFile {
		return stagedFile{Path: name, open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(content)), nil
		}}
	}
	dirs := map[string][]stagedFile{"libs": {file("x.py", "libs")}}
	want := []string{"libs/x.py=libs"}
	for i := range 10 {
		name := fmt.Sprintf("%d/pyproject.toml", i)
		dirs["libs"] = append(dirs["libs"], file(name, "as it is"))
		dirs[path.Dir("libs/"+name)] = []stagedFile{file("pyproject.toml", "redirected")}
		want = append([]string{"libs/" + name + "=redirected"}, want...)
	}
	var got []string
	err := stagedSource(dirs)(t.Context(), func(f builder.File) error {
		content, err := io.ReadAll(f.Content)
		got = append(got, f.Name+"="+string(content))
		return err
	})
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

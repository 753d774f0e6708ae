package packager

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// link makes a symbolic link in the working tree.
func (w *world) link(name, to string) {
	w.t.Helper()
	file := filepath.Join(w.worktree, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Symlink(filepath.FromSlash(to), file); err != nil {
		w.t.Fatal(err)
	}
}

// A symbolic link that include: names becomes what it leads to, as one that git tracks does.
func TestIncludedLinks(t *testing.T) {
	w := newWorld(t)
	w.services[0].Options.Include = []string{"/generated/", "/one.py", "/whole", "/some/*.py", "/linked/"}
	for name, text := range map[string]string{
		"out/a.py": "a", "out/deep/b.py": "b", "out/.env": "S", "out/no.txt": "no", "elsewhere/f": "f", "libs/core/unrelated": "",
	} {
		w.write(name, text)
	}
	for name, to := range map[string]string{
		"generated/a.py": "../../../out/a.py", "generated/way": "../../../out/deep", "generated/f": "../dir/../f", "dir": "../../elsewhere/sub",
		"one.py": "dir/../f", "whole": "../../out", "some": "../../out", "linked": "../../out/deep", "generated/env": "../../../out/.env",
		"unnamed": "../../../../etc", "node_modules/gone": "gone",
	} {
		w.link("services/posts/"+name, to)
	}
	w.write("elsewhere/sub/x", "x")
	w.write("services/posts/f", "own")
	results := w.run()
	got := w.contents(results["posts"], "generated", "one", "whole", "some", "linked", "unnamed", "node")
	want := map[string]string{
		"generated/a.py": "a", "generated/way/b.py": "b", "generated/f": "f", "one.py": "f", "whole/a.py": "a", "whole/deep/b.py": "b",
		"whole/no.txt": "no", "some/a.py": "a", "linked/b.py": "b",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if len(results["posts"].Unmatched) > 0 {
		t.Errorf("unmatched: %q", results["posts"].Unmatched)
	}
	w.want(w.run(), "posts unchanged, users unchanged")
	w.write("out/deep/b.py", "c")
	w.want(w.run(), "posts packaged, users unchanged")
}

// What a link that include: names cannot lead to.
func TestIncludedLinksThatAreRefused(t *testing.T) {
	for to, says := range map[string]string{
		"../../../../etc": "services/posts/made/x: a symbolic link that leads out of the repository, to ../../../../etc",
		"/etc/hosts":      "services/posts/made/x: a symbolic link that leads out of the repository, to /etc/hosts",
		"gone":            "services/posts/made/x: a symbolic link to services/posts/made/gone, which is not in the working tree",
		"x":               "services/posts/made/x: a symbolic link that leads in a circle",
		".":               "services/posts/made/x: a symbolic link to a directory that it is in",
		"../../../.git/a": ".git: it is git's own, and no file of the project",
	} {
		w := newWorld(t)
		w.services[0].Options.Include = []string{"/made/"}
		w.write(".git/a", "token")
		w.link("services/posts/made/x", to)
		results := w.run()
		w.want(results, "posts failed, users packaged")
		if err := results["posts"].Err; !as[*StageError](err) || err.Error() != says {
			t.Errorf("got  %v\nwant %s", err, says)
		}
		w.files["services/posts/made/x"] = "tracked, and so the commit's"
		w.want(w.run(), "posts packaged, users unchanged")
	}
}

// A pattern that names nothing is told, whether the artifact is made or not.
func TestPatternsThatNameNothing(t *testing.T) {
	w := newWorld(t)
	w.services[0].Options.Include = []string{"/generated/", "*.pb2.py", "!never.py", "# a comment", "/.env", "/src/*.py"}
	w.write("libs/core/core/b.pb2.py", "b = 1\n")
	w.write("services/posts/.env", "S")
	for _, want := range []string{"posts packaged, users packaged", "posts unchanged, users unchanged"} {
		results := w.run()
		w.want(results, want)
		if got := results["posts"].Unmatched; !slices.Equal(got, []string{"/generated/", "/.env", "/src/*.py"}) {
			t.Errorf("got %q", got)
		}
		if got := results["users"].Unmatched; len(got) > 0 {
			t.Errorf("users: %q", got)
		}
	}
	w.write("services/posts/generated/a.py", "")
	if got := strings.Join(w.run()["posts"].Unmatched, " "); got != "/.env /src/*.py" {
		t.Errorf("got %q", got)
	}
}

// Files of a service within another are that one's own.
func TestGeneratedFilesOfNestedServices(t *testing.T) {
	w := newWorld(t)
	w.services[0].Without = []string{"services/posts/admin"}
	w.services[0].Options.Include = []string{"*.pb2.py"}
	w.write("services/posts/admin/a.pb2.py", "")
	w.write("services/posts/b.pb2.py", "")
	results := w.run()
	if names := w.names(results["posts"]); slices.Contains(names, "admin/a.pb2.py") || !slices.Contains(names, "b.pb2.py") {
		t.Errorf("got %q", names)
	}
	w.want(w.run(), "posts unchanged, users unchanged")
}

// What is excluded does not go into the artifact, but a library is built by its manifest and what that names all the same.
func TestExcludeLeavesLibrariesTheirManifests(t *testing.T) {
	w := newWorld(t)
	for i := range w.services {
		w.services[i].Options.Exclude = []string{"pyproject.toml", "tools/", "*.md", "*.txt", "VERSION", "tests/", "secret.py"}
	}
	edit("libs/core/pyproject.toml", "[build-system]", "readme = 'docs/INTRO.md'\n[tool.setuptools.dynamic]\nversion = {file = ['VERSION']}\n[build-system]")(w)
	for _, name := range []string{"docs/INTRO.md", "docs/OTHER.md", "VERSION", "setup.cfg", "LICENSE.txt", "core/secret.py", "core/tests/a.py", "core/a.py"} {
		w.files["libs/core/"+name] = ""
	}
	w.files["libs/core/setup.cfg"] = "[metadata]\nlicense = file: LICENSE.txt\n"
	edit("libs/core/tools/backend.py", `print("building in", os.getcwd())`, `found = sorted(glob.glob("**/*", recursive=True))
    print("building with", found)
    for name in ("docs/INTRO.md", "VERSION", "LICENSE.txt"):
        assert name in found, found
    for name in ("docs/OTHER.md", "core/secret.py", "core/tests/a.py"):
        assert name not in found, found`)(w)
	results := w.run()
	w.want(results, "posts packaged, users packaged")
	names := w.names(results["users"])
	for _, no := range []string{"pyproject.toml", "core/secret.py", "core/tests/a.py"} {
		if slices.Contains(names, no) {
			t.Errorf("it has %s", no)
		}
	}
	if !slices.Contains(names, "core/a.py") || !slices.Contains(names, "core-1.0.dist-info/METADATA") {
		t.Errorf("got %q", names)
	}
	w.files["libs/core/VERSION"] = "2" // it is staged, and so in the key
	w.want(w.run(), "posts packaged, users packaged")
}

// A directory may have any name that the disk takes.
func TestGeneratedFilesInADirectoryThatIsNotUTF8(t *testing.T) {
	w := newWorld(t)
	const dir = "services/posts/generated/\xff"
	if err := os.MkdirAll(filepath.Join(w.worktree, filepath.FromSlash(dir)), 0o777); err != nil {
		t.Skip("this disk takes no such name")
	}
	w.services[0].Options.Include = []string{"*.pb2.py"}
	w.write(dir+"/a.txt", "")
	w.write("services/posts/b.pb2.py", "")
	if names := w.names(w.run()["posts"]); !slices.Contains(names, "b.pb2.py") {
		t.Errorf("got %q", names)
	}
}

package packager

import (
	"archive/zip"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
)

// contents gives the files of an artifact whose names begin with one of some prefixes.
func (w *world) contents(r Result, prefixes ...string) map[string]string {
	w.t.Helper()
	if r.Err != nil {
		w.t.Fatal(r.Err)
	}
	z, err := zip.OpenReader(r.Artifact)
	if err != nil {
		w.t.Fatal(err)
	}
	defer z.Close()
	files := make(map[string]string)
	for _, f := range z.File {
		if !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(f.Name, p) }) {
			continue
		}
		data, err := fs.ReadFile(z, f.Name)
		if err != nil {
			w.t.Fatal(err)
		}
		files[f.Name] = string(data)
	}
	return files
}

// What is called .env… stays out, whatever part of a path it is, and whatever link leads to it.
func TestSecretsStayOut(t *testing.T) {
	w := newWorld(t)
	w.services[0].Options.Include = []string{"/made/"}
	for name, text := range map[string]string{
		".env": "S", ".ENV": "S", ".env.local": "S", ".envs/.production/.django": "S", ".Env.d/secret": "S", "sub/.env.d/deep/secret": "S",
		"conf@": ".env", "confd@": ".envs", "deep@": ".envs/.production/.django", "by@": "sub/way", "sub/way@": "../.env",
		"root@": "../../.env", "shared@": "../../shared", "gone@": ".env.gone", "not.env": "x", "env/file": "x",
	} {
		w.files["services/posts/"+name] = text
	}
	w.files[".env"] = "S"
	w.files["shared/.envrc"] = "S"
	w.files["shared/.envs/a"] = "S"
	w.files["shared/b"] = "x"
	w.files["shared/c@"] = ".envs/a"
	w.files["libs/.env2"] = "y = 'S'\n"
	w.files["libs/core/core/cfg.py@"] = "../../.env2"
	w.files["libs/.env3/data"] = "S"
	edit("libs/core/pyproject.toml", "[build-system]", "[tool.hatch.build.force-include]\n'../.env2' = 'core/e.py'\n'../.env3' = 'core/e'\n[build-system]")(w)
	edit("libs/core/tools/backend.py", `print("building in", os.getcwd())`, `assert os.listdir("..") == ["core"], os.listdir("..")`)(w)
	w.files["libs/core/core/.env.py"] = "y = 'S'\n"
	w.write("services/posts/made/.envs/a", "S")
	w.write("services/posts/made/a", "x")
	for name, text := range w.contents(w.run()["posts"], "") {
		if strings.Contains(text, "S") && !strings.Contains(name, "dist-info") {
			t.Errorf("%s is in the artifact", name)
		}
	}
	got := w.contents(w.run()["posts"], "not", "env", "shared", "made", ".", "conf", "root", "by", "gone", "sub", "core/cfg")
	want := map[string]string{"not.env": "x", "env/file": "x", "shared/b": "x", "made/a": "x"}
	if !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A service whose own directory is called so has its files nevertheless.
func TestDirectoryCalledLikeASecret(t *testing.T) {
	w := newWorld(t)
	w.files[".envs/mail/a.py"] = "x"
	w.files[".envs/mail/b.py@"] = "../../.envs/mail/a.py"
	w.services = append(w.services[:1:1], Service{Name: "mail", Path: ".envs/mail", Options: w.options()})
	if got := w.contents(w.run()["mail"], ""); got["a.py"] != "x" || got["b.py"] != "x" {
		t.Errorf("got %q", got)
	}
}

// Links are resolved as the operating system does: what is ".." depends on where the links before it led.
func TestLinksThroughLinks(t *testing.T) {
	w := newWorld(t)
	for name, text := range map[string]string{
		"services/posts/f": "own", "other/f": "other's", "other/deep/g": "g", "other/deep/up@": "../f", "other/chain@": "deep",
		"services/posts/dl@": "../../other/deep", "services/posts/x@": "dl/../f", "services/posts/y@": "dl/g",
		"services/posts/z@": "./dl//up", "services/posts/c@": "../../other/chain/up", "services/posts/d@": "dl/./", "services/posts/e@": "dl/..",
	} {
		w.files[name] = text
	}
	posts := w.run()["posts"]
	want := map[string]string{
		"c": "other's", "d/g": "g", "d/up": "other's", "dl/g": "g", "dl/up": "other's", "e/chain/g": "g", "e/chain/up": "other's",
		"e/deep/g": "g", "e/deep/up": "other's", "e/f": "other's", "f": "own", "x": "other's", "y": "g", "z": "other's",
	}
	got := w.contents(posts, "")
	maps.DeleteFunc(got, func(name, _ string) bool { return want[name] == "" && !strings.Contains(name, "/") })
	maps.DeleteFunc(got, func(name, _ string) bool { return strings.HasPrefix(name, "core") || strings.HasPrefix(name, "dep") })
	if !maps.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	w.want(w.run(), "posts unchanged, users unchanged")
}

// Each link on the way decides, the directory that ".." leads out of too.
func TestLinksOnTheWayAreNoted(t *testing.T) {
	w := newWorld(t)
	w.files["other/a/f"], w.files["other/b/c/d"], w.files["other/b/f"] = "a", "d", "b"
	w.files["other/way/to"] = "x"
	w.files["other/f"] = "f"
	w.files["services/posts/x@"] = "../../other/way/../f"
	if got := w.contents(w.run()["posts"], "x"); got["x"] != "f" {
		t.Fatalf("got %q", got)
	}
	delete(w.files, "other/way/to")
	w.files["other/way@"] = "b/c"
	results := w.run()
	w.want(results, "posts packaged, users unchanged")
	if got := w.contents(results["posts"], "x"); got["x"] != "b" {
		t.Errorf("got %q", got)
	}
	w.files["other/way@"] = "a"
	w.files["other/f"] = "g"
	if got := w.contents(w.run()["posts"], "x"); got["x"] != "g" {
		t.Errorf("got %q", got)
	}
}

// A path dependency may be a link to a directory, or below one: another target is another library.
func TestLinkedLibrary(t *testing.T) {
	w := newWorld(t)
	move := func(to string) {
		for name, text := range maps.Clone(w.files) {
			if rest, ok := strings.CutPrefix(name, "libs/core/"); ok {
				w.files[to+"/"+rest] = text
			}
		}
	}
	move("versions/1")
	move("versions/2")
	maps.DeleteFunc(w.files, func(name, _ string) bool { return strings.HasPrefix(name, "libs/") })
	w.files["versions/2/core/__init__.py"] = "y = 3\n"
	w.files["libs@"] = "versions/named"
	w.files["versions/named/core@"] = "../1"
	if got := w.contents(w.run()["posts"], "core/"); got["core/__init__.py"] != "y = 2\n" {
		t.Fatalf("got %q", got)
	}
	w.want(w.run(), "posts unchanged, users unchanged")
	w.files["versions/named/core@"] = "../2"
	if got := w.contents(w.run()["posts"], "core/"); got["core/__init__.py"] != "y = 3\n" {
		t.Errorf("got %q", got)
	}
	for target, says := range map[string]string{
		"../3":     "versions/named/core: a symbolic link to versions/3, which is not in the commit",
		"../../..": "versions/named/core: a symbolic link that leads out of the repository, to ../../..",
	} {
		w.files["versions/named/core@"] = target
		err := w.run()["posts"].Err
		var staging *StageError
		if !errors.As(err, &staging) || staging.Optional || err.Error() != says {
			t.Errorf("got  %v\nwant %s", err, says)
		}
	}
}

func TestLinksThatAreRefused(t *testing.T) {
	for says, files := range map[string]map[string]string{
		"services/posts/x: a symbolic link through services/posts/handler.py, which is no directory":       {"x@": "handler.py/../handler.py"},
		"services/posts/s: a symbolic link through services/posts/handler.py, which is no directory":       {"s@": "handler.py/"},
		"services/posts/x: a symbolic link that leads out of the repository, to ../../../posts/handler.py": {"x@": "../../../posts/handler.py"},
		"services/posts/y: a symbolic link that leads out of the repository, to l/../../../e":              {"l@": "../../libs", "y@": "l/../../../e"},
		"services/posts/x: a symbolic link that leads out of the repository, to /etc/passwd":               {"x@": "/etc/passwd"},
		"services/posts/x: a symbolic link to services/posts/no, which is not in the commit":               {"x@": "no/../handler.py"},
		"services/posts/x: a symbolic link that leads in a circle":                                         {"x@": "y/z", "y@": "x"},
		"services/posts/in/x: a symbolic link to a directory that it is in":                                {"in/x@": "../in/."},
		"services/posts/x: a symbolic link through other/v, which is no directory":                         {"x@": "../../other/v/a", "../../other/v#": "1"},
		"other/y: a symbolic link that leads out of the repository, to ../../out":                          {"x@": "../../other", "../../other/y@": "../../out"},
	} {
		w := newWorld(t)
		for name, text := range files {
			if outer, ok := strings.CutPrefix(name, "../../"); ok {
				w.files[outer] = text
				continue
			}
			w.files["services/posts/"+name] = text
		}
		results := w.run()
		w.want(results, "posts failed, users packaged")
		if err := results["posts"].Err; !as[*StageError](err) || err.Error() != says {
			t.Errorf("got  %v\nwant %s", err, says)
		}
	}
}

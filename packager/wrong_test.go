package packager

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/python/target"
	"github.com/monoplan/monoplan/packager/assemble"
	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/closure"
	"github.com/monoplan/monoplan/packager/index"
	"github.com/monoplan/monoplan/packager/wheel"
)

// wrong is something that goes wrong with the service posts.
type wrong struct {
	// breaks makes it so, and mends makes it good again.
	breaks, mends func(w *world)
	// is reports whether an error is the one that is due, and says is what it says.
	is   func(error) bool
	says string
}

func as[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

// unknown has posts depend on a wheel that no store has.
func unknown(w *world) { publish(map[string]string{"dep.py": "# " + w.t.TempDir()})(w) }

// answer has the index answer every request so.
func answer(status int) func(*world) {
	return func(w *world) {
		unknown(w)
		w.index.breaks(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status) })
	}
}

func mendIndex(w *world) { w.index.breaks(nil) }

// otherBytes has the index give other bytes than the lock names.
func otherBytes(w *world) {
	unknown(w)
	w.index.breaks(func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte("something else")) })
}

// publish has posts depend on a wheel of these files.
func publish(files map[string]string) func(*world) {
	return func(w *world) {
		w.index.files = map[string][]byte{}
		w.index.add("dep", "1.0", files)
		w.service("posts", []string{"dep"}, []string{"core"})
	}
}

// requirements has posts locked by a requirements.txt with one hash, or the right one.
func requirements(pin, hash string) func(*world) {
	return func(w *world) {
		if _, right := w.index.file("dep"); hash == "" {
			hash = right
		}
		delete(w.files, "services/posts/pyproject.toml")
		delete(w.files, "services/posts/uv.lock")
		w.files["services/posts/requirements.txt"] = "# what posts needs\n" + pin + " --hash=sha256:" + hash + "\n"
	}
}

func unpinned(w *world) {
	delete(w.files, "services/posts/requirements.txt")
	sound(w)
}

var sound = publish(map[string]string{"dep.py": "x = 1\n"})

func edit(file, old, new string) func(*world) {
	return func(w *world) {
		if !strings.Contains(w.files[file], old) {
			w.t.Fatalf("%s has no %q", file, old)
		}
		w.files[file] = strings.Replace(w.files[file], old, new, 1)
	}
}

// TestWhatGoesWrong breaks one service, and sees to it that there is one clear error, that the other service has its
// artifact, that nothing half-written is left, and that the next run is right.
func TestWhatGoesWrong(t *testing.T) {
	for name, test := range map[string]wrong{
		"an index that fails":                 {answer(500), mendIndex, as[*index.StatusError], "500"},
		"an index that refuses":               {answer(401), mendIndex, as[*index.AuthError], "401"},
		"a file that is gone":                 {answer(404), mendIndex, as[*index.NotFoundError], "dep-1.0-py3-none-any.whl"},
		"other bytes":                         {otherBytes, mendIndex, as[*index.HashError], "dep-1.0-py3-none-any.whl"},
		"a wheel that leads out":              {publish(map[string]string{"../evil.py": ""}), sound, as[*wheel.Error], "evil.py"},
		"a wheel with the service's own file": {publish(map[string]string{"handler.py": "other"}), sound, as[*assemble.ConflictError], "handler.py"},
		"a lock that is stale": {
			edit("services/posts/pyproject.toml", `"dep",`, `"dep","six",`), edit("services/posts/pyproject.toml", `"dep","six",`, `"dep",`),
			as[*closure.StaleError], "services/posts/uv.lock",
		},
		"a lock that is gone": {
			func(w *world) { delete(w.files, "services/posts/uv.lock") }, sound, as[*closure.NoLockError], "services/posts/pyproject.toml",
		},
		"install: poetry for what Poetry does not read": {
			func(w *world) {
				requirements("dep==1.0", "")(w)
				w.services[0].Options.Install = true
			},
			func(w *world) { w.services[0].Options.Install = false }, as[*InstallError],
			"services/posts/requirements.txt: install: poetry needs what is not there: a pyproject.toml, a poetry.lock",
		},
		"install: poetry with a manifest of other tools": {
			func(w *world) {
				requirements("dep==1.0", "")(w)
				w.files["services/posts/pyproject.toml"] = "[tool.black]\n"
				w.services[0].Options.Install = true
			},
			func(w *world) { w.services[0].Options.Install = false }, as[*InstallError],
			"services/posts/pyproject.toml: install: poetry needs what is not there: [project] or [tool.poetry] in pyproject.toml, a poetry.lock",
		},
		"install: poetry with another lock": {
			func(w *world) { w.services[0].Options.Install = true },
			func(w *world) { w.services[0].Options.Install = false }, as[*InstallError],
			"services/posts/pyproject.toml: install: poetry needs what is not there: a poetry.lock",
		},
		"install: poetry for a setup.py": {
			func(w *world) {
				requirements("dep==1.0", "")(w)
				delete(w.files, "services/posts/requirements.txt")
				w.files["services/posts/setup.py"] = "setup(install_requires=['dep'])"
				w.services[0].Options.Install = true
			},
			func(w *world) { w.services[0].Options.Install = false }, as[*InstallError], "services/posts/setup.py: install: poetry needs",
		},
		"a version that the file is not of": {
			edit("services/posts/uv.lock", "name = \"dep\"\nversion = \"1.0\"", "name = \"dep\"\nversion = \"1.1\""), sound, as[*closure.OtherVersionError],
			"services/posts/uv.lock:6: dep is locked at 1.1, and its files are of another version: dep-1.0-py3-none-any.whl",
		},
		"a pin that the hash is not of": {requirements("dep==1.1", ""), unpinned, as[*closure.OtherVersionError], "services/posts/requirements.txt:2: dep is locked at 1.1"},
		"a hash that the index does not have": {
			requirements("dep==1.0", strings.Repeat("1", 64)), unpinned, as[*index.UnmatchedError],
			"lists no file of dep 1.0 with one of the lock's hashes",
		},
		"a wheel for later Pythons": {
			publish(map[string]string{"dep.py": "x = 1\n", "METADATA": "Requires-Python: >=3.99\n"}), sound, as[*closure.PythonError],
			"services/posts/uv.lock:6: dep is for python >=3.99, and the target has 3.",
		},
		"a wheel for later Pythons, in requirements": {
			func(w *world) {
				publish(map[string]string{"dep.py": "x = 1\n", "METADATA": "Requires-Python: >=3.99\n"})(w)
				requirements("dep==1.0", "")(w)
			},
			unpinned, as[*closure.PythonError], "services/posts/requirements.txt:2: dep is for python >=3.99, and the target has 3.",
		},
		"a library for later Pythons": {
			func(w *world) {
				w.library("libs/more", "more")
				w.service("posts", []string{"dep"}, []string{"core", "more"})
				edit("libs/more/pyproject.toml", "version = \"1.0\"\n", "version = \"1.0\"\nrequires-python = \">=3.99\"\n")(w)
			},
			func(w *world) { w.library("libs/more", "more") },
			as[*closure.PythonError], "libs/more/pyproject.toml:4: more is for python >=3.99, and the target has 3.",
		},
		"a lock that is broken": {edit("services/posts/uv.lock", "version", "= version"), sound, func(err error) bool { return err != nil }, "services/posts/uv.lock:1"},
		"a library that asks for more": {
			func(w *world) {
				w.library("libs/more", "more")
				w.service("posts", []string{"dep"}, []string{"core", "more"})
				edit("libs/more/pyproject.toml", "version = \"1.0\"\n", "version = \"1.0\"\ndependencies = [\"six\"]\n")(w)
			},
			edit("libs/more/pyproject.toml", "dependencies = [\"six\"]\n", ""),
			as[*closure.MismatchError], "libs/more/pyproject.toml:4",
		},
		"a library that asks for more when it is built": {
			func(w *world) {
				w.library("libs/more", "more")
				w.service("posts", []string{"dep"}, []string{"core", "more"})
				edit("libs/more/tools/backend.py", `Version: %s\n" %`, `Version: %s\nRequires-Dist: six>=1\n" %`)(w)
			},
			func(w *world) { w.library("libs/more", "more") },
			as[*closure.MismatchError], "libs/more/pyproject.toml: more needs six >=1, which is not in the lock",
		},
		"a backend that fails": {
			func(w *world) {
				w.library("libs/broken", "broken")
				w.service("posts", []string{"dep"}, []string{"core", "broken"})
				edit("libs/broken/tools/backend.py", `print("building in", os.getcwd())`, `sys.exit("no compiler")`)(w)
			},
			func(w *world) { w.library("libs/broken", "broken") }, as[*builder.BackendError], "no compiler",
		},
		"a backend that makes another": {
			func(w *world) {
				w.library("libs/broken", "broken")
				w.service("posts", []string{"dep"}, []string{"core", "broken"})
				edit("libs/broken/tools/backend.py", `name, version = project["name"]`, `name, version = "other"`)(w)
			},
			func(w *world) { w.library("libs/broken", "broken") }, as[*BuiltError], "other-1.0-py3-none-any.whl",
		},
		"a version that is made up": {
			func(w *world) {
				w.library("libs/more", "more")
				w.service("posts", []string{"dep"}, []string{"core", "more"})
				edit("libs/more/pyproject.toml", "[build-system]", "[tool.setuptools.dynamic]\nversion = {file = '../VERSION'}\n[build-system]")(w)
				edit("libs/more/tools/backend.py", `project["version"]`, `open("../VERSION").read() if os.path.exists("../VERSION") else "0.0.0"`)(w)
			},
			func(w *world) { w.files["libs/VERSION"] = "1.0" }, as[*VersionError],
			"libs/more/pyproject.toml: the version of more comes from libs/VERSION, which is not in the commit",
		},
		"nothing builds": {
			func(w *world) {
				w.library("libs/more", "more")
				w.service("posts", []string{"dep"}, []string{"core", "more"})
				w.services[0].Options.Builder = "none"
			},
			func(w *world) { w.services[0].Options.Builder = "local" }, as[*builder.RefusedError], "more 1.0 (path dependency libs/more)",
		},
		"a builder that is not there": {
			func(w *world) {
				w.library("libs/more", "more")
				w.service("posts", []string{"dep"}, []string{"core", "more"})
				w.services[0].Options.Builder = "docker"
			},
			func(w *world) { w.services[0].Options.Builder = "local" }, as[*BuilderError], "docker",
		},
		"a library that is gone": {
			func(w *world) { w.service("posts", []string{"dep"}, []string{"core", "absent"}) },
			func(w *world) { w.library("libs/absent", "absent") }, as[*GoneError],
			"services/posts/uv.lock:19: absent is locked as libs/absent, which is not in the commit",
		},
		"no Python said": {
			func(w *world) { w.services[0].Options.Target = target.Target{} },
			func(w *world) { w.services[0].Options = w.options() }, as[*TargetError], "for which Python",
		},
		"a link that leads out": {
			func(w *world) { w.files["services/posts/etc@"] = "../../../etc" }, func(w *world) { delete(w.files, "services/posts/etc@") }, as[*StageError], "services/posts/etc",
		},
		"a link to nothing": {
			func(w *world) { w.files["services/posts/x@"] = "absent" }, func(w *world) { delete(w.files, "services/posts/x@") }, as[*StageError], "services/posts/absent",
		},
		"a link to itself": {
			func(w *world) { w.files["services/posts/x@"] = "x" }, func(w *world) { delete(w.files, "services/posts/x@") }, as[*StageError], "circle",
		},
		"a submodule": {
			func(w *world) { w.files["services/posts/vendored#"] = "1" }, func(w *world) { delete(w.files, "services/posts/vendored#") }, as[*StageError], "submodule",
		},
		"a service that is gone": {
			func(w *world) { w.services[0].Path = "services/absent" }, func(w *world) { w.services[0].Path = "services/posts" }, as[*StageError], "services/absent",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			test.breaks(w)
			results := w.run()
			w.want(results, "posts failed, users packaged")
			posts := results["posts"]
			if posts.Err == nil || !test.is(posts.Err) || !strings.Contains(posts.Err.Error(), test.says) {
				t.Errorf("the error is %T: %v", posts.Err, posts.Err)
			}
			for _, file := range []string{stableFile("posts"), serviceFile("posts", stateFile), serviceFile("posts", manifestFile)} {
				if _, err := os.Stat(filepath.Join(w.config.Output, file)); err == nil {
					t.Errorf("there is a %s", file)
				}
			}
			w.want(w.run(), "posts failed, users unchanged")
			test.mends(w)
			w.want(w.run(), "posts packaged, users unchanged")
		})
	}
}

// What failed keeps the artifact of the run before.
func TestFailureKeepsTheArtifactBefore(t *testing.T) {
	w := newWorld(t)
	before := w.run()["posts"]
	w.files["services/posts/handler.py"] += "# more\n"
	publish(map[string]string{"handler.py": "other"})(w)
	w.want(w.run(), "posts failed, users unchanged")
	if !hasSum(before.Artifact, before.Code.SHA256) {
		t.Error("the artifact of the run before is gone")
	}
}

func TestOffline(t *testing.T) {
	w := newWorld(t)
	w.store = t.TempDir()
	offline := func(c *Config) { c.Index.Offline = true }
	results := w.runWith(t.Context(), offline)
	w.want(results, "posts failed, users packaged")
	if !as[*index.OfflineError](results["posts"].Err) {
		t.Errorf("got %v", results["posts"].Err)
	}
	w.run()
	w.files["services/posts/handler.py"] += "# more\n"
	w.want(w.runWith(t.Context(), offline), "posts packaged, users unchanged")
}

// An interrupt ends what is under way, leaves nothing half-written, and the next run is right.
func TestInterrupt(t *testing.T) {
	for name, begins := range map[string]EventKind{"while a wheel is fetched": FetchBegins, "while a wheel is built": BuildBegins} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.store = t.TempDir()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			results := w.runWith(ctx, func(c *Config) {
				c.Progress = func(e Event) {
					if e.Kind == begins {
						cancel()
					}
				}
			})
			if err := results["posts"].Err; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			w.want(w.run(), "posts packaged, users packaged")
		})
	}
}

func TestTooLargeForLambda(t *testing.T) {
	w := newWorld(t)
	w.services[0].Options.Include = []string{"*.bin"}
	for _, name := range []string{"a.bin", "b.bin"} {
		w.write("services/posts/"+name, "")
		if err := os.Truncate(filepath.Join(w.worktree, "services/posts", name), assemble.MaxUnpacked/2); err != nil {
			t.Fatal(err)
		}
	}
	results := w.run()
	w.want(results, "posts failed, users packaged")
	if !as[*assemble.LimitError](results["posts"].Err) || !strings.Contains(results["posts"].Err.Error(), "its own code 262 MB") {
		t.Errorf("got %v", results["posts"].Err)
	}
	if zips, _ := filepath.Glob(filepath.Join(w.config.Output, "posts", "*.zip")); len(zips) > 0 {
		t.Errorf("there are %q", zips)
	}
	w.write("services/posts/b.bin", "")
	w.want(w.run(), "posts packaged, users unchanged")
}

// An archive that Lambda takes by way of S3 alone is packaged, and says so, however often it is asked.
func TestTooLargeForDirectUpload(t *testing.T) {
	w := newWorld(t)
	w.services[0].Options.Include = []string{"*.bin"}
	data := make([]byte, assemble.MaxDirectUpload)
	if _, err := rand.NewChaCha8([32]byte{}).Read(data); err != nil {
		t.Fatal(err)
	}
	w.write("services/posts/a.bin", string(data))
	for _, outcome := range []string{"packaged", "unchanged"} {
		results := w.run()
		w.want(results, "posts "+outcome+", users "+outcome)
		large := results["posts"].Upload
		if len(large) != 1 || !strings.HasPrefix(large[0].Error(), "52 MB zipped, and Lambda takes 52 MB without S3; its own code 52 MB") {
			t.Errorf("%s: got %v", outcome, large)
		}
		if more := results["users"].Upload; len(more) > 0 {
			t.Errorf("%s: got %v", outcome, more)
		}
	}
}

// Where artifacts cannot be written, that is the error, of each service.
func TestOutputThatIsNoDirectory(t *testing.T) {
	w := newWorld(t)
	w.write(".monoplan", "a file")
	results := w.run()
	w.want(results, "posts failed, users failed")
	if err := results["users"].Err; !strings.Contains(err.Error(), ".monoplan") {
		t.Errorf("got %v", err)
	}
	if err := os.Remove(w.config.Private); err != nil {
		t.Fatal(err)
	}
	w.want(w.run(), "posts packaged, users packaged")
}

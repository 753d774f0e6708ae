package builder_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/dockertest"
	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/index"
	"github.com/monoplan/monoplan/packager/store"
	"github.com/monoplan/monoplan/packager/wheel"
)

// fetcher gets tools from an index, into a store of the test's own.
func fetcher(t *testing.T) func(context.Context, builder.Tool) (string, error) {
	t.Helper()
	environment, err := index.ReadEnvironment(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	client, err := index.New(index.Config{Store: s, Environment: environment})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return func(ctx context.Context, tool builder.Tool) (string, error) {
		f, err := client.Fetch(ctx, index.Request{Package: tool.Name, File: tool.File, Hashes: []string{"sha256:" + tool.SHA256}})
		if err != nil {
			dockertest.Missing(t, "an index cannot be asked here: "+err.Error())
		}
		return f.Path, err
	}
}

// A backend without an environment makes the wheel that it makes in one, byte for byte but for where it was built.
func TestWheelByTools(t *testing.T) {
	short := builder.NewLocal(os.Environ(), t.TempDir())
	defer short.Close()
	long := newLocal(t)
	fetch := fetcher(t)
	for _, name := range []string{"poetry-core", "flit", "hatchling"} {
		t.Run(name, func(t *testing.T) {
			b := builder.Build{
				Name: "lib", Version: "1.0", Why: "path dependency lib", Python: builder.HostPython(t), Source: files(projects[name]), Project: "lib",
				Out: t.TempDir(), Temp: t.TempDir(), Fetch: fetch,
			}
			quick, err := short.Build(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			if builder.Environments(short) != 0 {
				t.Error("an environment was made")
			}
			slow, log, err := build(t, long, files(projects[name]), "lib")
			var failed *builder.BackendError
			if errors.As(err, &failed) && failed.Installing {
				dockertest.Missing(t, "build requirements cannot be installed here: "+failed.Tail)
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, log)
			}
			if filepath.Base(quick) != filepath.Base(slow) || !bytes.Equal(normal(t, quick), normal(t, slow)) {
				t.Errorf("%s and %s differ", quick, slow)
			}
		})
	}
}

// normal gives a wheel without the traces of where it was built.
func normal(t *testing.T, file string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), filepath.Base(file))
	if err := wheel.Normalise(file, out); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Where tools cannot be had the long way is gone, and what a backend says is not lost on it.
func TestWithoutTools(t *testing.T) {
	project := strings.Replace(projects["flit"], `description = "a library"`, "", 1)
	for what, c := range map[string]struct {
		fetch func(context.Context, builder.Tool) (string, error)
		want  string
	}{
		"no tools": {func(context.Context, builder.Tool) (string, error) { return "", errors.New("no index") }, "installing"},
		"tools":    {fetcher(t), "build_wheel"},
	} {
		t.Run(what, func(t *testing.T) {
			l := builder.NewLocal(append(os.Environ(), "PIP_NO_INDEX=1", "PIP_FIND_LINKS=", "UV_OFFLINE=1", "UV_CACHE_DIR="+t.TempDir()), t.TempDir())
			defer l.Close()
			_, err := l.Build(t.Context(), builder.Build{
				Name: "lib", Version: "1.0", Why: "path dependency lib", Python: builder.HostPython(t), Source: files(project), Project: "lib",
				Out: t.TempDir(), Temp: t.TempDir(), Fetch: c.fetch,
			})
			var failed *builder.BackendError
			if !errors.As(err, &failed) || !strings.HasPrefix(failed.Step, c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestToolsFor(t *testing.T) {
	for requires, want := range map[string]int{
		"poetry-core>=1.0.0": 1, "poetry_core<2": 1, "hatchling": 6, "flit_core >=3.2,<4": 1,
		"hatchling[x]": 0, "hatchling; python_version > '3'": 0, "hatchling>=2": 0, "setuptools": 0, "poetry-core @ https://example.com/p.whl": 0,
		"poetry-core<1.1": 0, "": 0,
	} {
		if got := builder.ToolsFor([]string{requires}); len(got) != want {
			t.Errorf("%q: %v", requires, got)
		}
	}
	if got := builder.ToolsFor([]string{"hatchling", "hatch-vcs"}); got != nil {
		t.Errorf("two requirements: %v", got)
	}
}

package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/packager/builder"
)

// The embedded file is one that docker build takes too: what is followed here is all that it has.
func TestDockerfile(t *testing.T) {
	stages, err := parseDockerfile(dockerfile)
	if err != nil {
		t.Fatal(err)
	}
	if len(stages) != 2 || stages[0].name != "wheels" || stages[0].from != "${BASE}" || stages[1].name != "poetry" || stages[1].from != "wheels" {
		t.Fatalf("got %+v", stages)
	}
	arguments := wanted{}.arguments()
	for _, st := range stages {
		for _, arg := range st.args {
			if _, ok := arguments[arg]; !ok {
				t.Errorf("nothing gives %s of stage %s", arg, st.name)
			}
		}
		if len(st.commands) == 0 || !strings.HasPrefix(st.commands[0], "set -eu;") || strings.Contains(st.commands[0], `\`) {
			t.Errorf("stage %s runs %q", st.name, st.commands)
		}
	}
	for _, text := range []string{"FROM x\n", "COPY . .\n", "RUN true\n", "FROM x AS y\nENV a=b\n"} {
		if _, err := parseDockerfile(text); err == nil {
			t.Errorf("%q is followed", text)
		}
	}
}

// The name of an image is that of its inputs.
func TestDigest(t *testing.T) {
	w := wanted{python: "3.12", arch: "amd64"}
	seen := map[string]bool{w.digest("base"): true}
	for _, other := range []string{w.digest("another"), wanted{python: "3.13"}.digest("base"), wanted{python: "3.12", poetry: "poetry==2"}.digest("base")} {
		if seen[other] {
			t.Error("two images have one name")
		}
		seen[other] = true
	}
	if w.digest("base") != (wanted{python: "3.12", arch: "amd64"}).digest("base") {
		t.Error("one image has two names")
	}
}

// A source becomes a tar archive, whatever the sizes of its files, and nothing of it leads out.
func TestStream(t *testing.T) {
	large := strings.Repeat("x", inMemory+10)
	list := []builder.File{
		{Name: "lib/pyproject.toml", Content: strings.NewReader("[build-system]")},
		{Name: "lib/run", Mode: 0o755, Content: strings.NewReader("#!")},
		{Name: "lib/large", Content: strings.NewReader(large)},
		{Name: "lib/link", Mode: fs.ModeSymlink, Link: "run"},
	}
	source := func(files ...builder.File) builder.Source {
		return func(_ context.Context, yield func(builder.File) error) error {
			for _, f := range files {
				if err := yield(f); err != nil {
					return err
				}
			}
			return nil
		}
	}
	var out bytes.Buffer
	s := &stream{to: tar.NewWriter(&out), kept: map[string][]byte{"lib/pyproject.toml": nil}, temp: t.TempDir()}
	if err := s.send(t.Context(), source(list...)); err != nil {
		t.Fatal(err)
	}
	if string(s.kept["lib/pyproject.toml"]) != "[build-system]" {
		t.Errorf("the manifest is %q", s.kept["lib/pyproject.toml"])
	}
	var names []string
	for archive := tar.NewReader(&out); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
		if h.Name == "lib/large" && h.Size != int64(len(large)) || h.Name == "lib/run" && h.Mode != 0o755 || h.Name == "lib/link" && h.Linkname != "run" {
			t.Errorf("got %+v", h)
		}
	}
	if want := []string{"lib/pyproject.toml", "lib/run", "lib/large", "lib/link"}; !slices.Equal(names, want) {
		t.Errorf("got %q", names)
	}
	for _, f := range []builder.File{{Name: "../x"}, {Name: "/x"}, {Name: "x", Mode: fs.ModeSymlink, Link: "../y"}, {Name: "x", Mode: fs.ModeSymlink, Link: "/y"}} {
		f.Content = strings.NewReader("")
		s := &stream{to: tar.NewWriter(io.Discard)}
		if err := s.send(t.Context(), source(f)); err == nil {
			t.Errorf("%+v is sent", f)
		}
	}
	twice := builder.File{Name: "x", Content: strings.NewReader("")}
	if err := (&stream{to: tar.NewWriter(io.Discard)}).send(t.Context(), source(twice, twice)); err == nil {
		t.Error("a file is sent twice")
	}
}

// The versions of Poetry go with the lock and the Python.
func TestPoetryOf(t *testing.T) {
	for _, c := range []struct{ series, python, want string }{
		{"1.8", "3.12", "poetry==1.8."}, {"2", "3.12", "poetry==2.5."}, {"2", "3.9", "poetry==2.2."},
	} {
		if got := poetryOf(c.series, c.python); !strings.HasPrefix(got, c.want) || strings.Count(got, "==") != 3 {
			t.Errorf("%v: got %s", c, got)
		}
	}
}

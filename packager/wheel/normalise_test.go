package wheel

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/packager/wheel/wheeltest"
)

// normalised writes a wheel, normalises it, and opens what came out.
func normalised(t *testing.T, w wheeltest.Wheel) (*Wheel, []byte) {
	t.Helper()
	in, err := w.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.whl")
	if err := Normalise(in, out); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := Open(out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { opened.Close() })
	return opened, content
}

// However a wheel was packed, the same content gives the same bytes, and they are right.
func TestNormalise(t *testing.T) {
	w := wheeltest.Wheel{
		Name: "lib", Version: "1.0", Level: 1,
		Files: map[string]string{
			"lib/__init__.py": strings.Repeat("x = 1\n", 500), "lib/run": "#!/bin/sh\n", "z.py": "", "lib/": "",
			"{info}/direct_url.json": `{"url": "file:///home/somebody/lib"}`, "{info}/INSTALLER": "pip\n",
		},
		Modes: map[string]fs.FileMode{"lib/run": 0o700, "lib/__init__.py": 0o600, "lib/": fs.ModeDir | 0o700},
		Metadata: []string{
			"Requires-Dist: core @ file:///tmp/stage/libs/core",
			"Requires-Dist: dates[tz,extra]@ file:///tmp/stage/libs/dates ; python_version >= \"3.9\"",
			"Requires-Dist: git @ git+https://example.com/x.git@main",
			"Requires-Dist: plain (>=1.0)",
			"Provides-Extra: a",
		},
	}
	first, content := normalised(t, w)
	w.Level, w.Modes["lib/run"], w.Modes["lib/__init__.py"] = 9, 0o755, 0o644
	w.Record = []string{"lib/run,,", "missing,,"} // RECORD is made anew
	w.Unrecorded = []string{"lib/run"}
	w.Files["{info}/direct_url.json"] = "{}"
	_, again := normalised(t, w)
	if !bytes.Equal(content, again) {
		t.Error("two wheels of one content are normalised to different bytes")
	}
	if _, err := first.Verify(t.Context(), ""); err != nil {
		t.Error(err)
	}
	metadata := contentOf(t, first, "lib-1.0.dist-info/METADATA")
	want := "Metadata-Version: 2.1\nName: lib\nVersion: 1.0\n" +
		"Requires-Dist: core\nRequires-Dist: dates[tz,extra] ; python_version >= \"3.9\"\n" +
		"Requires-Dist: git @ git+https://example.com/x.git@main\nRequires-Dist: plain (>=1.0)\nProvides-Extra: a\n\nThe description.\n"
	if metadata != want {
		t.Errorf("METADATA is\n%s\nwant\n%s", metadata, want)
	}
	var names []string
	for _, e := range first.archive.Entries {
		names = append(names, e.Name)
	}
	if got := strings.Join(names, " "); got != "lib-1.0.dist-info/METADATA lib-1.0.dist-info/RECORD lib-1.0.dist-info/WHEEL lib/__init__.py lib/run z.py" {
		t.Errorf("the wheel has %s", got)
	}
	_, third := normalisedAgain(t, content)
	if !bytes.Equal(content, third) {
		t.Error("normalised twice, the bytes differ")
	}
}

func normalisedAgain(t *testing.T, content []byte) (string, []byte) {
	t.Helper()
	in, out := filepath.Join(t.TempDir(), "in.whl"), filepath.Join(t.TempDir(), "out.whl")
	if err := os.WriteFile(in, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Normalise(in, out); err != nil {
		t.Fatal(err)
	}
	again, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return out, again
}

// A wheel that cannot be read to its end leaves nothing behind.
func TestNormaliseLeavesNothing(t *testing.T) {
	content, err := wheeltest.Wheel{Name: "a", Version: "1", Files: map[string]string{"a.py": "a = 1\n"}}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(content, []byte("a = 1"))
	content[i] = 'b'
	directory := t.TempDir()
	in, out := filepath.Join(directory, "in.whl"), filepath.Join(directory, "out", "out.whl")
	if err := os.WriteFile(in, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Dir(out), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Normalise(in, out); err == nil || !strings.Contains(err.Error(), `"a.py" does not have the checksum`) {
		t.Errorf("error %v, want one about a.py", err)
	}
	if left, err := os.ReadDir(filepath.Dir(out)); err != nil || len(left) > 0 {
		t.Errorf("there are %v, error %v", left, err)
	}
}

package wheel

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/packager/wheel/wheeltest"
)

// open writes a wheel and opens it.
func open(t *testing.T, w wheeltest.Wheel) (*Wheel, error) {
	t.Helper()
	if w.Name == "" {
		w.Name, w.Version = "some_thing", "1.0"
	}
	path, err := w.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	opened, err := Open(path)
	if err == nil {
		t.Cleanup(func() { opened.Close() })
	}
	return opened, err
}

func mustOpen(t *testing.T, w wheeltest.Wheel) *Wheel {
	t.Helper()
	opened, err := open(t, w)
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

// installed lists what is installed, as "path mode".
func installed(w *Wheel) []string {
	var list []string
	for _, f := range w.Files {
		mode := "plain"
		if f.Executable {
			mode = "executable"
		}
		list = append(list, f.Path+" "+mode)
	}
	return list
}

func TestLayout(t *testing.T) {
	w := mustOpen(t, wheeltest.Wheel{
		Name: "Some.Thing", Version: "1.0",
		Files: map[string]string{
			"some/":                        "",
			"some/__init__.py":             "",
			"some/tool":                    "#!/bin/sh\n",
			"{data}/purelib/some/pure.py":  "",
			"{data}/platlib/some/plat.so":  "",
			"{data}/data/share/doc/a.txt":  "",
			"{data}/headers/some.h":        "",
			"{data}/scripts/old":           "#!python -u\nprint(1)\n",
			"{data}/scripts/binary":        "\x7fELF",
			"{data}/scripts/cmd":           "#!python\nimport some\n",
			"{data}/scripts/cmd-script.py": "#!python\nimport some\n",
			"{info}/entry_points.txt":      "# comment\n[console_scripts]\ncmd = some:main [extra]\n\n[gui_scripts]\nwin = some.gui:App.run\n[other]\nx = y\n",
			"{info}/INSTALLER":             "pip\n",
			"{info}/REQUESTED":             "",
			"{info}/direct_url.json":       "{}",
			"{info}/licenses/LICENSE":      "free",
		},
		Modes: map[string]fs.FileMode{"some/tool": 0o700, "some/": fs.ModeDir | 0o755},
	})
	want := []string{
		"Some.Thing-1.0.dist-info/METADATA plain",
		"Some.Thing-1.0.dist-info/WHEEL plain",
		"Some.Thing-1.0.dist-info/entry_points.txt plain",
		"Some.Thing-1.0.dist-info/licenses/LICENSE plain",
		"bin/binary executable",
		"bin/old executable",
		"include/python/Some.Thing/some.h plain",
		"share/doc/a.txt plain",
		"some/__init__.py plain",
		"some/plat.so plain",
		"some/pure.py plain",
		"some/tool executable",
	}
	if got := installed(w); !slices.Equal(got, want) {
		t.Errorf("installed are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	scripts := []Script{{"cmd", "some", "main"}, {"win", "some.gui", "App.run"}}
	if !slices.Equal(w.Scripts, scripts) {
		t.Errorf("scripts are %v, want %v", w.Scripts, scripts)
	}
	for path, want := range map[string]string{"bin/old": Shebang + "print(1)\n", "bin/binary": "\x7fELF", "some/tool": "#!/bin/sh\n"} {
		if got := contentOf(t, w, path); got != want {
			t.Errorf("%s has %q, want %q", path, got, want)
		}
	}
	if _, err := w.Verify(t.Context(), ""); err != nil {
		t.Error(err)
	}
}

func contentOf(t *testing.T, w *Wheel, path string) string {
	t.Helper()
	i := slices.IndexFunc(w.Files, func(f File) bool { return f.Path == path })
	if i < 0 {
		t.Fatalf("there is no %s", path)
	}
	content := w.Content(w.Files[i])
	defer content.Close()
	all, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

// What is wrong with a wheel is found when it is opened or, where the bytes have to be read, when it is verified.
func TestRefused(t *testing.T) {
	file := map[string]string{"a.py": "a = 1\n"}
	tests := map[string]struct {
		wheel wheeltest.Wheel
		want  string
	}{
		"no directory":      {wheeltest.Wheel{Files: map[string]string{"other-1.0.dist-info/RECORD": ""}}, "has 2 .dist-info directories"},
		"no WHEEL":          {wheeltest.Wheel{Leave: []string{"{info}/WHEEL"}}, "has no some_thing-1.0.dist-info/WHEEL"},
		"no METADATA":       {wheeltest.Wheel{Leave: []string{"{info}/METADATA"}}, "has no some_thing-1.0.dist-info/METADATA"},
		"other format":      {wheeltest.Wheel{Files: map[string]string{"{info}/WHEEL": "Wheel-Version: 2.0\n"}}, `the format's version is "2.0", and 1 is known`},
		"other name":        {wheeltest.Wheel{Files: map[string]string{"{info}/METADATA": "Name: other\n"}}, `the name is "other", and the directory is of another`},
		"leads out":         {wheeltest.Wheel{Files: map[string]string{"../a": ""}}, `"../a" leads out of its directory`},
		"data leads out":    {wheeltest.Wheel{Files: map[string]string{"{data}/scripts/../../a": ""}}, "leads out of its directory"},
		"link":              {wheeltest.Wheel{Files: map[string]string{"a": "/etc/passwd"}, Modes: map[string]fs.FileMode{"a": fs.ModeSymlink | 0o777}}, `"a" is a symbolic link`},
		"case":              {wheeltest.Wheel{Files: map[string]string{"a.py": "", "A.py": ""}}, "which is the same file where case does not count"},
		"unknown scheme":    {wheeltest.Wheel{Files: map[string]string{"{data}/etc/a": ""}}, `is for "etc", which no installation has`},
		"no scheme":         {wheeltest.Wheel{Files: map[string]string{"{data}/a": ""}}, "is in no directory of"},
		"two become one":    {wheeltest.Wheel{Files: map[string]string{"a": "", "{data}/purelib/a": ""}}, "has two files that become a: "},
		"script leads out":  {wheeltest.Wheel{Files: map[string]string{"{info}/entry_points.txt": "[console_scripts]\n../x = a:b\n"}}, `entry_points.txt:2: "../x" leads out`},
		"script below":      {wheeltest.Wheel{Files: map[string]string{"{info}/entry_points.txt": "[console_scripts]\nx/y = a:b\n"}}, `"x/y" is no name of a script`},
		"script of code":    {wheeltest.Wheel{Files: map[string]string{"{info}/entry_points.txt": "[console_scripts]\nx = a:b();import os\n"}}, "is not what a script can call"},
		"script of nothing": {wheeltest.Wheel{Files: map[string]string{"{info}/entry_points.txt": "[console_scripts]\nx = a\n"}}, "is not what a script can call"},

		"no RECORD":        {wheeltest.Wheel{Leave: []string{"{info}/RECORD"}}, "has no some_thing-1.0.dist-info/RECORD"},
		"unrecorded":       {wheeltest.Wheel{Files: file, Unrecorded: []string{"a.py"}}, "a.py is not in RECORD"},
		"recorded in vain": {wheeltest.Wheel{Record: []string{"b.py,sha256=" + strings.Repeat("A", 43) + ",1"}}, "lists b.py, which is not there"},
		"wrong hash":       {wheeltest.Wheel{Files: file, Unrecorded: []string{"a.py"}, Record: []string{"a.py,sha256=" + strings.Repeat("A", 43) + ",6"}}, "a.py is not the file that RECORD has the hash of"},
		"wrong size":       {wheeltest.Wheel{Files: file, Unrecorded: []string{"a.py"}, Record: []string{"a.py,sha256=" + strings.Repeat("A", 43) + ",7"}}, "a.py has 6 bytes, and RECORD says 7"},
		"no hash":          {wheeltest.Wheel{Files: file, Unrecorded: []string{"a.py"}, Record: []string{"a.py,,"}}, "has no hash for a.py"},
		"weak hash":        {wheeltest.Wheel{Files: file, Unrecorded: []string{"a.py"}, Record: []string{"a.py,md5=AAAA,6"}}, `a.py has a hash of the kind "md5"`},
		"no such hash":     {wheeltest.Wheel{Files: file, Unrecorded: []string{"a.py"}, Record: []string{"a.py,sha256=???,6"}}, "a.py has a hash that is none"},
		"negative":         {wheeltest.Wheel{Files: file, Unrecorded: []string{"a.py"}, Record: []string{"a.py,,-1"}}, `a.py has the size "-1"`},
		"fields":           {wheeltest.Wheel{Record: []string{"a,b"}}, "has 2 fields"},
		"quotes":           {wheeltest.Wheel{Record: []string{`"a`}}, "extraneous or missing"},
		"two hashes":       {wheeltest.Wheel{Files: file, Record: []string{"a.py,sha256=" + strings.Repeat("A", 43) + ",6"}}, "a.py is listed twice, with two hashes"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w, err := open(t, test.wheel)
			if err == nil {
				_, err = w.Verify(t.Context(), t.TempDir())
			}
			if _, ok := errors.AsType[*Error](err); !ok || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want an *Error with %q", err, test.want)
			}
		})
	}
}

// A byte that changed on the disk is found by whoever reads it.
func TestVerifyFindsDamage(t *testing.T) {
	content, err := wheeltest.Wheel{Name: "a", Version: "1", Files: map[string]string{"a.py": strings.Repeat("a = 1\n", 100)}}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a-1-py3-none-any.whl")
	found := 0
	// The middle of the first entry's compressed bytes: "a-1.dist-info/METADATA".
	for i := 60; i < 90; i++ {
		damaged := slices.Clone(content)
		damaged[i] ^= 0x10
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := Open(path)
		if err == nil {
			_, err = w.Verify(t.Context(), "")
			w.Close()
		}
		if err == nil {
			t.Errorf("byte %d was changed, and nobody saw it", i)
		}
		found++
	}
	if found == 0 {
		t.Error("nothing was tried")
	}
}

func TestNotAWheel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.whl")
	if err := os.WriteFile(path, []byte("<html>not found</html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(path)
	if want := path + ": is no zip archive: it has no end record"; fmt.Sprint(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if _, err := Open(path + "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want one that says there is no file", err)
	}
}

package wheel

import (
	"bufio"
	"bytes"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/packager/archive"
)

// uses is what the source of a module shows of files that are not needed, as a rule, where it runs.
type uses struct {
	// tests has the modules with a part called tests that it imports, as they are written: with leading dots for a
	// relative name.
	tests []string
	// stubs says that it has its own stub read, to import what that lists when it is asked for (lazy_loader).
	stubs bool
}

// readUses reads the lines of a module that import something.
func readUses(source io.Reader) (uses, error) {
	var u uses
	in := bufio.NewReaderSize(source, 16<<10)
	for {
		line, err := in.ReadSlice('\n')
		u.add(line)
		if err == io.EOF {
			return u, nil
		}
		if err != nil && err != bufio.ErrBufferFull {
			return u, err
		}
	}
}

func (u *uses) add(line []byte) {
	if bytes.Contains(line, []byte("attach_stub")) {
		u.stubs = true
	}
	if !bytes.Contains(line, []byte("tests")) {
		return
	}
	words := strings.FieldsFunc(string(line), func(r rune) bool { return strings.ContainsRune(" \t\r\n,()", r) })
	if len(words) < 2 || words[0] != "from" && words[0] != "import" {
		return
	}
	for i, word := range words[1:] {
		// from . import tests
		if i > 0 && words[0] == "from" && word == "tests" {
			word = strings.TrimSuffix(words[1], ".") + ".tests"
		}
		if slices.Contains(strings.Split(word, "."), "tests") {
			u.tests = append(u.tests, word)
		}
	}
}

// testsOf finds the directory called tests that a module means which the file named imports, if the wheel has it.
func (w *Wheel) testsOf(file, module string) (string, bool) {
	name := strings.TrimLeft(module, ".")
	base := ""
	if dots := len(module) - len(name); dots > 0 {
		base = file
		for range dots {
			base = path.Dir(base)
		}
	}
	parts := strings.Split(name, ".")
	parts = parts[:slices.Index(parts, "tests")+1]
	directory := path.Join(base, path.Join(parts...))
	inside := func(e archive.Entry) bool { return strings.HasPrefix(e.Name, directory+"/") }
	return directory, slices.ContainsFunc(w.archive.Entries, inside)
}

// testImport says that a file imports something from a directory called tests.
type testImport struct{ file, directory string }

// usedTests gives the directories that are imported from by what is no test, or by a test in one that is.
func usedTests(imports []testImport) []string {
	var used []string
	for again := true; again; {
		again = false
		for _, i := range imports {
			if (!isTest(i.file) || below(i.file, used)) && !slices.Contains(used, i.directory) {
				used = append(used, i.directory)
				again = true
			}
		}
	}
	slices.Sort(used)
	return used
}

// isTest reports whether a file is in a directory called tests.
func isTest(file string) bool { return strings.Contains("/"+file, "/tests/") }

// below reports whether a file is in one of the directories.
func below(file string, directories []string) bool {
	return slices.ContainsFunc(directories, func(d string) bool { return strings.HasPrefix(file, d+"/") })
}

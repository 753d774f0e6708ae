package wheel

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
)

// What RECORD is taken to say, it says when it is written down again.
func FuzzRecord(f *testing.F) {
	sum := strings.Repeat("A", 43)
	f.Add("a.py,sha256=" + sum + ",6\r\nb/RECORD,,\n")
	f.Add("\"a,b\",sha512=" + strings.Repeat("A", 86) + ",\n")
	f.Add("a,sha256=" + sum + "=,0\na,sha256=" + sum + ",0\n")
	f.Add("\xff,md5=,-1\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		record, err := parseRecord(strings.NewReader(text))
		if err != nil {
			return
		}
		lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatalf("it was read, and csv says %v", err)
		}
		for _, line := range lines {
			r, ok := record[line[0]]
			if !ok || (r.sum == nil) != (line[1] == "") || r.sum != nil && len(r.sum) != r.algorithm().Size() {
				t.Errorf("%q was read as %v", line, r)
			}
		}
	})
}

// A requirement keeps its name and loses nothing but a file's URL.
func FuzzWithoutPaths(f *testing.F) {
	f.Add("Requires-Dist: core @ file:///x ; python_version > '3'\n\nRequires-Dist: a @ file:///y\n")
	f.Add("Requires-Dist: a@file:x\r\n")
	f.Add("Requires-Dist:@file: ;@file:")
	f.Add("Requires-Dist: a ; b @ file:c")
	f.Fuzz(func(t *testing.T, text string) {
		once := withoutPaths([]byte(text))
		if again := withoutPaths(once); !bytes.Equal(once, again) {
			t.Errorf("%q became %q, and then %q", text, once, again)
		}
		if bytes.Count(once, []byte("\n")) < bytes.Count([]byte(text), []byte("\n")) {
			t.Errorf("%q lost lines: %q", text, once)
		}
	})
}

// Entry points give scripts that can be written, whatever stands there.
func FuzzScript(f *testing.F) {
	f.Add("a = b.c:d.e [x]")
	f.Add("../a = b:c")
	f.Add("a = b:c();d")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseScript(text)
		if err != nil {
			return
		}
		if strings.ContainsAny(s.Name, "/\\\n") || strings.ContainsAny(s.Module+s.Object, " \t\n;()'\"\\") {
			t.Errorf("%q became %+v", text, s)
		}
	})
}

package toml

import (
	"fmt"
	"strings"
	"testing"
)

// describe writes a value in full, with its lines.
func describe(v *Value) string {
	var b strings.Builder
	var write func(v *Value)
	write = func(v *Value) {
		switch {
		case v == nil:
			b.WriteString("nothing")
		case v.IsTable():
			fmt.Fprintf(&b, "%d{", v.Line)
			for _, key := range v.Entries() {
				fmt.Fprintf(&b, "%d %q: ", key.Line, key.Name)
				write(key.Value)
			}
			b.WriteByte('}')
		case v.IsArray():
			fmt.Fprintf(&b, "%d[", v.Line)
			for _, item := range v.Elements() {
				write(item)
				b.WriteString(", ")
			}
			b.WriteByte(']')
		case v.IsBool():
			fmt.Fprint(&b, v.IsTrue())
		case v.IsText():
			fmt.Fprintf(&b, "%q", v.String())
		default:
			fmt.Fprintf(&b, "<%s>", v.Literal())
		}
	}
	write(v)
	return b.String()
}

// What Scan reads is what Parse reads, when every value has been asked for.
func checkScan(t *testing.T, data []byte) {
	t.Helper()
	parsed, parseErr := Parse(data)
	scanned, scanErr := Scan(data)
	if scanErr == nil {
		_ = describe(scanned)
		scanErr = scanned.Err()
	}
	if (parseErr == nil) != (scanErr == nil) {
		t.Fatalf("%q: Parse says %v, Scan says %v", data, parseErr, scanErr)
	}
	if parseErr == nil && describe(parsed) != describe(scanned) {
		t.Fatalf("%q:\nParse %s\nScan  %s", data, describe(parsed), describe(scanned))
	}
}

func scanSeeds() []string {
	return []string{
		"# made by x\n\n[[package]]\nname = \"a\"\noptional = false\nn = 12\nfiles = [\n    {file = \"a.whl\", hash = \"sha256:00\"},\n    {file = \"b.whl\", hash = \"sha256:01\"},\n]\n\n[package.dependencies]\nb = \"*\"\nc = {version = \">=1\", markers = \"extra == \\\"x\\\"\"}\n\n[[package]]\nname = \"b\"\n[package.dependencies]\n\"d.e\" = [\n  {version = \"1\"},\n  {version = \"2\"}\n]\n\n[metadata]\nlock-version = \"2.1\"\n[metadata.files]\na = []\n",
		"version = 1\n[[package]]\nsource = { registry = \"https://example.com\" }\ndependencies = [\n    { name = \"b\", marker = \"x\" },\n]\n",
		"a = [\n \"\"\"\n]\n\"\"\"\n]\n", "a = \"\\u0041\"\n", "a = [\n <<<\n]\n", "a = 1\na = 2\n", "[a.b]\n[a]\n", "a = [1, 2] # x\n", "a = {b = 1, b = 2}\n", "a = [\n1\n]]\n",
		"a = 'x'\n", "a = 1979-05-27\n", "a = [\n  1, # one\n  2,\n]\n", "a = {b = [\n]}\n", "a = \"x\" # \"\n", "\"\" = 1\n", "a = 01\n", "a = \"\x01\"\n", "a = [\n]\n", "[a]\n[a.b]\n[a.b]\n", "[[a]]\n[a.b]\n[[a]]\n[a.b]\n[a.b]\n",
		"a = [\n\"b\"\n]", "a = [{b = \"\"\"x\"\"\"}]\n", "a = \"\"\n", "a = {}\n", "a=1\n", "a = true\nb = [true, false]\n", "a = [\n  [\n  1\n  ],\n]\n", "a = {b = 1,}\n", "a = [\n1,\n\n2\n]\nb = 1\n",
	}
}

func TestScan(t *testing.T) {
	for _, seed := range scanSeeds() {
		checkScan(t, []byte(seed))
	}
}

func FuzzScan(f *testing.F) {
	for _, seed := range scanSeeds() {
		f.Add([]byte(seed))
	}
	f.Fuzz(checkScan)
}

// Files are listed without making values of them, and are the same as those that values give.
func TestFlatTables(t *testing.T) {
	document, err := Scan([]byte("files = [\n    {file = \"a\", size = 12},\n    {file = \"b\"},\n]\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if !document.Get("files").FlatTables(func(table int, key, text string) { got = append(got, fmt.Sprintf("%d %s %s", table, key, text)) }) {
		t.Error("not flat")
	}
	if want := "0 file a,0 size 12,1 file b"; strings.Join(got, ",") != want {
		t.Errorf("%q, want %q", got, want)
	}
}

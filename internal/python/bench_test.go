package python_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/python"
)

func benchmark[T any](b *testing.B, text string, parse func([]byte) (T, error)) {
	b.Helper()
	data := []byte(text)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parse(data); err != nil {
			b.Fatal(err)
		}
	}
}

// numbered repeats a text with the numbers from 0 to n-1 in it.
func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func BenchmarkPyproject(b *testing.B) {
	benchmark(b, "[tool.poetry]\nname = \"svc\"\nversion = \"1.0.0\"\n\n[tool.poetry.dependencies]\npython = \"^3.12\"\nlib = {path = \"../lib\", develop = true}\n"+
		numbered(20, "package-%d = \">=1.2,<2\"\n")+"\n[tool.poetry.group.dev.dependencies]\n"+numbered(10, "tool-%d = {version = \"^1\", extras = [\"all\"]}\n")+
		"\n[tool.ruff]\nselect = [\n"+numbered(20, "  \"E%d\",\n")+"]\n", python.ParsePyproject)
}

func BenchmarkRequirements(b *testing.B) {
	benchmark(b, "-e ../lib\n"+numbered(50, "package-%d==1.2.3 \\\n    --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000\n"), python.ParseRequirements)
}

func BenchmarkPipfile(b *testing.B) {
	benchmark(b, "[packages]\nlib = {path = \"../lib\", editable = true}\n"+numbered(30, "package-%d = \"*\"\n"), python.ParsePipfile)
}

func BenchmarkPipfileLock(b *testing.B) {
	packages := numbered(100, `"package-%d": {"hashes": ["sha256:0000000000000000000000000000000000000000000000000000000000000000"], "version": "==1"},`+"\n")
	b.Run("local", func(b *testing.B) {
		benchmark(b, "{\"default\": {\n"+packages+"\"lib\": {\"path\": \"../lib\"}}}", python.ParsePipfileLock)
	})
	b.Run("ruled-out", func(b *testing.B) {
		benchmark(b, "{\"default\": {\n"+packages+"\"lib\": {\"version\": \"==1\"}}}", python.ParsePipfileLock)
	})
}

func BenchmarkSetupCfg(b *testing.B) {
	benchmark(b, "[metadata]\nname = svc\n[options]\ninstall_requires =\n    lib @ file:../lib\n"+numbered(30, "    package-%d>=1\n"), python.ParseSetupCfg)
}

// The locks have about 500 kB.

func BenchmarkPoetryLock(b *testing.B) {
	packages := numbered(300, "[[package]]\nname = \"package-%d\"\nversion = \"1\"\ndescription = \"x\"\ngroups = [\"main\"]\nfiles = [\n"+
		strings.Repeat("    {file = \"package-1-py3-none-any.whl\", hash = \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"},\n", 12)+
		"]\n\n[package.dependencies]\npackage-1 = \">=1\"\n\n")
	b.Run("local", func(b *testing.B) {
		benchmark(b, packages+"[[package]]\nname = \"lib\"\n[package.source]\ntype = \"directory\"\nurl = \"../lib\"\n", python.ParsePoetryLock)
	})
	b.Run("ruled-out", func(b *testing.B) { benchmark(b, packages, python.ParsePoetryLock) })
}

func BenchmarkUVLock(b *testing.B) {
	packages := numbered(300, "[[package]]\nname = \"package-%d\"\nversion = \"1\"\nsource = { registry = \"https://example.com/simple\" }\ndependencies = [\n    { name = \"package-1\" },\n]\nwheels = [\n"+
		strings.Repeat("    { url = \"https://files.example.com/packages/00/00/package-1-py3-none-any.whl\", hash = \"sha256:0000000000000000000000000000000000000000000000000000000000000000\", size = 1 },\n", 8)+
		"]\n\n")
	b.Run("local", func(b *testing.B) {
		benchmark(b, packages+"[[package]]\nname = \"lib\"\nsource = { editable = \"../lib\" }\n", python.ParseUVLock)
	})
	b.Run("ruled-out", func(b *testing.B) { benchmark(b, packages, python.ParseUVLock) })
}

func BenchmarkLocal(b *testing.B) {
	l, err := python.ParsePoetryLock([]byte(numbered(300, "[[package]]\nname = \"package-%d\"\n[package.dependencies]\npackage-1 = \">=1\"\n") +
		"[[package]]\nname = \"lib\"\nsource = {type = \"directory\", url = \"../lib\"}\n"))
	if err != nil {
		b.Fatal(err)
	}
	m := &python.Manifest{PoetryDependencies: []python.Dependency{{Name: "package-0", Line: 1}, {Name: "lib", Line: 2, Dev: true}}}
	b.ReportAllocs()
	for b.Loop() {
		if len(l.Local(m)) != 1 {
			b.Fatal("no local source")
		}
	}
}

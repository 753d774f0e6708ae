package closure_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/target"
	"github.com/monoplan/monoplan/internal/python/toml"
	"github.com/monoplan/monoplan/packager/closure"
)

// A hundred services with eighty packages each, a dozen files a package: reading their locks and cutting them down to a target.
func BenchmarkResolve(b *testing.B) {
	const services, packages = 100, 80
	var poetry, uv strings.Builder
	uv.WriteString("version = 1\nrequires-python = \">=3.9\"\n")
	hash := "sha256:" + strings.Repeat("0", 64)
	for i := range packages {
		fmt.Fprintf(&poetry, "[[package]]\nname = \"package-%d\"\nversion = \"1.2.%d\"\ndescription = \"What the package is for.\"\noptional = false\npython-versions = \">=3.9\"\ngroups = [\"main\"]\nmarkers = \"python_version >= \\\"3.9\\\"\"\nfiles = [\n", i, i)
		fmt.Fprintf(&uv, "\n[[package]]\nname = \"package-%d\"\nversion = \"1.2.%d\"\nsource = { registry = \"https://example.com/simple\" }\ndependencies = [\n    { name = \"package-%d\", marker = \"python_full_version >= '3.9'\" },\n]\nwheels = [\n", i, i, (i+1)%packages)
		for minor := range 12 {
			fmt.Fprintf(&poetry, "    {file = \"package_%d-1.2.%d-cp3%d-cp3%d-manylinux_2_17_x86_64.manylinux2014_x86_64.whl\", hash = %q},\n", i, i, minor, minor, hash)
			fmt.Fprintf(&uv, "    { url = \"https://example.com/packages/00/00/package_%d-1.2.%d-cp3%d-cp3%d-manylinux_2_17_x86_64.manylinux2014_x86_64.whl\", hash = %q, size = 123456 },\n", i, i, minor, minor, hash)
		}
		fmt.Fprintf(&poetry, "]\n\n[package.dependencies]\npackage-%d = {version = \">=1\", markers = \"python_version >= \\\"3.9\\\"\"}\n\n[package.extras]\ntest = [\"pytest (>=7)\", \"coverage\"]\n\n", (i+1)%packages)
		uv.WriteString("]\n")
	}
	manifest := "[tool.poetry]\nname = \"svc\"\n[tool.poetry.dependencies]\npython = \">=3.9\"\npackage-0 = \"*\"\n"
	document, err := toml.Parse([]byte(manifest))
	if err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(&poetry, "[metadata]\nlock-version = \"2.1\"\npython-versions = \">=3.9\"\ncontent-hash = %q\n", lockfile.ContentHash(document))
	uv.WriteString("\n[[package]]\nname = \"svc\"\nsource = { virtual = \".\" }\ndependencies = [\n    { name = \"package-0\" },\n]\n\n[package.metadata]\nrequires-dist = [{ name = \"package-0\" }]\n")
	on, err := target.Lambda("3.12", "x86_64")
	if err != nil {
		b.Fatal(err)
	}
	for name, files := range map[string]tree{
		"poetry": {"svc/pyproject.toml": manifest, "svc/poetry.lock": poetry.String()},
		"uv":     {"svc/pyproject.toml": "[project]\nname = \"svc\"\nrequires-python = \">=3.9\"\ndependencies = [\"package-0\"]\n", "svc/uv.lock": uv.String()},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for range services {
					c, err := closure.Resolve(files.read, "svc", closure.Options{Target: on})
					if err != nil {
						b.Fatal(err)
					}
					if len(c.Packages) != packages {
						b.Fatalf("%d packages", len(c.Packages))
					}
				}
			}
		})
	}
}

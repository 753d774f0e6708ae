package closure_test

import (
	"strings"
	"testing"
)

// What uv is told in place of what packages say of others counts for path dependencies, too.
func TestOverriddenManifests(t *testing.T) {
	const lock = `version = 1
requires-python = ">=3.9"

[manifest]
MANIFEST

[[package]]
name = "lib"
version = "1"
source = { directory = "../../libs/lib" }

[[package]]
name = "svc"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "lib" }]
`
	for _, c := range []struct{ name, told, manifest, want string }{
		{"nothing", "", "", "lib needs dep ==1, which is not in the lock"},
		{"left out", `exclude-dependencies = ["dep"]`, `excludes = ["dep"]`, ""},
		{
			"overridden elsewhere", `override-dependencies = ["dep==2; sys_platform == 'win32'"]`,
			`overrides = [{ name = "dep", marker = "sys_platform == 'win32'", specifier = "==2" }]`, "",
		},
		{"overridden", `override-dependencies = ["dep==2"]`, `overrides = [{ name = "dep", specifier = "==2" }]`, "which is not in the lock"},
		{
			"with metadata of its own", "[[tool.uv.dependency-metadata]]\nname = \"lib\"\nversion = \"1\"\n",
			"[[manifest.dependency-metadata]]\nname = \"lib\"\nversion = \"1\"\n", "",
		},
	} {
		_, err := resolve(t, tree{
			"services/svc/uv.lock":        strings.Replace(lock, "MANIFEST", c.manifest, 1),
			"services/svc/pyproject.toml": "[project]\nname = \"svc\"\nversion = \"1\"\ndynamic = [\"dependencies\"]\n[tool.uv]\n" + c.told,
			"libs/lib/pyproject.toml":     "[project]\nname = \"lib\"\nversion = \"1\"\ndependencies = [\"dep==1\"]\n",
		})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

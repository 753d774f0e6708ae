package closure_test

import (
	"strings"
	"testing"
)

// Where extras conflict, uv's lock has markers everywhere that turn on them, however far away the package is that somebody asks for
// with one of them.
func TestExtrasThatConflict(t *testing.T) {
	const lock = `version = 1
requires-python = ">=3.11"
conflicts = [[{ package = "lib", extra = "new" }, { package = "lib", extra = "old" }]]

[[package]]
name = "dep"
version = "1.0"
source = { registry = "https://example.com/simple" }
wheels = [{ url = "https://example.com/dep-1.0-py3-none-any.whl", hash = "sha256:00" }]

[[package]]
name = "dep"
version = "2.0"
source = { registry = "https://example.com/simple" }
wheels = [{ url = "https://example.com/dep-2.0-py3-none-any.whl", hash = "sha256:00" }]

[[package]]
name = "lib"
version = "1.0"
source = { editable = "../../libs/lib" }

[package.optional-dependencies]
new = [{ name = "dep", version = "2.0", source = { registry = "https://example.com/simple" } }]
old = [{ name = "dep", version = "1.0", source = { registry = "https://example.com/simple" } }]

[[package]]
name = "between"
version = "1.0"
source = { editable = "../../libs/between" }
dependencies = [
    { name = "lib" },
    { name = "lib", extra = ["EXTRA"], marker = "extra == 'extra-3-lib-EXTRA'" },
]

[[package]]
name = "svc"
version = "1.0"
source = { virtual = "." }
dependencies = [
    { name = "dep", version = "1.0", source = { registry = "https://example.com/simple" }, marker = "extra == 'extra-3-lib-old'" },
    { name = "dep", version = "2.0", source = { registry = "https://example.com/simple" }, marker = "extra == 'extra-3-lib-new' or extra != 'extra-3-lib-old'" },
    { name = "between" },
]
`
	for extra, want := range map[string]string{"old": "1.0", "new": "2.0"} {
		c, err := resolve(t, tree{
			"services/svc/uv.lock":        strings.ReplaceAll(lock, "EXTRA", extra),
			"services/svc/pyproject.toml": "[project]\nname = \"svc\"\nversion = \"1.0\"\ndynamic = [\"dependencies\"]\n[tool.uv]\nconflicts = [[{package = \"lib\", extra = \"new\"}, {package = \"lib\", extra = \"old\"}]]\n",
		})
		if err != nil {
			t.Errorf("%s: %v", extra, err)
			continue
		}
		if dep := c.Find("dep"); dep == nil || dep.Version != want || c.Find("lib") == nil {
			t.Errorf("%s: %+v", extra, dep)
		}
	}
}

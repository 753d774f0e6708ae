package closure_test

import (
	"fmt"
	"testing"
)

func TestNoBinary(t *testing.T) {
	for _, c := range []struct{ requirements, want string }{
		{"a==1 --hash=sha256:00\n", "[]"},
		{"--no-binary=A,b\na==1 --hash=sha256:00\n", "[{[a b] services/svc/requirements.txt 1}]"},
		{"--no-binary other\na==1 --hash=sha256:00\n", "[]"},
		{"a==1 --hash=sha256:00\n--no-binary :all:\n", "[{[] services/svc/requirements.txt 2}]"},
		{"--no-binary :all:\n--no-binary :none:\na==1 --hash=sha256:00\n", "[]"},
	} {
		made, err := resolve(t, tree{"services/svc/requirements.txt": c.requirements})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(made.NoBinary); got != c.want {
			t.Errorf("%q: %s, want %s", c.requirements, got, c.want)
		}
	}
	const manifest = "[project]\nname = \"svc\"\nversion = \"1\"\ndependencies = [\"a\"]\n[tool.uv]\nno-binary = true\nno-binary-package = [\"b\"]\n"
	const lock = `version = 1
[[package]]
name = "a"
version = "1"
source = { registry = "https://example.com/simple" }
wheels = [{ url = "https://example.com/a-1-py3-none-any.whl", hash = "sha256:00" }]
[[package]]
name = "svc"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "a" }]
[package.metadata]
requires-dist = [{ name = "a" }]
`
	made, err := resolve(t, tree{"services/svc/pyproject.toml": manifest, "services/svc/uv.lock": lock})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(made.NoBinary), "[{[] services/svc/pyproject.toml 6}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

package closure_test

import (
	"testing"

	"github.com/monoplan/monoplan/internal/python/target"
	"github.com/monoplan/monoplan/packager/closure"
)

// tree is a repository's files by path.
type tree map[string]string

func (t tree) read(path string) ([]byte, bool, error) {
	text, found := t[path]
	return []byte(text), found, nil
}

func lambda(t *testing.T, python, architecture string) target.Target {
	t.Helper()
	on, err := target.Lambda(python, architecture)
	if err != nil {
		t.Fatal(err)
	}
	return on
}

// A service with nothing but code has a closure, of nothing.
func TestNothing(t *testing.T) {
	for name, files := range map[string]tree{
		"no manifest":     {"svc/handler.py": ""},
		"no dependencies": {"svc/pyproject.toml": "[tool.poetry.dependencies]\npython = \"^3.9\"\n"},
	} {
		c, err := closure.Resolve(files.read, "svc", closure.Options{Target: lambda(t, "3.12", "arm64")})
		if err != nil || len(c.Packages) > 0 || c.Lock != "" {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

func kindName(p closure.Package) string {
	return [...]string{"registry", "git", "url", "path", "directory"}[p.Source.Kind]
}

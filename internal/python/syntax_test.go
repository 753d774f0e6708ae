package python_test

import (
	"errors"
	"testing"

	"github.com/monoplan/monoplan/internal/python"
)

func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct {
		base, text   string
		line, column int
	}{
		{"pyproject.toml", "[project\nname = 'x'\n", 1, 9},
		{"pyproject.toml", "[project]\nname = 'x'\nname = 'y'\n", 3, 1},
		{"pyproject.toml", "[a]\n[b]\n[a]\n", 3, 2},
		{"pyproject.toml", "[a]\nb.c = 1\n[a.b]\n", 3, 4},
		{"pyproject.toml", "[a]\nb = {c = 1}\n[a.b.d]\n", 3, 4},
		{"pyproject.toml", "[a]\nb = {c = 1, c = 2}\n", 2, 13},
		{"pyproject.toml", "a = [1]\n[[a]]\n", 2, 3},
		{"pyproject.toml", "[a]\n[[a]]\n", 2, 3},
		{"pyproject.toml", "[[a]]\n[a]\n", 2, 2},
		{"pyproject.toml", "[a.b]\nc = 1\n[a]\nb.d = 2\n", 4, 1},
		{"pyproject.toml", "a = 1\na.b = 2\n", 2, 1},
		{"pyproject.toml", "a = {b = 1}\na.c = 2\n", 2, 1},
		{"pyproject.toml", "a = 'x\n", 1, 7},
		{"pyproject.toml", "<<<<<<< HEAD\na = 1\n", 1, 1},
		{"pyproject.toml", "a = 2024-13-45\n", 1, 5},
		{"pyproject.toml", "a = \"\xff\"\n", 1, 6},
		{"pyproject.toml", "a = 01\n", 1, 5},
		{"Pipfile", "[packages]\na = \n", 2, 5},
		{"Pipfile.lock", "{\n  \"default\": {,}\n}\n", 2, 15},
		{"Pipfile.lock", "{\"default\": {\"a\": {\"path\": \"../a\"}}", 1, 35},
		{"Pipfile.lock", "{} {}", 1, 4},
		{"Pipfile.lock", "", 1, 1},
		{"setup.cfg", "a = 1\n", 1, 1},
		{"setup.cfg", "[a]\nb = 1\nb = 2\n", 3, 1},
		{"setup.cfg", "[a]\n[a]\n", 2, 1},
		{"setup.cfg", "[a]\n<<<<<<< HEAD\n", 2, 1},
	} {
		m, err := python.Parse(c.base, []byte(c.text))
		var syntax *python.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%s %q: error %v, want a syntax error", c.base, c.text, err)
			continue
		}
		if syntax.Line != c.line || syntax.Column != c.column {
			t.Errorf("%s %q: at %d:%d, want %d:%d: %v", c.base, c.text, syntax.Line, syntax.Column, c.line, c.column, err)
		}
		if m == nil {
			t.Errorf("%s %q: no manifest beside the error", c.base, c.text)
		}
	}
}

// What looks like a repetition and is none, by the rules of TOML.
func TestTablesThatExtend(t *testing.T) {
	for _, text := range []string{
		"[a.b]\n[a]\n",
		"[a.b.c]\n[a]\nb.d = 1\n",
		"[a]\nb.c = 1\nb.d = 2\n",
		"[a]\nb.c = 1\n[a.b.d]\n",
		"[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\n[[a]]\n[a.c]\n",
		"a = {b.c = 1, b.d = 2}\n",
		"a = 2024-01-31T00:00:00Z\n",
		"a = {\n  b = 1,\n}\n",
	} {
		if _, err := python.ParsePyproject([]byte(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

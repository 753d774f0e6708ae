package marker_test

import (
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/python/marker"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"python_version >= '3.9' and (sys_platform == \"linux\" or extra == 'a_B')", "'x' in extras", "os.name not  in 'a b'", "platform_release ~= '5.1'", "((((", "'3' <= python_full_version",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := marker.Parse(text)
		if err != nil {
			return
		}
		// In parentheses, or joined with itself, it says the same.
		for _, e := range []marker.Environment{{}, {PythonVersion: "3.12", PythonFullVersion: "3.12.4", OSName: "posix", Extras: []string{"a", "b"}}} {
			holds := m.Evaluate(e)
			if m.IsAny() {
				if !holds {
					t.Error("no marker does not hold")
				}
				continue
			}
			for _, same := range []string{"(" + text + ")", text + " and (" + text + ")", "(" + text + ") or (" + text + ")"} {
				again, err := marker.Parse(same)
				if strings.Contains(same, " and (") && strings.Contains(text, "or") || err != nil && strings.Count(text, "(") > 100 {
					continue
				}
				if err != nil || again.Evaluate(e) != holds {
					t.Errorf("%q: %v, and %q: %v (%v)", text, holds, same, again.Evaluate(e), err)
				}
			}
		}
	})
}

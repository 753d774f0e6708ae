package pep440_test

import (
	"testing"

	"github.com/monoplan/monoplan/internal/python/pep440"
)

func FuzzVersion(f *testing.F) {
	for _, seed := range []string{"1.0", "v1!2.0-ALPHA_3.post4.dev5+Local.6", "1-2", "1.0dev_", "00.01"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := pep440.Parse(text)
		if err != nil {
			return
		}
		again, err := pep440.Parse(v.String())
		if err != nil || again.Compare(v) != 0 || again.String() != v.String() {
			t.Errorf("%q is %q, which is %q: %v", text, v, again, err)
		}
		for _, operator := range []string{"==", "<=", ">=", "==="} {
			spec, err := pep440.ParseSpecifier(operator + v.String())
			if err != nil {
				if operator == "==" || operator == "===" {
					t.Errorf("%q: %v", text, err)
				}
				continue // a local label
			}
			if !spec.Contains(v) {
				t.Errorf("%s does not have %s in it", spec, v)
			}
		}
	})
}

func FuzzSpecifier(f *testing.F) {
	for _, seed := range []string{">=1", "== 1.*", "~=1.2", "===x", "!=1+local", "<1.0a1"} {
		f.Add(seed, "1.0.post1")
	}
	f.Fuzz(func(t *testing.T, text, version string) {
		spec, err := pep440.ParseSpecifier(text)
		if err != nil {
			return
		}
		again, err := pep440.ParseSpecifier(spec.String())
		if err != nil || again.ContainsText(version) != spec.ContainsText(version) {
			t.Errorf("%q is %q: %v", text, spec, err)
		}
	})
}

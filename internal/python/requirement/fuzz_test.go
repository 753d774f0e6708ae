package requirement_test

import (
	"testing"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/requirement"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a", "A.b[c, D] (>=1,<2) ; os_name == 'x'", "a@https://example.com/a ; extra == 'b'", "a==1.*,!=2", "_a", "a[", "a;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		req, err := requirement.Parse(text)
		if err != nil {
			return
		}
		if req.Name == "" || req.Name != python.NormalizeName(req.Name) || req.URL != "" && len(req.Specifier) > 0 {
			t.Errorf("%q: %+v", text, req)
		}
		for _, specifier := range req.Specifier {
			if _, err := requirement.Parse("x" + specifier.String()); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}

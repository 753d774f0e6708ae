package report

import (
	"encoding/json"
	"testing"
)

// FuzzIndent holds indent against json.MarshalIndent.
func FuzzIndent(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `""`, `null`, `-1.5e3`, `{"a": [], "b": {}, "c": [{}, [[]]]}`, `{"": "\"", "\\": "\\\"", "a,b": "[{:}],"}`,
		`[1, true, "x\\", {"services": [{"name": "é\u2028", "reasons": [{"via": ["a", "b"]}]}]}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var v any
		if json.Unmarshal(text, &v) != nil {
			return
		}
		compact, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if got := string(indent(compact)); got != string(want) {
			t.Errorf("%s\nwant:\n%s", got, want)
		}
	})
}

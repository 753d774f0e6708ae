package secret

import (
	"fmt"
	"strings"
	"testing"
)

// A secret that comes in pieces passes no writer, and what only begins like one passes in the end.
func TestWriter(t *testing.T) {
	var out strings.Builder
	w := NewWriter(&out, In([]string{"NPM_TOKEN=canary-1f2e3d4c"}))
	for _, c := range "it is canary-1f2e3d4c, not canary-1f2e" {
		if _, err := fmt.Fprint(w, string(c)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := out.String(), "it is ***, not "; got != want {
		t.Errorf("before the end: %q, want %q", got, want)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "it is ***, not canary-1f2e"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

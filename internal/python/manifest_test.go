package python_test

import (
	"testing"

	"github.com/monoplan/monoplan/internal/python"
)

func TestNormalizeName(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "lib": "lib", "My_Lib": "my-lib", "a.-_b": "a-b", "friendly-bard": "friendly-bard", "FRIENDLY.BARD": "friendly-bard", "x_": "x-",
	} {
		if got := python.NormalizeName(name); got != want {
			t.Errorf("NormalizeName(%q) = %q, want %q", name, got, want)
		}
	}
}

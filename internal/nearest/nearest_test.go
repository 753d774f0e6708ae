package nearest

import "testing"

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "abc", 3}, {"prod", "prod", 0}, {"prdo", "prod", 1}, {"prd", "prod", 1},
		{"kitten", "sitting", 3}, {"ab", "ba", 1}, {"ca", "abc", 3}, {"posts", "users", 4},
	} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("from %q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := Distance(c.b, c.a); got != c.want {
			t.Errorf("from %q to %q: %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

func TestName(t *testing.T) {
	known := []string{"a", "admin", "posts", "users"}
	for word, want := range map[string]string{"post": "posts", "usres": "users", "psots": "posts", "billing": "", "": "", "zz": ""} {
		if got := Name(word, known); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

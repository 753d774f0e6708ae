package index

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNetrc(t *testing.T) {
	n, err := parseNetrc("netrc", `# all of it
machine one.example login ann password "a b\"c"   # not in the password
machine ONE.example login other password other
machine two.example
	login bob
	account x
	password p#ss\ word
macdef init
	machine not.example login x password x

machine three.example user "" password token
default login anonymous password me@`)
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]login{
		"one.example": {"ann", `a b"c`}, "two.example": {"bob", "p#ss word"}, "three.example": {"", "token"}, "not.example": {"anonymous", "me@"},
	} {
		user, password, ok := n.find(host, true)
		if got := (login{user, password}); !ok || got != want {
			t.Errorf("%s: %+v, %t; want %+v", host, got, ok, want)
		}
	}
	if _, _, ok := n.find("not.example", false); ok {
		t.Error("the entry for any host is for hosts that nobody configured")
	}
}

func TestNetrcThatIsNone(t *testing.T) {
	for text, line := range map[string]int{
		"login s3cr\n": 1, "machine x\nlogin a\nsecret s3cr\n": 3, "machine x login": 1, "\n\nmachine": 3,
	} {
		_, err := parseNetrc("netrc", text)
		if e := as[*NetrcError](t, err); e.Line != line || strings.Contains(e.Error(), "s3cr") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestNetrcFiles(t *testing.T) {
	home := t.TempDir()
	path := filepath.Join(home, ".netrc")
	if _, err := readNetrc(path, true); err == nil || strings.Count(err.Error(), path) != 1 {
		t.Errorf("a file that NETRC names and is not there: %v", err)
	}
	if n, err := readNetrc(path, false); err != nil || len(n.machines) != 0 {
		t.Errorf("no file: %v, %v", n, err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("_netrc", "machine x login a password b")
	if n, err := readNetrc(path, false); err != nil || n.machines["x"].user != "a" {
		t.Errorf("_netrc: %v, %v", n, err)
	}
	write(".netrc", "what is this")
	if n, err := readNetrc(path, false); err != nil || len(n.machines) != 0 {
		t.Errorf("a file of another program's: %v, %v", n, err)
	}
	_, err := readNetrc(path, true)
	as[*NetrcError](t, err)
}

func FuzzNetrc(f *testing.F) {
	f.Add("machine one login ann password \"a b\\\"c\"\nmacdef x\n y\n\ndefault login x password y # z")
	f.Add("machine \\")
	f.Add("default machine \"")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := parseNetrc("netrc", text)
		if err != nil {
			e := as[*NetrcError](t, err)
			if e.Line < 1 || e.Line > 1+strings.Count(text, "\n") {
				t.Errorf("line %d of %q", e.Line, text)
			}
			return
		}
		for host := range n.machines {
			if host == "" || host != strings.ToLower(host) {
				t.Errorf("the host %q", host)
			}
		}
	})
}

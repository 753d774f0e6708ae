package packager

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/packager/index"
)

func TestExpandVariables(t *testing.T) {
	lookup := func(name string) string { return map[string]string{"PW": "s3cret", "A_1": "a"}[name] }
	for _, c := range []struct{ text, want, unset string }{
		{"https://u:${PW}@h/${A_1}", "https://u:s3cret@h/a", ""},
		{"https://u:${GONE}@h/${GONE}${NONE}", "https://u:${GONE}@h/${GONE}${NONE}", "GONE NONE"},
		{"$PW ${pw} ${P-W} %PW% ${}", "$PW ${pw} ${P-W} %PW% ${}", ""},
	} {
		got, unset := expandVariables(c.text, lookup)
		if got != c.want || strings.Join(unset, " ") != c.unset {
			t.Errorf("%s: %s, %v", c.text, got, unset)
		}
	}
}

func TestHasPassword(t *testing.T) {
	for address, want := range map[string]bool{
		"https://u:secret@h/simple": true, "https://:secret@h": true, "https://u:${PW}@h/simple": false, "https://u@h/simple": false,
		"https://h/simple/a:b@c": false, "https://h": false, "simple": false,
	} {
		if got := hasPassword(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// A password that a variable has reaches the index, and nothing that is kept or shown.
func TestVariablesInRequirements(t *testing.T) {
	const secret = "s3cret-password"
	w := newWorld(t)
	sound(w)
	requirements("dep==1.0", "")(w)
	w.services = w.services[:1]
	w.files["services/posts/requirements.txt"] = "--index-url " + strings.Replace(w.index.URL, "://", "://user:${MONOPLAN_TEST_PW}@", 1) + "/simple\n" + w.files["services/posts/requirements.txt"]
	results := w.run()
	const want = "services/posts/requirements.txt:1: the URL of an index or a file cannot be read: MONOPLAN_TEST_PW is not set"
	if err := results["posts"].Err; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	lookup := w.config.Index.Environment.Lookup
	w.config.Index.Environment.Lookup = func(name string) string {
		if name == "MONOPLAN_TEST_PW" {
			return secret
		}
		if lookup == nil {
			return ""
		}
		return lookup(name)
	}
	w.index.breaks(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusForbidden) })
	refused := w.run()["posts"].Err
	if !as[*index.AuthError](refused) || strings.Contains(refused.Error(), secret) {
		t.Errorf("%v", refused)
	}
	asked := ""
	w.index.breaks(func(rw http.ResponseWriter, r *http.Request) {
		if _, password, ok := r.BasicAuth(); ok {
			asked = password
		}
		w.index.serve(rw, r)
	})
	w.want(w.run(), "posts packaged")
	if asked != secret {
		t.Errorf("the index got the password %q", asked)
	}
	for _, e := range w.events {
		if strings.Contains(e.Note, secret) || e.Kind == Warned {
			t.Errorf("%+v", e)
		}
	}
	for _, dir := range []string{w.store, w.config.Output} {
		err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(name)
			if strings.Contains(string(data), secret) {
				t.Errorf("%s has the password", name)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestPasswordInRequirements(t *testing.T) {
	w := newWorld(t)
	sound(w)
	requirements("dep==1.0", "")(w)
	w.services = w.services[:1]
	w.files["services/posts/requirements.txt"] = "--extra-index-url " + strings.Replace(w.index.URL, "://", "://user:open@", 1) + "/simple\n" + w.files["services/posts/requirements.txt"]
	w.want(w.run(), "posts packaged")
	var notes []string
	for _, e := range w.events {
		if e.Kind == Warned {
			notes = append(notes, e.Note)
		}
	}
	if len(notes) != 1 || !strings.HasPrefix(notes[0], "services/posts/requirements.txt:1: a password is in the URL") || strings.Contains(notes[0], "open@") {
		t.Error(notes)
	}
}

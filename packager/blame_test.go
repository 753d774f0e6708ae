package packager

import (
	"net/http"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/closure"
)

// blameWorld has a service whose lock has a package in a version without a wheel for the target, and an index with other versions.
func blameWorld(t *testing.T) *world {
	w := newWorld(t)
	w.store = t.TempDir()
	w.index.addAs("odd-1.0-cp27-cp27m-win32.whl", wheelOf("odd", "1.0", map[string]string{}))
	w.service("posts", []string{"odd"}, nil)
	for _, version := range []string{"0.9", "2.0", "3.0rc1"} {
		w.index.addAs("odd-"+version+"-py3-none-any.whl", wheelOf("odd", version, map[string]string{}))
	}
	w.index.addAs("odd-4.0-cp27-cp27m-win32.whl", wheelOf("odd", "4.0", map[string]string{}))
	return w
}

// Who has no wheel for the target is told which other version has one.
func TestBlameNamesAnotherVersion(t *testing.T) {
	w := blameWorld(t)
	err := w.run()["posts"].Err
	if !as[*closure.NoWheelError](err) || !strings.HasSuffix(err.Error(), "; odd 2.0 has") {
		t.Errorf("got %v", err)
	}
}

// Without the network, and with an index that does not answer, the error is the same but for that.
func TestBlameWithoutIndex(t *testing.T) {
	for what, change := range map[string]func(w *world, c *Config){
		"offline": func(_ *world, c *Config) { c.Index.Offline = true },
		"failing": func(w *world, _ *Config) {
			w.index.breaks(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(500) })
		},
	} {
		t.Run(what, func(t *testing.T) {
			w := blameWorld(t)
			err := w.runWith(t.Context(), func(c *Config) { change(w, c) })["posts"].Err
			if !as[*closure.NoWheelError](err) || strings.Contains(err.Error(), "2.0") {
				t.Errorf("got %v", err)
			}
			if what == "offline" && w.index.requests > 0 {
				t.Errorf("%d requests", w.index.requests)
			}
		})
	}
}

// A build that only the lack of a wheel makes necessary, and that nobody does, is blamed on that.
func TestBlameOfABuild(t *testing.T) {
	w := blameWorld(t)
	w.index.addAs("odd-1.0.tar.gz", []byte("x"))
	lock := w.files["services/posts/uv.lock"]
	w.files["services/posts/uv.lock"] = strings.Replace(lock, "wheels = [",
		"sdist = { url = \""+w.index.URL+"/files/odd-1.0.tar.gz\", hash = \"sha256:"+strings.Repeat("0", 64)+"\" }\nwheels = [", 1)
	w.services[0].Options.Builder = "none"
	err := w.run()["posts"].Err
	if !as[*builder.RefusedError](err) || !as[*closure.NoWheelError](err) || !strings.Contains(err.Error(), "odd 2.0 has") {
		t.Errorf("got %v", err)
	}
}

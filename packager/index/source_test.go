package index

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// names gives the sources that are searched, for comparing.
func names(sources []Source) string {
	var all []string
	for _, s := range sources {
		all = append(all, strings.TrimSuffix(strings.TrimPrefix(s.String(), "https://"), "/"))
	}
	return strings.Join(all, " ")
}

func TestSearched(t *testing.T) {
	var (
		primary      = Source{Name: "corp", URL: "https://corp/simple/"}
		second       = Source{Name: "second", URL: "https://second/simple"}
		supplemental = Source{Name: "more", URL: "https://more/simple", Priority: Supplemental}
		explicit     = Source{Name: "torch", URL: "https://torch/whl", Priority: Explicit}
		pypi         = Source{Name: "PyPI"}
	)
	mirror := map[string]string{"POETRY_PYPI_MIRROR_URL": "https://u:p@mirror/simple", "PIP_INDEX_URL": "https://never/"}
	extra := map[string]string{"UV_INDEX": "one=https://one/simple  https://two/simple", "PIP_EXTRA_INDEX_URL": "https://three/simple"}
	for _, c := range []struct {
		why       string
		sources   []Source
		variables map[string]string
		index     string
		want      string
	}{
		{"nothing is set", nil, nil, "", "pypi.org/simple"},
		{"a primary source does without the default", []Source{primary}, nil, "", "corp/simple"},
		{"in the project's order", []Source{second, primary}, nil, "", "second/simple corp/simple"},
		{"the default among others", []Source{primary, pypi}, nil, "", "corp/simple pypi.org/simple"},
		{"supplemental ones come last", []Source{supplemental}, nil, "", "pypi.org/simple more/simple"},
		{"supplemental ones come last in any order", []Source{supplemental, explicit, primary}, nil, "", "corp/simple more/simple"},
		{"explicit ones by their name", []Source{explicit}, nil, "Torch", "torch/whl"},
		{"explicit ones by their URL", []Source{explicit}, nil, "https://user:x@TORCH:443/whl/", "torch/whl"},
		{"one that nobody configured", nil, nil, "https://lone/simple", "lone/simple"},
		{"a mirror is the default", nil, mirror, "", "mirror/simple"},
		{"a mirror is the default of a lock", []Source{primary}, mirror, "https://pypi.org/simple", "mirror/simple"},
		{"the default of a lock", []Source{primary}, nil, "https://pypi.org/simple", "pypi.org/simple"},
		{"a mirror is the default among others", []Source{primary, {Name: "pypi", URL: "https://pypi.org/simple"}}, mirror, "", "corp/simple mirror/simple"},
		{"a mirror is not for other sources", []Source{primary}, mirror, "corp", "corp/simple"},
		{"more by variables", nil, extra, "", "one/simple two/simple three/simple pypi.org/simple"},
		{"more by variables, by name", nil, extra, "one", "one/simple"},
		{"a default by uv", nil, map[string]string{"UV_DEFAULT_INDEX": "https://uv/", "UV_INDEX_URL": "https://old/"}, "", "uv"},
		{"a default by uv, as it was", nil, map[string]string{"UV_INDEX_URL": "https://old/", "PIP_INDEX_URL": "https://pip/"}, "", "old"},
		{"a default by pip", nil, map[string]string{"PIP_INDEX_URL": "https://pip/simple"}, "pypi", "pip/simple"},
	} {
		client := newClient(t, Config{Sources: c.sources, Environment: environment(t, c.variables)})
		if got := names(client.searched(c.index)); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}

func TestPriorities(t *testing.T) {
	for text, want := range map[string]Priority{"": Primary, "primary": Primary, "default": Primary, "Supplemental": Supplemental, "secondary": Supplemental, "explicit": Explicit} {
		if got, err := ParsePriority(text); got != want || err != nil {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	if _, err := ParsePriority("first"); err == nil {
		t.Error("any priority is taken")
	}
}

func TestTheNextSourceIsSearched(t *testing.T) {
	first, second, last := newFake(t), newFake(t), newFake(t)
	sources := []Source{first.source(), second.source(), {URL: last.URL + "/simple", Priority: Supplemental}}
	other := func(w http.ResponseWriter, r *http.Request) {
		servePage(w, jsonFile{Filename: wheelName, URL: "/files/" + wheelName, Hashes: map[string]string{"sha256": strings.Repeat("0", 64)}})
	}
	first.page.set(status(404))
	second.page.set(other)
	if got := mustFetch(t, newClient(t, only(sources...)), wanted()); !strings.HasPrefix(got.From, last.URL) {
		t.Errorf("from %s", got.From)
	}
	last.page.set(func(w http.ResponseWriter, r *http.Request) { servePage(w) })
	_, err := newClient(t, only(sources...)).Fetch(t.Context(), wanted())
	if e := as[*HashError](t, err); !e.Announced || !strings.HasPrefix(e.From, second.URL) {
		t.Errorf("the error is %v", err)
	}
	second.page.set(status(410))
	_, err = newClient(t, only(sources...)).Fetch(t.Context(), wanted())
	if e := as[*NotFoundError](t, err); len(e.Places) != 3 || e.Wanted != wheelName {
		t.Errorf("the error is %v", err)
	}
	// One that fails may be the one that has it.
	second.page.set(status(500))
	_, err = newClient(t, only(sources...)).Fetch(t.Context(), wanted())
	as[*StatusError](t, err)
}

func TestClientsOfOneRunShare(t *testing.T) {
	f := newFake(t)
	f.file.set(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(50 * time.Millisecond)
		serveWheel(w, r)
	})
	one := newClient(t, only(Source{URL: "http://127.0.0.1:1/simple/"}))
	var wg sync.WaitGroup
	for range 5 {
		other, err := one.With([]Source{f.source()})
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			if _, err := other.Fetch(t.Context(), wanted()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(f.asked("/files/" + wheelName)); n != 1 {
		t.Errorf("%d downloads", n)
	}
	if _, err := one.With([]Source{{URL: "nowhere"}}); err == nil {
		t.Error("any URL is taken")
	}
}

func TestFileOfAnotherName(t *testing.T) {
	f := newFake(t)
	f.page.set(func(w http.ResponseWriter, r *http.Request) {
		servePage(w, jsonFile{Filename: wheelName, URL: "/other", Hashes: map[string]string{"sha256": strings.Repeat("0", 64)}},
			jsonFile{Filename: "Demo.Pkg-1.0-py3-none-any.whl", URL: "/files/" + wheelName, Hashes: map[string]string{"sha256": strings.TrimPrefix(hashOf(wheel), "sha256:")}})
	})
	mustFetch(t, newClient(t, only(f.source())), wanted())
}

func TestSinglePage(t *testing.T) {
	f := newFake(t)
	f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/all.html" {
			f.ServeHTTP(w, r)
			return
		}
		_, _ = w.Write([]byte(`<a href="/files/` + wheelName + `">all are here</a>`))
	})
	mustFetch(t, newClient(t, only(Source{URL: f.URL + "/all.html"})), wanted())
}

func TestURLOfTheLockAndItsMirror(t *testing.T) {
	f, mirror := newFake(t), newFake(t)
	r := wanted()
	r.URL, r.Index = f.URL+"/files/"+wheelName, "https://pypi.org/simple"
	if got := mustFetch(t, newClient(t, Config{}), r); got.From != r.URL || len(f.requests) != 1 {
		t.Errorf("from %s, %d requests", got.From, len(f.requests))
	}
	mirrored := Config{Environment: environment(t, map[string]string{"UV_DEFAULT_INDEX": mirror.URL + "/simple/"})}
	if got := mustFetch(t, newClient(t, mirrored), r); !strings.HasPrefix(got.From, mirror.URL) {
		t.Errorf("from %s", got.From)
	}
	mirror.page.set(status(404))
	mirrored.Store = nil
	if got := mustFetch(t, newClient(t, mirrored), r); got.From != r.URL {
		t.Errorf("from %s", got.From)
	}
	// What was removed from where the lock has it may still be listed.
	f.file.set(status(404))
	r.Index = mirror.URL + "/simple"
	mirror.page.set(nil)
	if got := mustFetch(t, newClient(t, Config{}), r); !strings.HasPrefix(got.From, mirror.URL) {
		t.Errorf("from %s", got.From)
	}
}

func TestLinks(t *testing.T) {
	f := newFake(t)
	f.page.set(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<a href="https://us3r:s3cr@x/b-1.whl?tok3n#sha256=` + strings.Repeat("1", 64) + `">b</a><a href="a-1.whl" data-yanked="bad">a</a>`))
	})
	shared := newStore(t)
	config := Config{Sources: []Source{f.source()}, Store: shared}
	links, err := newClient(t, config).Links(t.Context(), Request{Package: "demo.pkg"})
	if err != nil || len(links) != 2 || links[0].Name != "a-1.whl" || links[0].YankedReason != "bad" {
		t.Errorf("got %+v, %v", links, err)
	}
	r := Request{Package: "demo.pkg", Hashes: []string{"sha256:" + strings.Repeat("1", 64), "sha256:" + strings.Repeat("2", 64)}}
	if links, err = newClient(t, config).Links(t.Context(), r); err != nil || len(links) != 1 || links[0].Name != "b-1.whl" {
		t.Errorf("got %+v, %v", links, err)
	}
	config.Offline = true
	if links, err = newClient(t, config).Links(t.Context(), r); err != nil || len(links) != 1 || links[0].URL.String() != "https://x/b-1.whl" {
		t.Errorf("offline: %+v, %v", links, err)
	}
	r.Hashes = r.Hashes[1:]
	config.Offline = false
	_, err = newClient(t, config).Links(t.Context(), r)
	if e := as[*UnmatchedError](t, err); e.Wanted != "demo.pkg" || e.Place != f.source().String() {
		t.Errorf("got %+v", e)
	}
	f.page.set(func(w http.ResponseWriter, r *http.Request) { servePage(w) })
	_, err = newClient(t, config).Links(t.Context(), r)
	as[*NotFoundError](t, err)
}

// A page that was read for the links of hashes is not read again for the files.
func TestPageIsReadOnce(t *testing.T) {
	f := newFake(t)
	f.page.set(func(w http.ResponseWriter, r *http.Request) {
		algorithm, digits, _ := strings.Cut(hashOf(wheel), ":")
		servePage(w, jsonFile{Filename: wheelName, URL: "/files/" + wheelName, Hashes: map[string]string{algorithm: strings.ToUpper(digits)}})
	})
	c := newClient(t, only(f.source()))
	if links, err := c.Links(t.Context(), wanted()); err != nil || len(links) != 1 {
		t.Fatalf("got %+v, %v", links, err)
	}
	if got := mustFetch(t, c, wanted()); got.From != f.URL+"/files/"+wheelName {
		t.Errorf("got %+v", got)
	}
	if n := len(f.asked("/simple/demo-pkg/")); n != 1 {
		t.Errorf("%d requests for the page", n)
	}
}

func TestNumbersOfTheEnvironment(t *testing.T) {
	e := environment(t, map[string]string{"PIP_DEFAULT_TIMEOUT": "7.5", "PIP_RETRIES": "0"})
	if p := (Patience{}).withDefaults(e); p.Stall != 7500*time.Millisecond || p.Retries != -1 {
		t.Errorf("%+v", p)
	}
	if p := (Patience{}).withDefaults(environment(t, nil)); p.Stall != time.Minute || p.Retries != 5 {
		t.Errorf("%+v", p)
	}
	if p := (Patience{}).withDefaults(Environment{}); p.Retries != 5 {
		t.Errorf("%+v", p)
	}
	for name, value := range map[string]string{"PIP_DEFAULT_TIMEOUT": "soon", "UV_HTTP_TIMEOUT": "-1", "PIP_RETRIES": "many", "UV_HTTP_RETRIES": "NaN"} {
		_, err := ReadEnvironment(func(n string) string { return map[string]string{name: value}[n] })
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}

func TestIsDefault(t *testing.T) {
	for index, want := range map[string]bool{
		"pypi": true, "PyPI": true, "https://pypi.org/simple": true, "https://pypi.org/simple/": true, "https://pypi.org/": true,
		"https://pypi.python.org/simple": true, "https://pypi.example/simple": false, "https://pypi.org/other": false, "": false, "::": false,
	} {
		if got := isDefault(index); got != want {
			t.Errorf("%q: %t", index, got)
		}
	}
	if u, err := url.Parse(Default); err != nil || !isDefault(u.String()) {
		t.Error("the default is none")
	}
}

// A URL that is none is that of a variable, which is named, and not shown: it may have a password.
func TestVariableThatIsNoURL(t *testing.T) {
	for variable, value := range map[string]string{
		"PIP_INDEX_URL": "https://u:p%zz@host/simple", "POETRY_PYPI_MIRROR_URL": "https://u:s3cret@ho st/", "PIP_EXTRA_INDEX_URL": "https://ok/ s3cret", "UV_INDEX": "name=ftp://s3cret@host/",
	} {
		_, err := ReadEnvironment(func(name string) string { return map[string]string{variable: value}[name] })
		if err == nil || !strings.HasPrefix(err.Error(), variable+": ") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", variable, err)
		}
	}
}

package index

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// secret is what must not be seen anywhere.
const secret = "s3cr%3Ft/pass"

// environment reads variables from a table.
func environment(t *testing.T, variables map[string]string) Environment {
	t.Helper()
	e, err := ReadEnvironment(func(name string) string { return variables[name] })
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// withUser puts a user and the secret into a URL.
func withUser(address string) string {
	u, _ := url.Parse(address)
	u.User = url.UserPassword("us3r", secret)
	return u.String()
}

// guard lets in only those who know the secret.
func guard(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := r.BasicAuth(); !ok || user != "us3r" || password != secret {
			w.Header().Set("WWW-Authenticate", `Basic realm="wheels"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

// absolutePage names the file by a whole URL, as most indexes do.
func (f *fake) absolutePage(w http.ResponseWriter, _ *http.Request) {
	servePage(w, jsonFile{Filename: wheelName, URL: f.URL + "/files/" + wheelName})
}

func newGuarded(t *testing.T) *fake {
	t.Helper()
	f := newFake(t)
	f.page.set(guard(f.absolutePage))
	f.file.set(guard(serveWheel))
	return f
}

func TestCredentials(t *testing.T) {
	f := newGuarded(t)
	netrcFile := filepath.Join(t.TempDir(), "netrc")
	if err := os.WriteFile(netrcFile, []byte("machine 127.0.0.1 login us3r password "+secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	named := Source{Name: "my-wheels.2", URL: f.URL + "/simple"}
	inURL := Source{URL: withUser(f.URL + "/simple/")}
	for name, config := range map[string]Config{
		"url":    only(inURL),
		"poetry": {Sources: []Source{named}, Environment: environment(t, map[string]string{"POETRY_HTTP_BASIC_MY_WHEELS_2_USERNAME": "us3r", "POETRY_HTTP_BASIC_MY_WHEELS_2_PASSWORD": secret})},
		"uv":     {Sources: []Source{named}, Environment: environment(t, map[string]string{"UV_INDEX_MY_WHEELS_2_USERNAME": "us3r", "UV_INDEX_MY_WHEELS_2_PASSWORD": secret})},
		"netrc":  {Sources: []Source{named}, Environment: environment(t, map[string]string{"NETRC": netrcFile})},
		"mirror": {Environment: environment(t, map[string]string{"PIP_INDEX_URL": inURL.URL})},
		"named mirror": {Environment: environment(t, map[string]string{"UV_DEFAULT_INDEX": "corp=" + f.URL + "/simple",
			"UV_INDEX_CORP_USERNAME": "us3r", "UV_INDEX_CORP_PASSWORD": secret})},
		"extra": {Environment: environment(t, map[string]string{"PIP_EXTRA_INDEX_URL": inURL.URL})},
	} {
		t.Run(name, func(t *testing.T) { mustFetch(t, newClient(t, config), wanted()) })
	}
	t.Run("index of the request", func(t *testing.T) {
		r := wanted()
		r.Index = inURL.URL
		mustFetch(t, newClient(t, Config{}), r)
	})
	t.Run("file of the request", func(t *testing.T) {
		mustFetch(t, newClient(t, Config{}), Request{File: wheelName, Hashes: wanted().Hashes, URL: withUser(f.URL + "/files/" + wheelName)})
	})
}

func TestRefusedAccess(t *testing.T) {
	f := newGuarded(t)
	_, err := newClient(t, only(f.source())).Fetch(t.Context(), wanted())
	if e := as[*AuthError](t, err); e.Given || e.Status != 401 || e.URL != f.URL+"/simple/demo-pkg/" {
		t.Errorf("the error is %+v", e)
	}
	wrong, _ := url.Parse(f.URL + "/simple/")
	wrong.User = url.UserPassword("bob", secret)
	_, err = newClient(t, only(Source{URL: wrong.String()})).Fetch(t.Context(), wanted())
	if e := as[*AuthError](t, err); !e.Given {
		t.Errorf("the error is %+v", e)
	}
	if n := len(f.asked("/simple/demo-pkg/")); n != 2 {
		t.Errorf("a refusal was asked again: %d requests", n)
	}
}

// TestCredentialsStayWithTheirHost has another origin behind a redirect, and behind a link.
func TestCredentialsStayWithTheirHost(t *testing.T) {
	other := newFake(t)
	f := newFake(t)
	f.file.set(guard(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/files/"+wheelName+"?signature=x", http.StatusFound)
	}))
	f.page.set(guard(f.absolutePage))
	mustFetch(t, newClient(t, only(Source{URL: withUser(f.URL + "/simple/")})), wanted())
	f.page.set(guard(func(w http.ResponseWriter, r *http.Request) {
		servePage(w, jsonFile{Filename: wheelName, URL: other.URL + "/files/" + wheelName})
	}))
	mustFetch(t, newClient(t, only(Source{URL: withUser(f.URL + "/simple/")})), wanted())
	f.page.set(guard(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/simple/demo-pkg/", http.StatusMovedPermanently)
	}))
	mustFetch(t, newClient(t, only(Source{URL: withUser(f.URL + "/simple/")})), wanted())
	if len(other.requests) != 4 {
		t.Errorf("%d requests", len(other.requests))
	}
	for _, r := range other.requests {
		if h := r.Header; h.Get("Authorization") != "" || h.Get("Referer") != "" || h.Get("Cookie") != "" {
			t.Errorf("another host was told %v", h)
		}
	}
}

func TestRedirectsOfOneHostKeepCredentials(t *testing.T) {
	f := newGuarded(t)
	inner := guard(f.absolutePage)
	f.page.set(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "" {
			http.Redirect(w, r, "?again", http.StatusTemporaryRedirect)
			return
		}
		inner(w, r)
	})
	mustFetch(t, newClient(t, only(Source{URL: withUser(f.URL + "/simple/")})), wanted())
	r := wanted()
	r.Index = withUser(f.URL + "/simple/")
	mustFetch(t, newClient(t, Config{}), r)
}

func TestRedirectsThatDoNotEnd(t *testing.T) {
	f := newFake(t)
	for _, location := range []string{"?again", "ftp://x/", "http://[::1", ""} {
		f.page.set(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusFound)
		})
		config := only(f.source())
		config.Patience = Patience{Retries: -1}
		_, err := newClient(t, config).Fetch(t.Context(), wanted())
		as[*ConnectError](t, err)
	}
}

func TestCredentialsOfTheNearestPath(t *testing.T) {
	c, err := collect([]Source{
		{URL: "https://a:1@host.example/team-a/simple/"}, {URL: "https://b:2@host.example/team-b/simple/"},
		{URL: "http://c:3@host.example/"}, {URL: "https://d:4@host.example:8443/"}, {Name: "PyPI", URL: Default},
	}, environment(t, map[string]string{"POETRY_HTTP_BASIC_PYPI_USERNAME": "__token__", "POETRY_HTTP_BASIC_PYPI_PASSWORD": "publish"}))
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"https://host.example/team-a/files/x.whl": "a", "https://host.example/team-b/simple/x/": "b", "https://HOST.example:443/team-b/": "b",
		"https://host.example/files/x.whl": "a", "http://host.example/x": "c", "https://host.example:8443/x": "d",
		"https://sub.host.example/team-a/": "", "https://example/": "", Default + "x/": "",
	} {
		u, _ := url.Parse(address)
		if user, _, ok := c.find(u); user != want || ok != (want != "") {
			t.Errorf("%s: %q, want %q", address, user, want)
		}
	}
}

// TestNothingIsTold makes everything go wrong with a secret at hand, and looks for it in all that is said.
func TestNothingIsTold(t *testing.T) {
	told := func(t *testing.T, text string) {
		t.Helper()
		for _, part := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), "s3cr", "us3r", "tok3n"} {
			if strings.Contains(text, part) {
				t.Errorf("%q is told: %s", part, text)
			}
		}
	}
	f := newFake(t)
	dead := httptest.NewServer(nil)
	dead.Close()
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
	}
	for name, page := range map[string]http.HandlerFunc{
		"status": status(500), "denied": status(403), "missing": status(404), "teapot": status(418),
		"no page":  func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("{]")) },
		"broken":   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"redirect": redirect(withUser(dead.URL) + "/x?token=tok3n"),
		"no file": func(w http.ResponseWriter, r *http.Request) {
			servePage(w, jsonFile{Filename: wheelName, URL: withUser(dead.URL) + "/x.whl?token=tok3n"})
		},
		"other file": func(w http.ResponseWriter, r *http.Request) {
			servePage(w, jsonFile{Filename: wheelName, URL: "/simple/demo-pkg/?token=tok3n"})
		},
		"bad redirect": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://us3r:"+secret+"@%zz/tok3n")
			w.WriteHeader(http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f.page.set(page)
			e := &events{}
			config := only(Source{URL: withUser(f.URL + "/simple/")})
			config.Report = e.add
			_, err := newClient(t, config).Fetch(t.Context(), wanted())
			if err == nil {
				t.Fatal("nothing went wrong")
			}
			told(t, err.Error())
			told(t, fmt.Sprintf("%+v", e.all))
		})
	}
	for _, bad := range []string{"ftp://us3r:s3cr@host/?tok3n", "https://us3r:s3cr%zz@host/", "https://us3r:s3cr@ho st/", "us3r:s3cr@host"} {
		_, err := New(Config{Store: newStore(t), Sources: []Source{{URL: bad}}})
		if err == nil {
			t.Fatalf("%s was taken", bad)
		}
		told(t, err.Error())
	}
	for _, proxy := range []string{withUser(dead.URL), "http://us3r:s3cr%zz@host:1", "http://us3r:s3cr@[::1"} {
		config := only(Source{URL: "http://index.example/simple/"})
		config.Environment = environment(t, map[string]string{"HTTP_PROXY": proxy})
		_, err := newClient(t, config).Fetch(t.Context(), wanted())
		if err == nil {
			t.Fatal("a proxy that is not there was no error")
		}
		told(t, err.Error())
	}
}

func TestProxy(t *testing.T) {
	f := newFake(t)
	var viaProxy, authorized int
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		viaProxy++
		if strings.HasPrefix(r.Header.Get("Proxy-Authorization"), "Basic ") {
			authorized++
		}
		if r.URL.Host != "index.example" {
			t.Errorf("the proxy is asked for %s", r.URL.Host)
		}
		f.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	source := Source{URL: "http://index.example/simple/"}
	for _, variable := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY", "PIP_PROXY"} {
		before := viaProxy
		config := only(source)
		config.Environment = environment(t, map[string]string{variable: withUser(proxy.URL)})
		mustFetch(t, newClient(t, config), wanted())
		if viaProxy != before+2 {
			t.Errorf("%s: %d requests", variable, viaProxy-before)
		}
	}
	if authorized != viaProxy {
		t.Errorf("%d of %d requests with the proxy's password", authorized, viaProxy)
	}
	before := viaProxy
	config := only(source)
	config.Environment = environment(t, map[string]string{"HTTP_PROXY": proxy.URL, "NO_PROXY": "other.example,.index.example,index.example"})
	config.Patience = Patience{Retries: -1, Stall: time.Second}
	if _, err := newClient(t, config).Fetch(t.Context(), wanted()); err == nil || viaProxy != before {
		t.Errorf("NO_PROXY is not obeyed: %v", err)
	}
}

func TestHTTPSThroughAProxy(t *testing.T) {
	config := only(Source{URL: "https://index.example/simple/"})
	asked := make(chan string, 10)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.Host
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	t.Cleanup(proxy.Close)
	config.Environment = environment(t, map[string]string{"HTTPS_PROXY": proxy.URL})
	config.Patience = Patience{Retries: -1}
	_, err := newClient(t, config).Fetch(t.Context(), wanted())
	if e := as[*ConnectError](t, err); !strings.Contains(e.Error(), "Proxy Authentication Required") {
		t.Errorf("the error is %v", err)
	}
	if got := <-asked; got != "CONNECT index.example:443" {
		t.Errorf("the proxy was asked %s", got)
	}
}

func TestCertificates(t *testing.T) {
	f := &fake{}
	f.Server = httptest.NewTLSServer(f)
	t.Cleanup(f.Close)
	f.Config.ErrorLog = nil
	dir := t.TempDir()
	bundle := filepath.Join(dir, "ca.pem")
	content := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
	if err := os.WriteFile(bundle, content, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, variable := range []string{"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE"} {
		for _, path := range []string{bundle, dir} {
			config := only(f.source())
			config.Environment = environment(t, map[string]string{variable: path})
			mustFetch(t, newClient(t, config), wanted())
		}
	}
	e := &events{}
	config := only(f.source())
	config.Report = e.add
	_, err := newClient(t, config).Fetch(t.Context(), wanted())
	if as[*ConnectError](t, err); !strings.Contains(err.Error(), "certificate") || len(e.all) != 0 {
		t.Errorf("a server that is not trusted: %v, %v", err, e.all)
	}
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{empty, filepath.Join(dir, "nothing.pem")} {
		config.Environment = environment(t, map[string]string{"PIP_CERT": path})
		config.Store = newStore(t)
		_, err := newClient(t, config).Fetch(t.Context(), wanted())
		if e := as[*BundleError](t, err); e.Variable != "PIP_CERT" || e.Path != path || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestNoSuchHostIsNotAskedAgain(t *testing.T) {
	e := &events{}
	config := only(Source{URL: "http://index.invalid/simple/"})
	config.Report = e.add
	config.Environment.NoProxy = "*"
	_, err := newClient(t, config).Fetch(t.Context(), wanted())
	as[*ConnectError](t, err)
	if n := len(e.of(Retrying)); n != 0 && strings.Contains(err.Error(), "no such host") {
		t.Errorf("%d retries: %v", n, err)
	}
}

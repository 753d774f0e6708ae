package index

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const htmlPage = `<!DOCTYPE html>
<html><head><meta name="pypi:repository-version" content="1.3"><title>Links</title></head>
<body>
<a href="../../files/demo_pkg-1.0-py3-none-any.whl#sha256=ABCD" data-requires-python="&gt;=3.9,&lt;4">demo_pkg-1.0-py3-none-any.whl</a><br/>
<A HREF='/files/demo%2Bpkg-2.0.tar.gz?token=x#egg=x&amp;sha512=ff' data-yanked data-dist-info-metadata="sha256=00">demo+pkg-2.0.tar.gz</A>
<a href="//other.example/x-1-py3-none-any.whl" data-yanked="broken &quot;wheel&quot;" data-gpg-sig="true" rel="internal">x</a>
<a>no address</a> <a href="">empty</a> <a href="/dir/">directory</a> <a href="mailto:ann@example">mail</a> <a href="javascript:x">no</a>
<a href="http://[::1">bad</a>
<!-- <a href="/files/commented-1.0-py3-none-any.whl">no</a> -->
</body></html>`

const jsonPage = `{"meta": {"api-version": "1.1", "_last-serial": 7}, "name": "demo-pkg", "versions": ["1.0", "2.0"], "other": {"files": [1]},
"files": [
 {"filename": "demo_pkg-1.0-py3-none-any.whl", "url": "../../files/demo_pkg-1.0-py3-none-any.whl", "hashes": {"SHA256": "ABCD", "md5": "00"},
  "requires-python": ">=3.9,<4", "size": 12, "upload-time": "2020-01-01T00:00:00Z", "yanked": false, "core-metadata": {"sha256": "00"}},
 {"filename": "demo+pkg-2.0.tar.gz", "url": "/files/demo%2Bpkg-2.0.tar.gz?token=x", "hashes": {"sha512": "ff"}, "requires-python": null, "yanked": true},
 {"filename": "x-1-py3-none-any.whl", "url": "//other.example/x-1-py3-none-any.whl", "hashes": {}, "yanked": "broken \"wheel\""},
 {"filename": "", "url": "/files/x.whl", "hashes": {}}, {"filename": "y.whl", "url": "file:///etc/y.whl", "hashes": {}}
]}`

const pageURL = "https://index.example/simple/demo-pkg/"

func read(t *testing.T, kind, text string) []string {
	t.Helper()
	links, err := parsePage(kind, text)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, l := range links {
		lines = append(lines, fmt.Sprintf("%s %s sha256=%s sha512=%s python%q yanked=%t%q size=%d",
			l.Name, redactURL(l.URL), l.Hashes["sha256"], l.Hashes["sha512"], l.RequiresPython, l.Yanked, l.YankedReason, l.Size))
	}
	return lines
}

func parsePage(kind, text string) ([]Link, error) {
	base, _ := url.Parse(pageURL)
	a := &answer{Response: &http.Response{Header: http.Header{"Content-Type": {kind}}, Body: body(text)}, url: base}
	var links []Link
	err := readPage(a, func(l Link) bool {
		links = append(links, l)
		return true
	})
	return links, err
}

type text struct{ *strings.Reader }

func (text) Close() error { return nil }

func body(content string) text { return text{strings.NewReader(content)} }

func TestPages(t *testing.T) {
	want := []string{
		`demo_pkg-1.0-py3-none-any.whl https://index.example/files/demo_pkg-1.0-py3-none-any.whl sha256=abcd sha512= python">=3.9,<4" yanked=false"" size=0`,
		`demo+pkg-2.0.tar.gz https://index.example/files/demo%2Bpkg-2.0.tar.gz sha256= sha512=ff python"" yanked=true"" size=0`,
		`x-1-py3-none-any.whl https://other.example/x-1-py3-none-any.whl sha256= sha512= python"" yanked=true"broken \"wheel\"" size=0`,
	}
	for _, kind := range []string{"text/html", "text/html; charset=utf-8", "application/vnd.pypi.simple.v1+html", "", "text/plain"} {
		if got := read(t, kind, htmlPage); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("HTML as %q:\n%s", kind, strings.Join(got, "\n"))
		}
	}
	want[0] = strings.Replace(want[0], "size=0", "size=12", 1)
	for _, kind := range []string{"application/vnd.pypi.simple.v1+json", "application/json", "application/octet-stream", ""} {
		if got := read(t, kind, jsonPage); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("JSON as %q:\n%s", kind, strings.Join(got, "\n"))
		}
	}
}

func TestBaseOfAPage(t *testing.T) {
	got := read(t, "text/html", `<base href="https://files.example/all/"><a href="a-1-py3-none-any.whl">a</a>`)
	if len(got) != 1 || !strings.Contains(got[0], " https://files.example/all/a-1-py3-none-any.whl ") {
		t.Errorf("got %q", got)
	}
}

func TestPagesThatAreNone(t *testing.T) {
	for _, c := range []struct{ kind, text string }{
		{"text/html", `<meta name="pypi:repository-version" content="2.0">`},
		{"text/html", "<a href=\"" + strings.Repeat("x", 2*largestToken)},
		{"application/json", `{"meta": {"api-version": "2.0"}, "files": []}`},
		{"application/json", `{"meta": {"api-version": "1.0"}}`},
		{"application/json", `{"files": {}}`},
		{"application/json", `{"files": [{"filename": 1}]}`},
		{"application/json", `{"files": [`},
		{"application/json", `[]`},
		{"application/json", ``},
		{"", `hello`},
		{"application/zip", "PK\x03\x04"},
	} {
		_, err := parsePage(c.kind, c.text)
		if e := as[*PageError](t, err); e.URL != pageURL {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}

func TestAPageThatIsTooLarge(t *testing.T) {
	limited := &pageReader{r: strings.NewReader("<a href=x><a href=y>"), left: 10}
	base, _ := url.Parse(pageURL)
	n := 0
	if err := readHTML(limited, base, func(Link) bool {
		n++
		return true
	}); err == nil || n != 1 {
		t.Errorf("%d links, %v", n, err)
	}
}

func TestBrokenPageIsReadAgain(t *testing.T) {
	f := newFake(t)
	whole := func(w http.ResponseWriter, r *http.Request) { f.absolutePage(w, r) }
	f.page.set(inTurn(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "5000")
		_, _ = w.Write([]byte(`{"files": [`))
		panic(http.ErrAbortHandler)
	}, whole))
	mustFetch(t, newClient(t, only(f.source())), wanted())
}

func TestLinksOfABrokenPageAreThereOnce(t *testing.T) {
	f := newFake(t)
	page := `<a href="b-1.whl">b</a><a href="a-1.whl">a</a>`
	f.page.set(inTurn(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "5000")
		_, _ = w.Write([]byte(page))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}, func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(page)) }))
	links, err := newClient(t, only(f.source())).Links(t.Context(), Request{Package: "demo-pkg"})
	if err != nil || len(links) != 2 || links[0].Name != "a-1.whl" || links[1].Name != "b-1.whl" {
		t.Errorf("got %+v, %v", links, err)
	}
}

func FuzzHTML(f *testing.F) {
	f.Add(htmlPage)
	f.Add(`<base href="::"><a href="?x#sha256=%zz">`)
	f.Add("<a href='\x00//@:/x'>")
	f.Fuzz(func(t *testing.T, text string) { fuzzPage(t, "text/html", text) })
}

func FuzzJSON(f *testing.F) {
	f.Add(jsonPage)
	f.Add(`{"files":[{"filename":"x","url":"http://@/","yanked":""}]}`)
	f.Add(`{"meta":{},"files":null}`)
	f.Fuzz(func(t *testing.T, text string) { fuzzPage(t, "application/json", text) })
}

// fuzzPage checks what every link of every page has, and that links survive the store.
func fuzzPage(t *testing.T, kind, text string) {
	links, err := parsePage(kind, text)
	if err != nil {
		as[*PageError](t, err)
	}
	for _, l := range links {
		if l.Name == "" || l.Size < 0 || l.URL.Scheme != "http" && l.URL.Scheme != "https" {
			t.Errorf("the link %+v", l)
		}
	}
	content, err := encodeLinks(links)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := decodeLinks(content); err == nil && len(again) != len(links) {
		t.Errorf("%d links became %d", len(links), len(again))
	}
}

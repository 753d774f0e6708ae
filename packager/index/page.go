package index

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
)

// Link is a file that an index lists.
type Link struct {
	Name string
	// URL is where it is. It may have a token in its query: do not show it.
	URL *url.URL
	// Hashes are in hexadecimal digits, by algorithm.
	Hashes map[string]string
	// RequiresPython is a specifier of versions, empty where there is none.
	RequiresPython string
	Yanked         bool
	YankedReason   string
	// Size is in bytes, 0 where the index does not say it (PEP 700).
	Size int64
}

// accepted prefers JSON, as PEP 691 has it.
const accepted = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"

// largestPage is how many bytes a page may have. The largest of the Python Package Index has about twenty million.
const largestPage = 256 << 20

// page gives each link of a package's page to yield, until that wants no more. When the page breaks off, what it gave is
// given again.
func (c *Client) page(ctx context.Context, s Source, name string, yield func(Link) bool) error {
	u, err := parseURL(s.URL)
	if err != nil {
		return err
	}
	wanted := python.NormalizeName(name)
	single := path.Ext(u.Path) == ".html" || path.Ext(u.Path) == ".htm"
	if !single {
		u = u.JoinPath(wanted + "/")
	}
	return c.repeat(ctx, wanted, func() (bool, error) {
		a, err := c.send(ctx, u, http.Header{"Accept": {accepted}})
		if err != nil {
			return false, err
		}
		defer a.Body.Close()
		switch {
		case a.StatusCode == http.StatusOK:
			return false, readPage(a, yield)
		case a.StatusCode == http.StatusNotFound, a.StatusCode == http.StatusGone:
			return false, &NotFoundError{Wanted: name, Places: []string{s.String()}}
		case a.busyStatus() != nil:
			return false, a.busyStatus()
		default:
			return false, a.refused()
		}
	})
}

// readPage reads a page in the form that its type says, or its first character where the type says nothing.
func readPage(a *answer, yield func(Link) bool) error {
	limited := &pageReader{r: a.Body, left: largestPage}
	r := bufio.NewReader(limited)
	kind, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	var err error
	switch {
	case strings.HasSuffix(kind, "json"), !strings.HasSuffix(kind, "html") && startsWith(r, '{'):
		err = readJSON(r, a.url, yield)
	case strings.HasSuffix(kind, "html"), startsWith(r, '<'):
		err = readHTML(r, a.url, yield)
	default:
		err = errors.New("it is neither JSON nor HTML")
	}
	var connect *ConnectError
	switch {
	case errors.Is(err, errEnough):
		return nil
	case err == nil, errors.Is(err, context.Canceled), errors.As(err, &connect):
		return err
	case limited.err != nil && limited.err != io.EOF:
		return connectError(a.url, limited.err)
	default:
		return &PageError{URL: redactURL(a.url), What: err.Error()}
	}
}

// errEnough ends the reading of a page of which nobody wants more.
var errEnough = errors.New("enough")

// startsWith reports which character comes first after spaces and a byte order mark.
func startsWith(r *bufio.Reader, c byte) bool {
	ahead, _ := r.Peek(512)
	text := strings.TrimLeft(strings.TrimPrefix(string(ahead), "\ufeff"), " \t\r\n")
	return text != "" && text[0] == c
}

// pageReader reads no more than a page may have, and remembers what went wrong with the connection.
type pageReader struct {
	r    io.Reader
	left int64
	err  error
}

func (p *pageReader) Read(b []byte) (int, error) {
	if p.left <= 0 {
		return 0, errors.New("it is too large")
	}
	n, err := p.r.Read(b[:min(int64(len(b)), p.left)])
	p.left -= int64(n)
	p.err = err
	return n, err
}

// newLink makes a link of what both forms of a page have. It reports false for what is no file.
func newLink(base *url.URL, address string) (Link, bool) {
	u, err := base.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return Link{}, false
	}
	if u.User == nil && origin(u) == origin(base) {
		u.User = base.User // a file beside its page
	}
	l := Link{Name: path.Base(u.Path), URL: u, Hashes: map[string]string{}}
	if l.Name == "." || l.Name == "/" || strings.HasSuffix(u.Path, "/") {
		return Link{}, false
	}
	return l, true
}

// storedLink is a link as the store keeps it.
type storedLink struct {
	Name, URL      string
	Hashes         map[string]string
	RequiresPython string `json:",omitempty"`
	Yanked         bool   `json:",omitempty"`
	YankedReason   string `json:",omitempty"`
	Size           int64  `json:",omitempty"`
}

// encodeLinks leaves out users, passwords and queries: nothing of that stays on a disk.
func encodeLinks(links []Link) ([]byte, error) {
	stored := make([]storedLink, 0, len(links))
	for _, l := range links {
		stored = append(stored, storedLink{l.Name, redactURL(l.URL), l.Hashes, l.RequiresPython, l.Yanked, l.YankedReason, l.Size})
	}
	return json.Marshal(stored)
}

func decodeLinks(content []byte) ([]Link, error) {
	var stored []storedLink
	if err := json.Unmarshal(content, &stored); err != nil {
		return nil, err
	}
	links := make([]Link, 0, len(stored))
	for _, l := range stored {
		u, err := parseURL(l.URL)
		if err != nil {
			return nil, err
		}
		links = append(links, Link{l.Name, u, l.Hashes, l.RequiresPython, l.Yanked, l.YankedReason, l.Size})
	}
	return links, nil
}

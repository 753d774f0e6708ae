package index

import (
	"errors"
	"io"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// largestToken is how many bytes a tag or a text of a page may have.
const largestToken = 1 << 20

// readHTML reads a page in HTML (PEP 503): each link's address, with a hash behind the #, what Python it requires, and
// whether it was yanked (PEP 592).
func readHTML(r io.Reader, base *url.URL, yield func(Link) bool) error {
	z := html.NewTokenizer(r)
	z.SetMaxBuf(largestToken)
	for {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() == io.EOF {
				return nil
			}
			return z.Err()
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := z.Token()
			switch tag.DataAtom {
			case atom.Base:
				if u, err := base.Parse(attributes(tag)["href"]); err == nil {
					base = u
				}
			case atom.Meta:
				a := attributes(tag)
				if a["name"] == "pypi:repository-version" && !knownVersion(a["content"]) {
					return errors.New("it has a version that is not known")
				}
			case atom.A:
				if l, ok := htmlLink(base, attributes(tag)); ok && !yield(l) {
					return errEnough
				}
			}
		}
	}
}

func htmlLink(base *url.URL, a map[string]string) (Link, bool) {
	address, ok := a["href"]
	if !ok {
		return Link{}, false
	}
	l, ok := newLink(base, address)
	if !ok {
		return Link{}, false
	}
	for _, part := range strings.Split(l.URL.Fragment, "&") {
		if algorithm, digits, ok := strings.Cut(part, "="); ok && newHash(algorithm) != nil {
			l.Hashes[algorithm] = strings.ToLower(digits)
		}
	}
	l.RequiresPython = a["data-requires-python"]
	l.YankedReason, l.Yanked = a["data-yanked"]
	return l, true
}

// attributes gives a tag's attributes; of two with one name the first counts, as in HTML.
func attributes(tag html.Token) map[string]string {
	all := make(map[string]string, len(tag.Attr))
	for _, a := range tag.Attr {
		if _, ok := all[a.Key]; !ok {
			all[a.Key] = a.Val
		}
	}
	return all
}

// knownVersion reports whether a page of that version can be read: all of 1 can (PEP 629).
func knownVersion(version string) bool {
	major, _, _ := strings.Cut(version, ".")
	return major == "1"
}

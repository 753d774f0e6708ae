package index

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Default is the index that is searched where nothing else is said.
const Default = "https://pypi.org/simple/"

// Source is an index.
type Source struct {
	// Name is how the project calls it; it may be empty.
	Name string
	// URL is its root: the page of a package is below it. A URL that ends with .html or .htm is one page that has the
	// links of all packages, as Poetry takes it. It may have a user name and password.
	URL      string
	Priority Priority
}

// String names the source for people, without credentials.
func (s Source) String() string { return redact(s.URL) }

// Check reports a URL that is none of an index. The error shows nothing of it that may be secret.
func (s Source) Check() error {
	_, err := parseURL(s.URL)
	return err
}

// Priority says when a source is searched. The names and their meaning are Poetry's.
type Priority int

const (
	// Primary sources are searched in their order. A project that has one does without the Python Package Index, unless
	// that is among them.
	Primary Priority = iota
	// Supplemental sources are searched when no primary one has the file.
	Supplemental
	// Explicit sources are searched for packages that name them.
	Explicit
)

// ParsePriority reads a priority as pyproject.toml has it. "default", which stood for an only primary source, and
// "secondary" are from before Poetry 2.
func ParsePriority(text string) (Priority, error) {
	switch strings.ToLower(text) {
	case "", "default", "primary":
		return Primary, nil
	case "supplemental", "secondary":
		return Supplemental, nil
	case "explicit":
		return Explicit, nil
	default:
		return 0, fmt.Errorf("%q is no priority of a source: it is primary, supplemental or explicit", text)
	}
}

// arrange puts the sources in their order, and finds out which credentials belong to them.
func (c *Client) arrange(project []Source, environment Environment) error {
	c.mirror = environment.Default
	standard := Source{Name: "pypi", URL: Default}
	if c.mirror != nil {
		standard = *c.mirror
	}
	c.sources = append(c.sources, environment.Extra...)
	primary := false
	for _, s := range project {
		if isDefault(s.URL) || s.URL == "" && strings.EqualFold(s.Name, "pypi") {
			s.URL = standard.URL
		}
		primary = primary || s.Priority == Primary
		c.sources = append(c.sources, s)
	}
	if !primary {
		c.sources = append(c.sources, standard)
	}
	var err error
	c.credentials, err = collect(append(c.sources, standard), environment)
	return err
}

// searched gives the sources that may have a package whose lock names an index; an index that no source has is searched
// without a name.
func (c *Client) searched(index string) []Source {
	if index == "" {
		return append(c.ofPriority(Primary), c.ofPriority(Supplemental)...)
	}
	if isDefault(index) {
		if c.mirror != nil {
			return []Source{*c.mirror}
		}
		return []Source{{Name: "pypi", URL: Default}}
	}
	for _, s := range c.sources {
		if strings.EqualFold(s.Name, index) || sameIndex(s.URL, index) {
			return []Source{s}
		}
	}
	return []Source{{URL: index}}
}

func (c *Client) ofPriority(p Priority) []Source {
	var all []Source
	for _, s := range c.sources {
		if s.Priority == p {
			all = append(all, s)
		}
	}
	return all
}

// isDefault reports whether a name or URL means the Python Package Index, by any of the addresses that locks have for it.
func isDefault(index string) bool {
	if strings.EqualFold(index, "pypi") {
		return true
	}
	u, err := url.Parse(index)
	if err != nil {
		return false
	}
	path := strings.Trim(u.Path, "/")
	switch u.Hostname() {
	case "pypi.org", "pypi.python.org", "www.pypi.org":
		return path == "" || path == "simple" || path == "pypi"
	default:
		return false
	}
}

// sameIndex compares two URLs but for credentials and the slash at the end.
func sameIndex(a, b string) bool {
	ua, err := url.Parse(a)
	if err != nil {
		return false
	}
	ub, err := url.Parse(b)
	if err != nil {
		return false
	}
	return origin(ua) == origin(ub) && strings.TrimRight(ua.EscapedPath(), "/") == strings.TrimRight(ub.EscapedPath(), "/")
}

// origin is scheme, host and port: what credentials are for (RFC 6454).
func origin(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return strings.ToLower(u.Scheme) + "://" + strings.ToLower(u.Hostname()) + ":" + port
}

// parseURL reads the URL of a source or a file. Its error does not show the URL, which may have a password.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("the URL of an index or a file cannot be read")
	}
	if u.Host == "" {
		return nil, errors.New("the URL of an index or a file has no host: it has to begin with https:// or http://")
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("%s is no URL of an index or a file: it has to begin with https:// or http://", redact(text))
	}
	return u, nil
}

// redact shows a URL without user, password, query and fragment.
func redact(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "a URL that cannot be read"
	}
	return redactURL(u)
}

func redactURL(u *url.URL) string {
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	return shown.String()
}

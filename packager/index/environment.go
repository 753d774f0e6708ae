package index

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Environment is what the variables of pip, Poetry, uv and curl say about fetching.
type Environment struct {
	// Default stands in for the Python Package Index; nil for none.
	Default *Source
	// Extra are searched before what the project names.
	Extra []Source
	// Lookup gives a variable: those for the names and passwords of sources depend on the sources' names. It may be nil.
	Lookup func(name string) string
	// Bundles are files or directories of certificate authorities that are trusted instead of the system's.
	Bundles []Bundle
	// HTTPProxy, HTTPSProxy and NoProxy are as curl has them.
	HTTPProxy, HTTPSProxy, NoProxy string
	// Netrc is the file of names and passwords for hosts, which need not be there; empty for none.
	Netrc string
	// NetrcNamed says that a variable names it, so that it must be there.
	NetrcNamed bool
	// Stall is how long a server may say nothing; 0 where nothing is set.
	Stall time.Duration
	// Retries is how often a failed request is repeated; -1 where nothing is set.
	Retries int
}

// Bundle is a file or directory of certificates, and the variable that names it.
type Bundle struct{ Variable, Path string }

// ReadEnvironment reads the variables, through getenv, which gives an empty text for what is not set:
//
//   - POETRY_PYPI_MIRROR_URL, UV_DEFAULT_INDEX, UV_INDEX_URL, PIP_INDEX_URL: the first that is set stands in for the
//     Python Package Index
//   - UV_INDEX, UV_EXTRA_INDEX_URL, PIP_EXTRA_INDEX_URL: more indexes; UV_INDEX may name them ("name=url")
//   - POETRY_HTTP_BASIC_<NAME>_USERNAME and _PASSWORD, UV_INDEX_<NAME>_USERNAME and _PASSWORD: for the source of that name
//   - NETRC, else .netrc (or _netrc) in HOME or USERPROFILE: for hosts
//   - PIP_CERT, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_FILE, SSL_CERT_DIR: certificate authorities
//   - PIP_PROXY, HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, in lower case too
//   - UV_HTTP_TIMEOUT, POETRY_REQUESTS_TIMEOUT, PIP_DEFAULT_TIMEOUT, in seconds; UV_HTTP_RETRIES, PIP_RETRIES
//
// Its error is a variable with a value that cannot be.
func ReadEnvironment(getenv func(string) string) (Environment, error) {
	e := Environment{Lookup: getenv, NoProxy: first(getenv, "no_proxy", "NO_PROXY"), Retries: -1}
	both := first(getenv, "PIP_PROXY")
	all := first(getenv, "all_proxy", "ALL_PROXY")
	e.HTTPProxy = cmp.Or(both, first(getenv, "http_proxy", "HTTP_PROXY"), all)
	e.HTTPSProxy = cmp.Or(both, first(getenv, "https_proxy", "HTTPS_PROXY"), all)
	for _, variable := range []string{"POETRY_PYPI_MIRROR_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"} {
		u := getenv(variable)
		if u == "" {
			continue
		}
		s := namedIndex(u)
		if err := s.Check(); err != nil {
			return e, fmt.Errorf("%s: %w", variable, err)
		}
		s.Name = cmp.Or(s.Name, "pypi-mirror")
		e.Default = &s
		break
	}
	for _, variable := range []string{"UV_INDEX", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL"} {
		for _, text := range strings.Fields(getenv(variable)) {
			s := namedIndex(text)
			if err := s.Check(); err != nil {
				return e, fmt.Errorf("%s: %w", variable, err)
			}
			e.Extra = append(e.Extra, s)
		}
	}
	for _, variable := range []string{"PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"} {
		same := func(b Bundle) bool { return b.Path == getenv(variable) }
		if path := getenv(variable); path != "" && !slices.ContainsFunc(e.Bundles, same) {
			e.Bundles = append(e.Bundles, Bundle{variable, path})
		}
	}
	for _, path := range filepath.SplitList(getenv("SSL_CERT_DIR")) {
		e.Bundles = append(e.Bundles, Bundle{"SSL_CERT_DIR", path})
	}
	e.readNetrc(getenv)
	return e, e.readNumbers(getenv)
}

// namedIndex reads an index as UV_INDEX has it: a URL, with a name before it or not.
func namedIndex(text string) Source {
	name, rest, ok := strings.Cut(text, "=")
	if ok && !strings.ContainsAny(name, ":/") {
		return Source{Name: name, URL: rest}
	}
	return Source{URL: text}
}

func (e *Environment) readNetrc(getenv func(string) string) {
	if e.Netrc = getenv("NETRC"); e.Netrc != "" {
		e.NetrcNamed = true
		return
	}
	if home := first(getenv, "HOME", "USERPROFILE"); home != "" {
		e.Netrc = filepath.Join(home, ".netrc")
	}
}

func (e *Environment) readNumbers(getenv func(string) string) error {
	for _, variable := range []string{"UV_HTTP_TIMEOUT", "POETRY_REQUESTS_TIMEOUT", "PIP_DEFAULT_TIMEOUT"} {
		if text := getenv(variable); text != "" && e.Stall == 0 {
			seconds, err := strconv.ParseFloat(text, 64)
			if err != nil || !(seconds > 0 && seconds < 1e6) {
				return fmt.Errorf("%s is %q, not a number of seconds", variable, text)
			}
			e.Stall = time.Duration(seconds * float64(time.Second))
		}
	}
	for _, variable := range []string{"UV_HTTP_RETRIES", "PIP_RETRIES"} {
		if text := getenv(variable); text != "" && e.Retries < 0 {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || n > 100 {
				return fmt.Errorf("%s is %q, not a number from 0 to 100", variable, text)
			}
			e.Retries = n
		}
	}
	return nil
}

// first gives the first variable that is set.
func first(getenv func(string) string, names ...string) string {
	for _, name := range names {
		if value := getenv(name); value != "" {
			return value
		}
	}
	return ""
}

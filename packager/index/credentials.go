package index

import (
	"net/url"
	"strings"
)

// credential is a name and password for what is at and below a URL.
type credential struct {
	origin, path   string
	user, password string
}

// credentials are all that are set, those for URLs before those for hosts.
type credentials struct {
	forURLs  []credential
	forHosts netrc
	// configured has the hosts of sources, for which netrc's default counts.
	configured map[string]bool
}

// collect finds out which credentials there are. Those in a URL come before those that variables have for its name.
func collect(sources []Source, environment Environment) (credentials, error) {
	all := credentials{configured: map[string]bool{}}
	for _, s := range sources {
		u, err := parseURL(s.URL)
		if err != nil {
			return all, err
		}
		if !isDefault(redactURL(u)) {
			all.configured[strings.ToLower(u.Hostname())] = true
		}
		user, password := u.User.Username(), ""
		if u.User != nil {
			password, _ = u.User.Password()
		} else {
			user, password = environment.named(s.Name)
		}
		if user != "" || password != "" {
			all.forURLs = append(all.forURLs, credential{origin(u), u.EscapedPath(), user, password})
		}
	}
	var err error
	all.forHosts, err = readNetrc(environment.Netrc, environment.NetrcNamed)
	return all, err
}

// named gives what the variables have for a source's name. The name of the Python Package Index has none: there, such
// variables are for publishing.
func (e Environment) named(name string) (user, password string) {
	if name == "" || e.Lookup == nil || isDefault(name) {
		return "", ""
	}
	name = strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(name))
	for _, prefix := range []string{"POETRY_HTTP_BASIC_", "UV_INDEX_"} {
		user, password = e.Lookup(prefix+name+"_USERNAME"), e.Lookup(prefix+name+"_PASSWORD")
		if user != "" || password != "" {
			break
		}
	}
	return user, password
}

// find gives the credentials for a URL: of those that are set for its origin, the ones whose path has most in common with
// it, since an index often has its files beside its pages; else those that netrc has for the host.
func (c credentials) find(u *url.URL) (user, password string, ok bool) {
	length := -1
	for _, candidate := range c.forURLs {
		if candidate.origin != origin(u) {
			continue
		}
		if n := common(candidate.path, u.EscapedPath()); n > length {
			length, user, password = n, candidate.user, candidate.password
		}
	}
	if length >= 0 {
		return user, password, true
	}
	host := strings.ToLower(u.Hostname())
	return c.forHosts.find(host, c.configured[host])
}

// common is how many segments two paths begin with together.
func common(a, b string) int {
	as, bs := strings.Split(strings.Trim(a, "/"), "/"), strings.Split(strings.Trim(b, "/"), "/")
	n := 0
	for n < len(as) && n < len(bs) && as[n] == bs[n] {
		n++
	}
	return n
}

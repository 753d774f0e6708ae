package docker

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/secret"
)

// settings are what a build needs of this machine to reach the network.
type settings struct {
	// network is the container's: the engine's default where it is empty.
	network string
	// ca has the certificate authorities to trust; empty for those of the image.
	ca string
	// every has the variables of every process: proxies. index has those of installers: where packages come from, and with
	// which credentials.
	every, index map[string]string
	// netrc is the text of such a file, for installers.
	netrc string
	// agent is the socket of an SSH agent, and knownHosts the text of the user's file of that name; empty for none.
	agent, knownHosts string
	// secrets must appear in no log.
	secrets *secret.Values
}

// readSettings takes over what the tools of Python would go by if they ran here.
func readSettings(env environment, offline, here bool) (settings, error) {
	s := settings{every: map[string]string{}, index: map[string]string{}}
	for _, setting := range env {
		name, value, _ := strings.Cut(setting, "=")
		switch {
		case value == "":
		case isProxy(name):
			s.every[name] = value
		case isIndexSetting(name):
			s.index[name] = value
		}
	}
	var err error
	if s.ca, err = readCA(env); err != nil {
		return settings{}, err
	}
	if s.netrc, err = readNetrc(env); err != nil {
		return settings{}, err
	}
	if s.agent = env.get("SSH_AUTH_SOCK"); s.agent != "" {
		known, err := os.ReadFile(env.home(".ssh", "known_hosts"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return settings{}, err
		}
		s.knownHosts = string(known)
	}
	s.secrets = secret.In(nil)
	s.secrets.AddPasswords(s.passwords()...)
	switch {
	case offline:
		s.network = "none"
		s.index["PIP_NO_INDEX"], s.index["UV_OFFLINE"] = "1", "1"
	case here && s.namesThisMachine():
		s.network = "host"
	}
	return s, nil
}

func isProxy(name string) bool {
	switch strings.ToUpper(name) {
	case "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY":
		return true
	}
	return false
}

// isIndexSetting knows the variables of pip, uv and Poetry that say where packages come from. Those that name files and
// directories of this machine mean nothing in a container.
func isIndexSetting(name string) bool {
	switch name {
	case "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT", "PIP_RETRIES", "PIP_PROXY", "PIP_NO_INDEX",
		"UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_INDEX_STRATEGY", "UV_INSECURE_HOST", "UV_HTTP_TIMEOUT",
		"UV_OFFLINE", "POETRY_PYPI_MIRROR_URL":
		return true
	}
	for _, prefix := range []string{"UV_INDEX_", "POETRY_HTTP_BASIC_", "POETRY_REPOSITORIES_", "POETRY_PYPI_TOKEN_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// readCA reads the certificate authorities of the first variable that names a file of them.
func readCA(env environment) (string, error) {
	for _, name := range caVariables() {
		if file := env.get(name); file != "" {
			data, err := os.ReadFile(file)
			if err != nil {
				return "", fmt.Errorf("%s: %w", name, err)
			}
			return string(data), nil
		}
	}
	return "", nil
}

// caVariables are the names that OpenSSL, curl, requests, pip, git and cargo have for one thing.
func caVariables() []string {
	return []string{"SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO", "CARGO_HTTP_CAINFO"}
}

// readNetrc reads the user's netrc, where there is one.
func readNetrc(env environment) (string, error) {
	file, named := env.get("NETRC"), true
	if file == "" {
		file, named = env.home(".netrc"), false
	}
	data, err := os.ReadFile(file)
	if err != nil && (named || !errors.Is(err, fs.ErrNotExist)) {
		return "", fmt.Errorf("netrc: %w", err)
	}
	return string(data), nil
}

// urls gives what of the settings may be a URL.
func (s settings) urls() []*url.URL {
	var found []*url.URL
	for _, values := range []map[string]string{s.every, s.index} {
		for _, value := range values {
			for _, word := range strings.Fields(value) {
				if _, after, named := strings.Cut(word, "=http"); named { // uv's name=URL
					word = "http" + after
				}
				if u, err := url.Parse(word); err == nil && u.Host != "" {
					found = append(found, u)
				}
			}
		}
	}
	return found
}

// namesThisMachine reports whether an index or a proxy is one of this machine alone: then the container has to be on its
// network.
func (s settings) namesThisMachine() bool {
	return slices.ContainsFunc(s.urls(), func(u *url.URL) bool {
		ip := net.ParseIP(u.Hostname())
		return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	})
}

// passwords lists the passwords and tokens in the settings, as they are and as URLs have them.
func (s settings) passwords() []string {
	var found []string
	for _, u := range s.urls() {
		if u.User == nil {
			continue
		}
		user, escaped, _ := strings.Cut(u.User.String(), ":")
		if password, ok := u.User.Password(); ok {
			found = append(found, password, escaped)
		} else { // a user without one is a token
			found = append(found, u.User.Username(), user)
		}
	}
	for name, value := range s.index {
		if strings.HasSuffix(name, "_PASSWORD") || strings.HasPrefix(name, "POETRY_PYPI_TOKEN_") {
			found = append(found, value, url.QueryEscape(value))
		}
	}
	words := strings.Fields(s.netrc)
	for i, word := range words {
		if word == "password" && i+1 < len(words) {
			found = append(found, words[i+1])
		}
	}
	return found
}

// shared are the files that every process of a container may read.
func (s settings) shared() map[string]string {
	return map[string]string{hookFile: hookProgram(), caFile: s.ca}
}

// variables are those of every process.
func (s settings) variables() map[string]string {
	v := make(map[string]string)
	for name, value := range s.every {
		v[name] = value
	}
	if s.ca != "" {
		for _, name := range caVariables() {
			v[name] = caFile
		}
	}
	return v
}

// installer adds the variables and files by which an installer finds packages. The files are the user's own.
func (s settings) installer(user int, t *task) {
	for name, value := range s.index {
		t.Set[name] = value
	}
	if s.netrc != "" {
		file := fmt.Sprintf("/dev/shm/monoplan-%d/netrc", user)
		t.Set["NETRC"] = file
		t.addFile(file, s.netrc)
	}
}

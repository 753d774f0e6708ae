package deployer

import (
	"bytes"
	"cmp"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// secrets are the values that no log may have.
type secrets struct {
	mutex  sync.Mutex
	values []string // longest first
}

// hidden stands where a secret was.
const hidden = "***"

// shortSecret is the length, in bytes, below which a value is no secret: it would be found in ordinary words.
const shortSecret = 6

func newSecrets(env []string) *secrets {
	s := &secrets{}
	s.add(env)
	return s
}

// add takes the values of those variables that are named like secrets, and the passwords in those that are URLs. Each
// line of a long value counts for itself, for a key is printed line by line.
func (s *secrets) add(env []string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		if isSecretName(name) {
			s.values = append(s.values, value)
			s.values = append(s.values, strings.Split(value, "\n")...)
		} else if u, err := url.Parse(value); err == nil && u.User != nil {
			if password, ok := u.User.Password(); ok {
				s.values = append(s.values, password, url.PathEscape(password))
			}
		}
	}
	s.values = slices.DeleteFunc(s.values, func(v string) bool { return len(strings.TrimSpace(v)) < shortSecret })
	slices.SortFunc(s.values, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	s.values = slices.Compact(s.values)
}

// isSecretName reports whether a variable of this name holds a secret.
func isSecretName(name string) bool {
	name = strings.ToUpper(name)
	for _, word := range []string{
		"SECRET", "TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "PRIVATE", "APIKEY", "API_KEY", "ACCESS_KEY",
		"AUTH", "CANARY", "COOKIE", "WEBHOOK", "SIGNATURE",
	} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return strings.HasSuffix(name, "_KEY") || strings.HasSuffix(name, "_PAT") || strings.HasSuffix(name, "_DSN")
}

// hide gives a text without the secrets.
func (s *secrets) hide(text string) string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, v := range s.values {
		text = strings.ReplaceAll(text, v, hidden)
	}
	return text
}

// hideIn gives what of b can be said already, without secrets, and what may be the beginning of one that is not whole.
func (s *secrets) hideIn(b []byte) (clean, rest []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, v := range s.values {
		b = bytes.ReplaceAll(b, []byte(v), []byte(hidden))
	}
	keep := 0
	for _, v := range s.values {
		for n := min(len(v)-1, len(b)); n > keep; n-- {
			if bytes.HasSuffix(b, []byte(v[:n])) {
				keep = n
				break
			}
		}
	}
	return b[:len(b)-keep], b[len(b)-keep:]
}

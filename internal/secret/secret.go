// Package secret keeps the secrets of an environment out of what is printed and logged: the values of variables that are named
// like secrets, and the passwords and tokens of URLs in the others.
package secret

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Values are the values that no log may have. They are safe for concurrent use.
type Values struct {
	mutex sync.Mutex
	// values are by their first byte, longest first.
	values map[byte][][]byte
}

// hidden stands where a secret was.
const hidden = "***"

// shortSecret is the length, in bytes, below which the value of a variable is no secret: it would be found in ordinary
// words. Of what is known for a password, shortPassword is.
const (
	shortSecret   = 6
	shortPassword = 4
)

// In gives the secrets of an environment, which is as os.Environ gives it.
func In(env []string) *Values {
	s := &Values{values: make(map[byte][][]byte)}
	s.Add(env)
	return s
}

// Add takes the values of those variables that are named like secrets, and the passwords and tokens in those that have URLs. Each
// line of a long value counts for itself, for a key is printed line by line.
func (s *Values) Add(env []string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		if isName(name) {
			s.add(value, shortSecret)
			for line := range strings.Lines(value) {
				s.add(strings.TrimRight(line, "\r\n"), shortSecret)
			}
			continue
		}
		for _, found := range secretsIn(value) {
			s.add(found, shortSecret)
			for _, unescape := range []func(string) (string, error){url.PathUnescape, url.QueryUnescape} {
				if plain, err := unescape(found); err == nil {
					s.add(plain, shortSecret)
				}
			}
		}
	}
}

// AddPasswords takes values that are known for passwords, whatever the variables are named that they come from.
func (s *Values) AddPasswords(passwords ...string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, p := range passwords {
		s.add(p, shortPassword)
	}
}

// secretsIn gives the passwords of the URLs in a text, as they are written there, and the values of their parameters that are named
// like secrets. A user of the web without a password is a token.
func secretsIn(text string) []string {
	var found []string
	for word := range strings.FieldsSeq(text) {
		scheme, rest, _ := strings.Cut(word, "://")
		for _, at := range parametersIn(rest) {
			found = append(found, rest[at.from:at.to])
		}
		user, password, both := strings.Cut(strings.TrimSuffix(credentials(rest), "@"), ":")
		if !both && (strings.HasSuffix(scheme, "http") || strings.HasSuffix(scheme, "https")) {
			password = user
		}
		found = append(found, password)
	}
	return found
}

func (s *Values) add(value string, short int) {
	if len(strings.TrimSpace(value)) < short {
		return
	}
	same := s.values[value[0]]
	at, found := slices.BinarySearchFunc(same, []byte(value), func(a, b []byte) int {
		if d := len(b) - len(a); d != 0 {
			return d
		}
		return bytes.Compare(a, b)
	})
	if !found {
		s.values[value[0]] = slices.Insert(same, at, []byte(value))
	}
}

// isName reports whether a variable of this name holds a secret. Long words say so wherever they are in it; short
// ones are in other words too (COMPASS, BYPASS_CACHE), and count as the last word alone.
func isName(name string) bool {
	name = notAuthorship.Replace(strings.ToUpper(name))
	for _, word := range []string{
		"SECRET", "TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "PRIVATE", "APIKEY", "API_KEY", "ACCESS_KEY",
		"AUTH", "COOKIE", "WEBHOOK", "SIGNATURE", "CONNECTION_STRING",
	} {
		if strings.Contains(name, word) {
			return true
		}
	}
	last := name[strings.LastIndexByte(name, '_')+1:]
	switch last {
	case "PASS", "JWT", "OTP", "PAT", "DSN":
		return true
	case "KEY", "PWD": // alone they are any key, and the current directory
		return last != name
	}
	return name == "PGPASS" || name == "SSHPASS"
}

// notAuthorship takes what is about authors out of a name, and leaves what is about authorisation: GIT_AUTHOR_NAME is no secret.
var notAuthorship = strings.NewReplacer("AUTHORIZATION", "AUTH", "AUTHORISATION", "AUTH", "AUTHOR", "")

// Hide gives a text without the secrets.
func (s *Values) Hide(text string) string {
	clean, _ := s.hideIn([]byte(text), true)
	return string(clean)
}

// hideIn gives what of a text can be said already, without secrets, and what may be the beginning of one and needs to
// be seen with what follows. The last text has no such rest.
func (s *Values) hideIn(text []byte, last bool) (clean, rest []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if len(s.values) == 0 {
		return text, nil
	}
	said := 0
	for at := 0; at < len(text); at++ {
		for _, value := range s.values[text[at]] {
			here := text[at:]
			if bytes.HasPrefix(here, value) {
				clean = append(append(clean, text[said:at]...), hidden...)
				said = at + len(value)
				at = said - 1
				break
			}
			if !last && bytes.HasPrefix(value, here) {
				return append(clean, text[said:at]...), slices.Clone(here)
			}
		}
	}
	return append(clean, text[said:]...), nil
}

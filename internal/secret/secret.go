// Package secret keeps the secrets of an environment out of what is printed and logged: the values of variables that are named
// like secrets, and the passwords of URLs in the others.
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

// shortSecret is the length, in bytes, below which a value is no secret: it would be found in ordinary words.
const shortSecret = 6

// In gives the secrets of an environment, which is as os.Environ gives it.
func In(env []string) *Values {
	s := &Values{values: make(map[byte][][]byte)}
	s.Add(env)
	return s
}

// Add takes the values of those variables that are named like secrets, and the passwords in those that are URLs. Each
// line of a long value counts for itself, for a key is printed line by line.
func (s *Values) Add(env []string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		if isName(name) {
			s.addValue(value)
			for line := range strings.Lines(value) {
				s.addValue(strings.TrimRight(line, "\r\n"))
			}
		} else if password := passwordIn(value); password != "" {
			s.addValue(password)
			if plain, err := url.PathUnescape(password); err == nil {
				s.addValue(plain)
			}
		}
	}
}

// passwordIn gives the password of a URL, as it is written there: people forget to escape it.
func passwordIn(value string) string {
	_, rest, _ := strings.Cut(value, "://")
	_, password, _ := strings.Cut(rest[:max(0, strings.LastIndexByte(rest, '@'))], ":")
	return password
}

func (s *Values) addValue(value string) {
	if len(strings.TrimSpace(value)) < shortSecret {
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
	clean, _ := s.HideIn([]byte(text), true)
	return string(clean)
}

// HideIn gives what of a text can be said already, without secrets, and what may be the beginning of one and needs to
// be seen with what follows. The last text has no such rest.
func (s *Values) HideIn(text []byte, last bool) (clean, rest []byte) {
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

package pep440

import (
	"cmp"
	"strings"
)

// scanner reads the parts of a version off the front of a text, in the order of PEP 440's appendix B.
type scanner struct{ rest string }

// version reads all but the local label.
func (s *scanner) version() (v Version, ok bool) {
	s.letters("v")
	if v.epoch, v.release, ok = s.release(); !ok {
		return Version{}, false
	}
	v.pre, v.preN = s.preRelease()
	v.post = s.postRelease()
	v.dev, _ = s.labelled("dev")
	return v, true
}

// release reads the epoch and the numbers.
func (s *scanner) release() (epoch string, release []string, ok bool) {
	epoch = "0"
	first := s.digits()
	if first != "" && strings.HasPrefix(s.rest, "!") {
		s.rest = s.rest[1:]
		epoch, first = first, s.digits()
	}
	if first == "" {
		return "", nil, false
	}
	release = append(release, first)
	for len(s.rest) > 1 && s.rest[0] == '.' && isDigit(s.rest[1]) {
		s.rest = s.rest[1:]
		release = append(release, s.digits())
	}
	return epoch, release, true
}

func (s *scanner) preRelease() (phase, string) {
	// The longer spellings first: "a" begins "alpha", "pre" begins "preview".
	for _, spelling := range [...]struct {
		letters string
		phase   phase
	}{
		{"alpha", alpha}, {"a", alpha}, {"beta", beta}, {"b", beta},
		{"preview", candidate}, {"pre", candidate}, {"c", candidate}, {"rc", candidate},
	} {
		if n, found := s.labelled(spelling.letters); found {
			return spelling.phase, n
		}
	}
	return final, ""
}

func (s *scanner) postRelease() string {
	if len(s.rest) > 1 && s.rest[0] == '-' && isDigit(s.rest[1]) {
		s.rest = s.rest[1:]
		return s.digits()
	}
	for _, letters := range [...]string{"post", "rev", "r"} {
		if n, found := s.labelled(letters); found {
			return n
		}
	}
	return ""
}

// labelled reads a label and its number: ".dev3", "-dev_3", "dev", which is "dev0". Nothing is read where the label is not there.
func (s *scanner) labelled(letters string) (n string, found bool) {
	before := s.rest
	s.separator()
	if !s.letters(letters) {
		s.rest = before
		return "", false
	}
	s.separator() // also where no number comes behind it
	return cmp.Or(s.digits(), "0"), true
}

// local reads "+ubuntu.1".
func (s *scanner) local() (label []string, ok bool) {
	if !strings.HasPrefix(s.rest, "+") {
		return nil, true
	}
	for {
		s.rest = s.rest[1:]
		n := 0
		for n < len(s.rest) && isAlphanumeric(s.rest[n]) {
			n++
		}
		if n == 0 {
			return nil, false
		}
		part := strings.ToLower(s.rest[:n])
		if isNumber(part) {
			part = trimZeros(part)
		}
		label = append(label, part)
		s.rest = s.rest[n:]
		if s.rest == "" || !isSeparator(s.rest[0]) {
			return label, true
		}
	}
}

func (s *scanner) separator() {
	if s.rest != "" && isSeparator(s.rest[0]) {
		s.rest = s.rest[1:]
	}
}

// letters reads a word, in either case.
func (s *scanner) letters(word string) bool {
	if len(s.rest) < len(word) {
		return false
	}
	for i := range len(word) {
		if s.rest[i]|0x20 != word[i] {
			return false
		}
	}
	s.rest = s.rest[len(word):]
	return true
}

// digits reads a number, and gives it without leading zeros.
func (s *scanner) digits() string {
	n := 0
	for n < len(s.rest) && isDigit(s.rest[n]) {
		n++
	}
	digits := s.rest[:n]
	s.rest = s.rest[n:]
	return trimZeros(digits)
}

func trimZeros(digits string) string {
	for len(digits) > 1 && digits[0] == '0' {
		digits = digits[1:]
	}
	return digits
}

func isSeparator(c byte) bool    { return c == '.' || c == '-' || c == '_' }
func isDigit(c byte) bool        { return c >= '0' && c <= '9' }
func isAlphanumeric(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' }

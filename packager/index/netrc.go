package index

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// netrc has names and passwords by host, as ftp(1) began it and curl, pip and uv read it.
type netrc struct {
	machines map[string]login
	// standard is for hosts that are not named.
	standard *login
}

type login struct{ user, password string }

// NetrcError is a netrc file that cannot be read or understood. It shows nothing of what the file has.
type NetrcError struct {
	Path string
	// Line is where it goes wrong, 0 where the file cannot be read.
	Line int
	What string
}

func (e *NetrcError) Error() string {
	if e.Line == 0 {
		return e.Path + ": " + e.What
	}
	return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.What)
}

// largestNetrc is how many bytes of a netrc file are read.
const largestNetrc = 1 << 20

// readNetrc reads a file. One that no variable names need not be there, may be called _netrc, and is ignored where it
// cannot be understood, as pip and curl do: it may be meant for other programs.
func readNetrc(path string, named bool) (netrc, error) {
	if path == "" {
		return netrc{}, nil
	}
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		content, err = os.ReadFile(filepath.Join(filepath.Dir(path), "_netrc"))
	}
	switch {
	case err == nil && len(content) > largestNetrc:
		err = errors.New("the file is too large")
	case err == nil:
		var n netrc
		if n, err = parseNetrc(path, string(content)); err == nil {
			return n, nil
		}
	}
	if !named {
		return netrc{}, nil
	}
	var understood *NetrcError
	if errors.As(err, &understood) {
		return netrc{}, err
	}
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	return netrc{}, &NetrcError{Path: path, What: "NETRC names it, and it cannot be read: " + err.Error()}
}

// find gives what is set for a host; standard says that an entry for any host will do.
func (n netrc) find(host string, standard bool) (user, password string, ok bool) {
	if l, ok := n.machines[host]; ok {
		return l.user, l.password, true
	}
	if standard && n.standard != nil {
		return n.standard.user, n.standard.password, true
	}
	return "", "", false
}

// netrcReader gives the words of a netrc file.
type netrcReader struct {
	text string
	line int
}

// parseNetrc reads entries. Of two for a host the first counts.
func parseNetrc(path, text string) (netrc, error) {
	n := netrc{machines: map[string]login{}}
	r := &netrcReader{text: text, line: 1}
	var current *login
	var host string
	keep := func() {
		if _, ok := n.machines[host]; current != nil && host != "" && !ok {
			n.machines[host] = *current
		}
	}
	for {
		word, ok := r.next()
		if !ok {
			keep()
			return n, nil
		}
		if word == "default" {
			keep()
			host, current = "", &login{}
			if n.standard == nil {
				n.standard = current
			}
			continue
		}
		line := r.line
		value, ok := r.next()
		if !ok {
			return netrc{}, &NetrcError{path, line, "the last entry is not complete"}
		}
		switch {
		case word == "machine":
			keep()
			host, current = strings.ToLower(value), &login{}
		case word == "macdef":
			r.skipMacro()
		case current == nil:
			return netrc{}, &NetrcError{path, line, "there is something before the first machine"}
		case word == "login", word == "user":
			current.user = value
		case word == "password":
			current.password = value
		case word == "account":
		default:
			return netrc{}, &NetrcError{path, line, "a word is none of machine, default, login, password, account and macdef"}
		}
	}
}

// next gives a word: what is between spaces, or in double quotes, where a backslash takes the next character as it is. A
// word that begins with # begins a comment, but for a value such as a password, which a # may be part of.
func (r *netrcReader) next() (word string, ok bool) {
	for {
		r.skipSpace()
		if r.text == "" {
			return "", false
		}
		if r.text[0] != '#' {
			return r.word(), true
		}
		r.skipTo("\n")
	}
}

func (r *netrcReader) skipSpace() {
	for r.text != "" && strings.IndexByte(" \t\r\n", r.text[0]) >= 0 {
		r.advance(1)
	}
}

func (r *netrcReader) word() string {
	quoted := r.text[0] == '"'
	if quoted {
		r.advance(1)
	}
	var b strings.Builder
	for r.text != "" {
		c := r.text[0]
		switch {
		case quoted && c == '"':
			r.advance(1)
			return b.String()
		case !quoted && strings.IndexByte(" \t\r\n", c) >= 0:
			return b.String()
		case c == '\\' && len(r.text) > 1:
			r.advance(1)
			c = r.text[0]
		}
		b.WriteByte(c)
		r.advance(1)
	}
	return b.String()
}

// skipMacro skips a macro, which ends with an empty line.
func (r *netrcReader) skipMacro() {
	r.text = strings.ReplaceAll(r.text, "\r\n", "\n")
	r.skipTo("\n\n")
}

func (r *netrcReader) skipTo(end string) {
	if i := strings.Index(r.text, end); i >= 0 {
		r.advance(i)
		return
	}
	r.advance(len(r.text))
}

func (r *netrcReader) advance(n int) {
	r.line += strings.Count(r.text[:n], "\n")
	r.text = r.text[n:]
}

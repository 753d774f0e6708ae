package assemble

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/monoplan/monoplan/packager/archive"
)

// ConflictError says that two owners bring one path with two contents, or one brings a file where another has a
// directory.
type ConflictError struct {
	// Path is the path in the archive, without the python/ of a layer.
	Path string
	// First and Second have the owners: a name and a version, or "the service's own code".
	First, Second string
	// Directory says that it is a directory of Second.
	Directory bool
}

func (e *ConflictError) Error() string {
	if e.Directory {
		return fmt.Sprintf("%s is a file of %s and a directory of %s", e.Path, e.First, e.Second)
	}
	return fmt.Sprintf("%s is in %s and in %s, with two contents", e.Path, e.First, e.Second)
}

// settle leaves one item of each path, or gives all conflicts, joined. Items are sorted by path, and those of one path
// by owner.
func (c *contents) settle() error {
	var kept []item
	var errs []error
	for _, i := range c.items {
		if len(kept) == 0 || kept[len(kept)-1].path != i.path {
			kept = append(kept, i)
			continue
		}
		winner, err := c.choose(kept[len(kept)-1], i)
		kept[len(kept)-1] = winner
		errs = append(errs, err)
	}
	c.items = kept
	return errors.Join(append(errs, c.checkDirectories())...)
}

// choose gives the one of two items of one path that goes into the archive.
func (c *contents) choose(a, b item) (item, error) {
	same, err := equal(a.source, b.source)
	if err != nil {
		return a, err
	}
	if same && a.owner != b.owner {
		a.executable = a.executable || b.executable
		return a, nil
	}
	if path.Base(a.path) == "__init__.py" && a.owner != 0 {
		first, err := namespaceKind(a.source)
		if err != nil {
			return a, err
		}
		second, err := namespaceKind(b.source)
		if err != nil {
			return a, err
		}
		switch {
		case first == code || second == code:
		case second > first:
			return b, nil
		default:
			return a, nil
		}
	}
	return a, &ConflictError{Path: a.path, First: c.owner(a), Second: c.owner(b)}
}

func (c *contents) owner(i item) string {
	if i.owner == 0 {
		return "the service's own code"
	}
	return c.shares[i.owner].Name + " " + c.shares[i.owner].Version
}

// checkDirectories looks for files where others have directories.
func (c *contents) checkDirectories() error {
	files := make(map[string]item, len(c.items))
	for _, i := range c.items {
		files[i.path] = i
	}
	var errs []error
	for n, parent := range archive.Parents(len(c.items), func(n int) string { return c.items[n].path }) {
		if file, ok := files[parent]; ok {
			errs = append(errs, &ConflictError{Path: parent, First: c.owner(file), Second: c.owner(c.items[n]), Directory: true})
		}
	}
	return errors.Join(errs...)
}

// equal compares two contents.
func equal(a, b source) (bool, error) {
	if x, ok := a.(wheelFile); ok {
		if y, ok := b.(wheelFile); ok && (x.file.Size != y.file.Size || x.file.CRC32 != y.file.CRC32) {
			return false, nil
		}
	}
	first, err := a.open()
	if err != nil {
		return false, err
	}
	defer first.Close()
	second, err := b.open()
	if err != nil {
		return false, err
	}
	defer second.Close()
	return equalReaders(bufio.NewReader(first), bufio.NewReader(second))
}

func equalReaders(a, b *bufio.Reader) (bool, error) {
	for {
		x, errX := a.ReadByte()
		y, errY := b.ReadByte()
		if errX == io.EOF || errY == io.EOF {
			return errX == errY, nil
		}
		if err := errors.Join(errX, errY); err != nil {
			return false, err
		}
		if x != y {
			return false, nil
		}
	}
}

// kind is what an __init__.py does. A larger one is worth more to a package in several parts.
type kind int

const (
	code      kind = iota // something that another __init__.py would not do
	empty                 // nothing
	namespace             // it makes its package one that has parts in several places
)

// longestNamespace is more than any __init__.py has that only declares a namespace, in bytes.
const longestNamespace = 8 << 10

// namespaceKind tells what an __init__.py does. Packages that share a namespace the old way (pkgutil, pkg_resources)
// each bring it, with comments of their own; one does as well as the other.
func namespaceKind(s source) (kind, error) {
	content, err := s.open()
	if err != nil {
		return code, err
	}
	defer content.Close()
	all, err := io.ReadAll(io.LimitReader(content, longestNamespace+1))
	if err != nil || len(all) > longestNamespace {
		return code, err
	}
	result := empty
	for line := range bytes.Lines(all) {
		statement, _, _ := strings.Cut(string(line), "#")
		switch statement = strings.TrimSpace(statement); {
		case strings.Contains(statement, "extend_path(__path__") || strings.Contains(statement, "declare_namespace(__name__)"):
			result = namespace
		case !partOfDeclaration(statement):
			return code, nil
		}
	}
	return result, nil
}

// partOfDeclaration reports whether a statement is one of those around a declaration of a namespace.
func partOfDeclaration(statement string) bool {
	switch strings.Join(strings.Fields(statement), " ") {
	case "", "try:", "except ImportError:", "except:", "import pkgutil", "import pkg_resources", "pass",
		"from pkgutil import extend_path":
		return true
	}
	return false
}

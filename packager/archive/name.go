package archive

import (
	"cmp"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is the longest path that Linux opens, and maxPart the longest name in a directory, in bytes.
const (
	maxName = 4095
	maxPart = 255
)

// CheckName tells why a name cannot be an entry's: it must be a relative path with slashes, in its shortest form, that
// means the same file on every system. The error is an [*Error].
func CheckName(name string) error {
	err := checkName(name)
	if strings.HasSuffix(name, "/") {
		err = refuse("is a directory")
	}
	if err, ok := err.(*Error); ok {
		err.Entry = name
	}
	return err
}

func checkName(name string) error {
	plain := strings.TrimSuffix(name, "/")
	switch {
	case plain == "":
		return refuse("is an empty name")
	case len(name) > maxName:
		return refuse("is a name of %d bytes", len(name))
	case !utf8.ValidString(name):
		return refuse("is a name that is not UTF-8")
	case strings.ContainsFunc(name, unicode.IsControl):
		return refuse("is a name with a control character")
	case strings.Contains(name, `\`):
		return refuse("is a name with a backslash")
	case strings.HasPrefix(name, "/"):
		return refuse("is an absolute name")
	case len(plain) >= 2 && plain[1] == ':':
		return refuse("is a name with a drive")
	}
	for part := range strings.SplitSeq(plain, "/") {
		switch {
		case part == "..":
			return refuse("leads out of its directory")
		case part == "" || part == ".":
			return refuse("is a name that is not in its shortest form")
		case len(part) > maxPart:
			return refuse("is a name with a part of %d bytes", len(part))
		}
	}
	return nil
}

// checkNames refuses names that are twice in the archive, also where they differ in case only, so that unpacking gives
// the same files on every system; and files that something else needs as a directory.
func checkNames(headers []header) error {
	folded := make([]foldedName, 0, len(headers))
	for _, h := range headers {
		folded = append(folded, foldedName{fold(strings.TrimSuffix(h.Name, "/")), h.Name, h.directory})
	}
	slices.SortFunc(folded, func(a, b foldedName) int {
		return cmp.Or(strings.Compare(a.folded, b.folded), strings.Compare(a.name, b.name))
	})
	files := make(map[string]string, len(folded))
	for i, f := range folded {
		if !f.directory {
			files[f.folded] = f.name
		}
		if i == 0 || folded[i-1].folded != f.folded || (f.directory && folded[i-1].directory && f.name != folded[i-1].name) {
			continue
		}
		if f.name == folded[i-1].name {
			return &Error{f.name, "is twice in the archive"}
		}
		return &Error{f.name, "is in the archive also as " + strconv.Quote(folded[i-1].name) + ", which is the same file where case does not count"}
	}
	return checkParents(folded, files)
}

func checkParents(names []foldedName, files map[string]string) error {
	for i, parent := range Parents(len(names), func(i int) string { return names[i].folded }) {
		if file, ok := files[parent]; ok {
			return &Error{names[i].name, "is below " + strconv.Quote(file) + ", which is a file"}
		}
	}
	return nil
}

// Parents gives, for each of n names that are sorted or nearly so, the directories that it is in, innermost first, with the
// number of the name. Those of one directory that follow one another count as one: most files have neighbours.
func Parents(n int, name func(i int) string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		previous := "."
		for i := range n {
			parent := path.Dir(name(i))
			if parent == previous {
				continue
			}
			previous = parent
			for ; parent != "."; parent = path.Dir(parent) {
				if !yield(i, parent) {
					return
				}
			}
		}
	}
}

// foldedName is a name with the form that it shares with all that a file system may take for it.
type foldedName struct {
	folded, name string
	directory    bool
}

// fold gives the form of a name in which case does not count.
func fold(name string) string { return strings.ToLower(strings.ToUpper(name)) }

package workspace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// variableName is a name with variables that a file(…) gives: a stage's configuration, more often than not. Each file of
// the tree that may be meant is included, as which one it will be is known when the service is deployed.
type variableName struct {
	dir  string // before the first variable
	name string // what follows, with a "*" for each variable
}

// maxNamed is how many files a name with variables may be of and be read. One that stands for more says too little.
const maxNamed = 64

// withName completes a candidate of what a file(…) says with the name that it is cut at. It reports false where nobody
// can tell a directory in which the file is.
func (c candidate) withName(inside string) (candidate, bool) {
	_, rest, _ := cutPath(inside)
	name := starVariables(rest)
	switch {
	case !c.Cut:
		return c, true
	case c.Path == "" && (inside[0] == '/' || name[0] == '*'), hasUpSegment(name):
		return c, false
	case c.Path == "":
		c.Path = root
	}
	if isYAMLOrJSON(baseName(name)) {
		c.Name = name
	}
	return c, true
}

// starVariables puts a "*" for each variable, those in one another being one.
func starVariables(text string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "${")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteByte('*')
		text = afterClosing(after)
	}
}

// afterClosing gives what stands behind the brace that closes one opened before the text.
func afterClosing(text string) string {
	depth := 1
	for i := range len(text) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 {
			return text[i+1:]
		}
	}
	return ""
}

// matches reports whether a path may be meant: a variable stands for any text, with slashes too.
func (n variableName) matches(p string) bool {
	if !lies(p, n.dir) || p == n.dir || inNodeModules(p, n.dir) {
		return false
	}
	p = p[len(prefixOf(n.dir)):]
	first, rest, any := strings.Cut(n.name, "*")
	p, ok := strings.CutPrefix(p, first)
	for any && ok {
		if first, rest, any = strings.Cut(rest, "*"); any {
			_, p, ok = strings.Cut(p, first)
		} else {
			return strings.HasSuffix(p, first)
		}
	}
	return ok && p == ""
}

// includable gives the files that are read where a candidate led somewhere: the file that it names, or each that it may
// name. Where those are too many it gives none, and reports false.
func (b *builder) includable(to resolved, c candidate) ([]resolved, bool) {
	switch {
	case !to.exists():
		return nil, true
	case c.Name != "" && to.entry.Mode == tree.Dir:
		files := b.filesNamed(variableName{to.entry.Path, c.Name})
		if len(files) > maxNamed {
			return nil, false
		}
		return files, true
	case !c.Cut && to.entry.Mode.IsFile() && (c.Form == formOfTemplate || isYAMLOrJSON(baseName(to.entry.Path))):
		return []resolved{to}, true
	}
	return nil, true
}

// filesNamed gives the files that a name with variables may be of, in the order of their paths: all of them, or one more
// than are read.
func (b *builder) filesNamed(n variableName) []resolved {
	b.now.names = append(b.now.names, n)
	return remember(b, b.named, n, func() []resolved { return b.findNamed(n) })
}

func (b *builder) findNamed(n variableName) []resolved {
	var files []resolved
	for _, p := range b.index.includable.in(n.dir) {
		if !n.matches(p) {
			continue
		}
		if to := b.lookups.resolve(root, p); to.exists() && to.entry.Mode.IsFile() {
			files = append(files, to)
		}
		if len(files) > maxNamed {
			break
		}
	}
	return files
}

func (n variableName) compare(m variableName) int {
	return cmp.Or(strings.Compare(n.dir, m.dir), strings.Compare(n.name, m.name))
}

// variableNames gives the names with variables whose files were looked for, in order.
func (b *builder) variableNames() []variableName {
	var names []variableName
	for _, f := range b.findings {
		names = append(names, f.names...)
	}
	return sortedOnce(names, variableName.compare)
}

// mayName reports whether a file came or went that a name with variables may be of.
func (s *snapshot) mayName(c tree.Change) bool {
	return mayBeIncluded(c.Path, c.OldMode) != mayBeIncluded(c.Path, c.NewMode) &&
		slices.ContainsFunc(s.names(), func(n variableName) bool { return n.matches(c.Path) })
}

// mayBeIncluded reports whether an entry is YAML or JSON by its name, be it through a symbolic link.
func mayBeIncluded(p string, m tree.Mode) bool {
	return (m.IsFile() || m == tree.Symlink) && isYAMLOrJSON(baseName(p))
}

// applyIncludable changes the paths of an index as the changes of a tree do.
func applyIncludable(paths []string, changes []tree.Change) []string {
	var added []string
	gone := make(map[string]bool)
	for _, c := range changes {
		switch was, is := mayBeIncluded(c.Path, c.OldMode), mayBeIncluded(c.Path, c.NewMode); {
		case was && !is:
			gone[c.Path] = true
		case is && !was:
			added = append(added, c.Path)
		}
	}
	if len(gone) > 0 {
		paths = slices.DeleteFunc(paths, func(p string) bool { return gone[p] })
	}
	return addSorted(paths, added, strings.Compare)
}

package python

import (
	"bytes"
	"slices"

	"github.com/monoplan/monoplan/internal/python/toml"
)

// ParsePoetryLock reads a poetry.lock, of every version that Poetry has written. A lock that cannot hold a local source is not
// parsed but for its names, and so is never found to be broken, unless a merge left its marks in it.
func ParsePoetryLock(data []byte) (*Lock, error) {
	if !poetryLockMayBeLocal(data) && !hasConflict(data) {
		return namesOnly(data), nil
	}
	return readPoetryLock(data)
}

func readPoetryLock(data []byte) (*Lock, error) {
	document, err := toml.ParseLock(data)
	if err != nil {
		return &Lock{}, err
	}
	l := &Lock{}
	packages := document.Get("package").Elements()
	for _, p := range packages {
		l.Packages = append(l.Packages, poetryPackage(p))
	}
	byName := packagesByName(l.Packages)
	for i, p := range packages {
		for _, need := range p.Get("dependencies").Entries() {
			l.Packages[i].Needs = append(l.Packages[i].Needs, byName[NormalizeName(need.Name)]...)
		}
	}
	return l, nil
}

// poetryLockMayBeLocal looks for the end of the source types "directory" and "file".
func poetryLockMayBeLocal(data []byte) bool {
	for _, end := range []string{`directory"`, `directory'`, `file"`, `file'`} {
		if bytes.Contains(data, []byte(end)) {
			return true
		}
	}
	return hasRareEscape(data)
}

func poetryPackage(p *toml.Value) LockPackage {
	name, _ := p.Get("name").Text()
	locked := LockPackage{Name: NormalizeName(name), Line: p.Line, Use: poetryUse(p)}
	if v := p.Get("name"); v != nil {
		locked.Line = v.Line
	}
	source := p.Get("source")
	if kind, _ := source.Get("type").Text(); kind == "directory" || kind == "file" {
		url := source.Get("url")
		if text, _ := url.Text(); text != "" {
			locked.Path, locked.Line = text, url.Line
		}
		locked.Subdirectory, _ = source.Get("subdirectory").Text()
	}
	return locked
}

// poetryUse reads groups (2.1) or category (1.1), which is "dev" for every group but the main one, dev group or not: only what
// needs what can tell then.
func poetryUse(p *toml.Value) Use {
	if category, _ := p.Get("category").Text(); category == "main" {
		return UseMain
	}
	return usedBy(p.Get("groups").Texts())
}

// usedBy tells the use of what these groups need; of none nothing is known.
func usedBy(groups []string) Use {
	if len(groups) == 0 {
		return UseUnknown
	}
	if slices.ContainsFunc(groups, func(group string) bool { return !IsDevGroup(group) }) {
		return UseMain
	}
	return UseDev
}

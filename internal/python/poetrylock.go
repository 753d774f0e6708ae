package python

import "bytes"

// ParsePoetryLock reads a poetry.lock, of every version that Poetry has written. A lock that cannot hold a local source is not
// parsed but for its names, and so is never found to be broken, unless a merge left its marks in it.
func ParsePoetryLock(data []byte) (*Lock, error) {
	if !poetryLockMayBeLocal(data) && !hasConflict(data) {
		return namesOnly(data), nil
	}
	return readPoetryLock(data)
}

func readPoetryLock(data []byte) (*Lock, error) {
	document, err := parseLockTOML(data)
	if err != nil {
		return &Lock{}, err
	}
	l := &Lock{}
	packages := document.get("package").elements()
	for _, p := range packages {
		l.Packages = append(l.Packages, poetryPackage(p))
	}
	byName := packagesByName(l.Packages)
	for i, p := range packages {
		for _, need := range p.get("dependencies").entries() {
			l.Packages[i].Needs = append(l.Packages[i].Needs, byName[NormalizeName(need.name)]...)
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

func poetryPackage(p *value) LockPackage {
	name, _ := p.get("name").text()
	locked := LockPackage{Name: NormalizeName(name), Line: p.line, Use: poetryUse(p)}
	if v := p.get("name"); v != nil {
		locked.Line = v.line
	}
	source := p.get("source")
	if kind, _ := source.get("type").text(); kind == "directory" || kind == "file" {
		url := source.get("url")
		if text, _ := url.text(); text != "" {
			locked.Path, locked.Line = text, url.line
		}
		locked.Subdirectory, _ = source.get("subdirectory").text()
	}
	return locked
}

// poetryUse reads groups (2.1) or category (1.1), which is "dev" for every group but the main one, dev group or not: only what
// needs what can tell then.
func poetryUse(p *value) Use {
	if category, _ := p.get("category").text(); category == "main" {
		return UseMain
	}
	groups := texts(p.get("groups"))
	for _, group := range groups {
		if !isDevGroup(group) {
			return UseMain
		}
	}
	if len(groups) > 0 {
		return UseDev
	}
	return UseUnknown
}

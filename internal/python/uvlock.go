package python

import (
	"bytes"

	"github.com/monoplan/monoplan/internal/python/toml"
)

// ParseUVLock reads a uv.lock. A lock that cannot hold a local source other than the project itself is not parsed but for its names, and so
// is never found to be broken, unless a merge left its marks in it.
func ParseUVLock(data []byte) (*Lock, error) {
	if !uvLockMayBeLocal(data) && !hasConflict(data) {
		return namesOnly(data), nil
	}
	return readUVLock(data)
}

func readUVLock(data []byte) (*Lock, error) {
	document, err := toml.ParseLock(data)
	if err != nil {
		return &Lock{}, err
	}
	l := &Lock{}
	packages := document.Get("package").Elements()
	for _, p := range packages {
		l.Packages = append(l.Packages, uvPackage(p))
	}
	byName := packagesByName(l.Packages)
	for i, p := range packages {
		locked := &l.Packages[i]
		locked.Needs = uvNeeds(locked.Needs, p.Get("dependencies"), byName)
		for _, extra := range p.Get("optional-dependencies").Entries() {
			locked.Needs = uvNeeds(locked.Needs, extra.Value, byName)
		}
		locked.Needs, locked.DevNeeds = uvGroups(locked.Needs, locked.DevNeeds, p.Get("dev-dependencies"), byName)
	}
	l.Roots, l.DevRoots = uvGroups(nil, nil, document.Get("manifest", "dependency-groups"), byName)
	return l, nil
}

// uvSources are the keys of a package's source that hold a path. A registry holds one where it is a directory of archives.
var uvSources = []string{"editable", "directory", "path", "virtual", "registry"}

func uvPackage(p *toml.Value) LockPackage {
	name, _ := p.Get("name").Text()
	locked := LockPackage{Name: NormalizeName(name), Line: p.Line}
	if v := p.Get("name"); v != nil {
		locked.Line = v.Line
	}
	source := p.Get("source")
	for _, key := range uvSources {
		v := source.Get(key)
		text, _ := v.Text()
		if text == "" || hasScheme(text) {
			continue
		}
		locked.Path, locked.Line = text, v.Line
		if key == "registry" {
			locked.Kind = FindLinks
		}
		break
	}
	locked.Subdirectory, _ = source.Get("subdirectory").Text()
	return locked
}

func uvNeeds(needs []int, list *toml.Value, byName map[string][]int) []int {
	for _, need := range list.Elements() {
		if name, ok := need.Get("name").Text(); ok {
			needs = append(needs, byName[NormalizeName(name)]...)
		}
	}
	return needs
}

// uvGroups reads a table of dependency groups.
func uvGroups(needs, devNeeds []int, groups *toml.Value, byName map[string][]int) (main, dev []int) {
	for _, group := range groups.Entries() {
		if IsDevGroup(group.Name) {
			devNeeds = uvNeeds(devNeeds, group.Value, byName)
		} else {
			needs = uvNeeds(needs, group.Value, byName)
		}
	}
	return needs, devNeeds
}

// uvLockMayBeLocal looks for a key of uvSources with a value that is neither "." nor a URL.
func uvLockMayBeLocal(data []byte) bool {
	for _, key := range uvSources {
		for rest := data; ; {
			i := bytes.Index(rest, []byte(key))
			if i < 0 {
				break
			}
			whole := i == 0 || !isKeyByte(rest[i-1])
			rest = rest[i+len(key):]
			if whole && mayBeLocalValue(rest) {
				return true
			}
		}
	}
	return hasRareEscape(data)
}

func isKeyByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c == '-' }

// mayBeLocalValue looks at what comes behind a key: perhaps the quote that ends it, "=", and a string.
func mayBeLocalValue(rest []byte) bool {
	if len(rest) > 0 && (rest[0] == '"' || rest[0] == '\'') {
		rest = rest[1:]
	}
	rest, isValue := bytes.CutPrefix(bytes.TrimLeft(rest, " \t"), []byte("="))
	rest = bytes.TrimLeft(rest, " \t")
	if !isValue || len(rest) < 2 {
		return false
	}
	quote := rest[0]
	if quote != '"' && quote != '\'' {
		return false
	}
	if rest[1] == quote {
		return true // several lines, or empty
	}
	text, _, _ := bytes.Cut(rest[1:], []byte{quote})
	return !isHere(string(text)) && !hasScheme(string(text[:min(len(text), 20)]))
}

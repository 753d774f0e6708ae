package python

import (
	"bytes"

	"github.com/monoplan/monoplan/internal/python/toml"
)

// ParsePDMLock reads a pdm.lock: the packages that come from a path, those that dev groups alone need with Dev set.
func ParsePDMLock(data []byte) (*Manifest, error) {
	if !lockMayName(data) && !hasConflict(data) {
		return &Manifest{}, nil
	}
	return readPDMLock(data)
}

func readPDMLock(data []byte) (*Manifest, error) {
	document, err := toml.ParseLock(data)
	if err != nil {
		return &Manifest{}, err
	}
	m := &Manifest{}
	for _, p := range document.Get("package").Elements() {
		name, _ := p.Get("name").Text()
		m.lockedSource(p, NormalizeName(name), usedBy(p.Get("groups").Texts()) == UseDev)
	}
	return m, nil
}

// lockedSource adds the path that a table of a lock says a package comes from, by itself or else as the URL of a file.
func (m *Manifest) lockedSource(table *toml.Value, name string, dev bool) {
	for _, key := range []string{"path", "url"} {
		at := table.Get(key)
		text, _ := at.Text()
		path, subdirectory, local := specifiedPath(key, text)
		if !local || path == "" || key == "url" && !hasScheme(text) {
			continue
		}
		if given, ok := table.Get("subdirectory").Text(); ok {
			subdirectory = given
		}
		m.References = append(m.References, Reference{Path: path, Subdirectory: subdirectory, Line: at.Line, Dev: dev, Name: name})
		return
	}
}

// lockMayName looks for what lockedSource reads: a key "path", and the scheme of a URL that is one.
func lockMayName(data []byte) bool {
	return bytes.Contains(data, []byte("path")) || bytes.Contains(bytes.ToLower(data), []byte("file:")) || hasRareEscape(data)
}

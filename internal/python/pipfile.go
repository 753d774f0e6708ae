package python

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"github.com/monoplan/monoplan/internal/python/syntax"
	"github.com/monoplan/monoplan/internal/python/toml"
)

// ParsePipfile reads a Pipfile: its [packages], [dev-packages], and further categories, which are groups of their own.
func ParsePipfile(data []byte) (*Manifest, error) {
	document, err := toml.Parse(data)
	if err != nil {
		return &Manifest{}, err
	}
	p := pyproject{Manifest: &Manifest{}}
	for _, category := range document.Entries() {
		if !isPipfileCategory(category.Name) {
			continue
		}
		for _, dependency := range category.Value.Entries() {
			p.pipfileDependency(dependency, isPipfileDevCategory(category.Name))
		}
	}
	return p.Manifest, nil
}

// isPipfileCategory tells the categories of packages from the other tables of a Pipfile.
func isPipfileCategory(name string) bool {
	switch name {
	case "source", "requires", "scripts", "pipenv", "pipfile", "build-system", "_meta":
		return false
	}
	return true
}

func isPipfileDevCategory(name string) bool {
	return name == "dev-packages" || name == "develop" || IsDevGroup(name)
}

// pipfileDependency reads one dependency. Pipenv expands variables, and nobody knows to what.
func (p *pyproject) pipfileDependency(dependency toml.Key, dev bool) {
	before := len(p.References)
	for _, specification := range dependency.Value.Each() {
		p.specification(specification, NormalizeName(dependency.Name), dev)
	}
	added := p.References[before:]
	for i := range added {
		added[i].Path = cutVariable(added[i].Path)
	}
	known := slices.DeleteFunc(added, func(r Reference) bool { return r.Path == "" })
	p.References = p.References[:before+len(known)]
}

// ParsePipfileLock reads a Pipfile.lock, which is JSON: the packages of "default", "develop" and further categories.
func ParsePipfileLock(data []byte) (*Manifest, error) {
	data = syntax.CutBOM(data)
	m := &Manifest{}
	if err := checkJSON(data); err != nil || !pipfileLockMayBeLocal(data) {
		return m, err
	}
	walk := jsonWalk{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), line: 1}
	walk.decoder.UseNumber() // a number of any size is one
	err := walk.value(func(keys []string, text string, line int) {
		if len(keys) == 3 && isPipfileCategory(keys[0]) {
			m.pipfileLockEntry(keys, text, line)
		}
	})
	return m, err
}

func checkJSON(data []byte) error {
	var document json.RawMessage
	err := json.Unmarshal(data, &document)
	if broken := (*json.SyntaxError)(nil); errors.As(err, &broken) {
		return syntax.ErrorAt(data, int(broken.Offset)-1, "%s", broken)
	}
	return err
}

// pipfileLockMayBeLocal reports whether a text may hold a key of pipfileLockEntry: as it is, or escaped.
func pipfileLockMayBeLocal(data []byte) bool {
	return bytes.Contains(data, []byte(`"path"`)) || bytes.Contains(data, []byte(`"file"`)) || bytes.Contains(data, []byte(`\u`))
}

func (m *Manifest) pipfileLockEntry(keys []string, text string, line int) {
	if keys[2] != "path" && keys[2] != "file" {
		return
	}
	path, subdirectory, local := specifiedPath(keys[2], text)
	if path = cutVariable(path); !local || path == "" {
		return
	}
	m.References = append(m.References, Reference{
		Path: path, Subdirectory: subdirectory, Line: line, Dev: isPipfileDevCategory(keys[0]), Name: NormalizeName(keys[1]),
	})
}

// jsonWalk goes through a JSON document and knows the line that it is on.
type jsonWalk struct {
	data    []byte
	decoder *json.Decoder
	offset  int
	line    int
	keys    []string
}

// value calls yield for every string that is a member of objects alone, with the keys that lead to it. Of keys that are given twice it
// yields each.
func (w *jsonWalk) value(yield func(keys []string, text string, line int)) error {
	token, err := w.decoder.Token()
	if err != nil {
		return err
	}
	switch token := token.(type) {
	case string:
		yield(w.keys, token, w.currentLine())
	case json.Delim:
		if token == '[' {
			return w.skipArray()
		}
		return w.object(yield)
	}
	return nil
}

func (w *jsonWalk) object(yield func(keys []string, text string, line int)) error {
	for w.decoder.More() {
		token, err := w.decoder.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		w.keys = append(w.keys, key)
		if err := w.value(yield); err != nil {
			return err
		}
		w.keys = w.keys[:len(w.keys)-1]
	}
	_, err := w.decoder.Token()
	return err
}

// skipArray reads to the end of an array: no dependency is in one.
func (w *jsonWalk) skipArray() error {
	for depth := 1; depth > 0; {
		token, err := w.decoder.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
	}
	return nil
}

// currentLine is the line of the token that was read last.
func (w *jsonWalk) currentLine() int {
	offset := int(w.decoder.InputOffset())
	w.line += bytes.Count(w.data[w.offset:offset], []byte("\n"))
	w.offset = offset
	return w.line
}

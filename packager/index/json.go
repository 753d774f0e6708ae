package index

import (
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"
)

// jsonFile is a file of a page in JSON (PEP 691, 700).
type jsonFile struct {
	Filename       string            `json:"filename"`
	URL            string            `json:"url"`
	Hashes         map[string]string `json:"hashes"`
	RequiresPython *string           `json:"requires-python"`
	Yanked         yanked            `json:"yanked"`
	Size           int64             `json:"size"`
}

// yanked is false, true, or the reason.
type yanked struct {
	is     bool
	reason string
}

func (y *yanked) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		y.is = true
		return json.Unmarshal(b, &y.reason)
	}
	return json.Unmarshal(b, &y.is)
}

// readJSON reads a page in JSON, one file after the other.
func readJSON(r io.Reader, base *url.URL, yield func(Link) bool) error {
	d := json.NewDecoder(r)
	if err := expect(d, json.Delim('{')); err != nil {
		return err
	}
	files := false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		switch key {
		case "meta":
			err = readMeta(d)
		case "files":
			files = true
			err = readFiles(d, base, yield)
		default:
			var skipped json.RawMessage
			err = d.Decode(&skipped)
		}
		if err != nil {
			return err
		}
	}
	if !files {
		return errors.New("it lists no files")
	}
	return expect(d, json.Delim('}'))
}

func readMeta(d *json.Decoder) error {
	var meta struct {
		Version string `json:"api-version"`
	}
	if err := d.Decode(&meta); err != nil {
		return err
	}
	if meta.Version != "" && !knownVersion(meta.Version) {
		return errors.New("it has a version that is not known")
	}
	return nil
}

func readFiles(d *json.Decoder, base *url.URL, yield func(Link) bool) error {
	if err := expect(d, json.Delim('[')); err != nil {
		return err
	}
	for d.More() {
		var f jsonFile
		if err := d.Decode(&f); err != nil {
			return err
		}
		if l, ok := f.link(base); ok && !yield(l) {
			return errEnough
		}
	}
	return expect(d, json.Delim(']'))
}

func (f jsonFile) link(base *url.URL) (Link, bool) {
	l, ok := newLink(base, f.URL)
	if !ok || f.Filename == "" {
		return Link{}, false
	}
	l.Name = f.Filename
	for algorithm, digits := range f.Hashes {
		l.Hashes[strings.ToLower(algorithm)] = strings.ToLower(digits)
	}
	if f.RequiresPython != nil {
		l.RequiresPython = *f.RequiresPython
	}
	l.Yanked, l.YankedReason = f.Yanked.is, f.Yanked.reason
	l.Size = max(f.Size, 0)
	return l, true
}

func expect(d *json.Decoder, want json.Delim) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	if token != want {
		return errors.New("it is not what PEP 691 describes")
	}
	return nil
}

package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/monoplan/monoplan/internal/durable"
)

// journalVersion is the version of the journal's format.
const journalVersion = 1

// journalEntry is a result that could not be recorded.
type journalEntry struct {
	Result
	// Before is what the ledger had of the service when its run took it: only as long as it still has that, the result counts.
	Before Service
}

// apply puts the result into a stage and notes it in a change, unless somebody else has recorded the service since; it then reports
// false. Where that ended no later than this, this may have gone over it.
func (e *journalEntry) apply(s *Stage, c *Change) bool {
	now := s.Services[e.Path]
	mine := now.Last != nil && now.Last.Run == e.Deploy.Run
	switch {
	case s.has(e.Result):
	case equal(now.Baseline, e.Before.Baseline) && (mine || equal(now.Last, e.Before.Last)):
		s.put(e.Result)
		s.release(e.Deploy.Run, e.Path) // it has ended, should its run be killed from here on
		c.note(e.Path, e.Deploy.Commit)
	default:
		if now.Baseline != nil && !e.Deploy.Time.Before(now.Baseline.Time) {
			s.spoil(e.Path, e.Deploy)
			c.note(e.Path, e.Deploy.Commit)
		}
		return false
	}
	return true
}

// journal is a file with what could not be recorded in one stage of one store. The zero value is no journal.
type journal struct {
	path         string
	store, stage string
}

// journalFile is the file's content.
type journalFile struct {
	Version int            `json:"version"`
	Store   string         `json:"store"`
	Stage   string         `json:"stage"`
	Entries []journalEntry `json:"entries"`
}

func (l *Ledger) journal(stage string) journal {
	if l.options.Dir == "" {
		return journal{}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q", l.store.String(), stage))
	name := "journal-" + stage + "-" + hex.EncodeToString(sum[:8]) + ".json"
	return journal{path: filepath.Join(l.options.Dir, name), store: l.store.String(), stage: stage}
}

// read gives the entries, none where there is no journal.
func (j journal) read() ([]journalEntry, error) {
	if j.path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var f journalFile
	if err == nil {
		err = json.Unmarshal(data, &f)
	}
	if err == nil && f.Version != journalVersion {
		err = fmt.Errorf("version %d is not known here", f.Version)
	}
	if err != nil {
		return nil, &JournalError{Path: j.path, Err: err}
	}
	return f.Entries, nil
}

// add appends entries; of one service the latest stays.
func (j journal) add(entries []journalEntry) error {
	return j.change(func(had []journalEntry) []journalEntry {
		had = slices.DeleteFunc(had, func(h journalEntry) bool {
			return slices.ContainsFunc(entries, func(e journalEntry) bool { return e.Path == h.Path })
		})
		return append(had, entries...)
	})
}

// remove takes away entries that were recorded.
func (j journal) remove(entries []journalEntry) error {
	if len(entries) == 0 {
		return nil
	}
	return j.change(func(had []journalEntry) []journalEntry {
		return slices.DeleteFunc(had, func(h journalEntry) bool {
			return slices.ContainsFunc(entries, func(e journalEntry) bool { return e.Result == h.Result })
		})
	})
}

// change replaces the file, or removes it where nothing is left.
func (j journal) change(edit func([]journalEntry) []journalEntry) error {
	if j.path == "" {
		return errors.New("there is no journal")
	}
	if err := j.replace(edit); err != nil {
		var own *JournalError
		if errors.As(err, &own) {
			return err
		}
		return &JournalError{Path: j.path, Err: err}
	}
	return nil
}

func (j journal) replace(edit func([]journalEntry) []journalEntry) error {
	if err := os.MkdirAll(filepath.Dir(j.path), 0o777); err != nil {
		return err
	}
	lock, err := durable.Lock(filepath.Join(filepath.Dir(j.path), "journal.lock"))
	if err != nil {
		return err
	}
	defer lock.Close()
	had, err := j.read()
	if err != nil {
		return err
	}
	entries := edit(had)
	if len(entries) == 0 {
		if err := os.Remove(j.path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(journalFile{journalVersion, j.store, j.stage, entries}); err != nil {
		return err
	}
	return durable.Replace(j.path, data.Bytes())
}

package wheel

import (
	"bytes"
	"context"
	"fmt"
	"hash"
	"io"
	"path"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/monoplan/monoplan/packager/archive"
)

// FactsFormat is the format of Facts. Facts of another are none, so it changes with what Verify checks or notes.
const FactsFormat = 1

// Facts is what Verify found out. It depends on the wheel's bytes alone, so it can be kept under their hash, as JSON.
type Facts struct {
	Format int `json:"format"`
	// Objects has the shared objects and programs in the wheel, sorted by their names in it.
	Objects []Object `json:"objects,omitempty"`
	// Tests has the directories called tests that a module which is no test imports from, sorted.
	Tests []string `json:"tests,omitempty"`
	// Stubs says that a module reads type stubs when it is imported.
	Stubs bool `json:"stubs,omitempty"`
}

// Verify inflates every file of the wheel, checks it against the archive's directory and RECORD, and gives the facts.
// What is wrong is an [*Error]. Large shared objects go through a file in the directory temp,
// the system's where that is empty.
func (w *Wheel) Verify(ctx context.Context, temp string) (Facts, error) {
	v, err := w.newVerifier(temp)
	if err == nil {
		err = v.run(ctx)
	}
	if err != nil {
		return Facts{}, w.refused(err)
	}
	facts := v.facts()
	w.facts = &facts
	return facts, nil
}

// Trust takes facts that Verify gave for the same bytes before. It reports whether it could.
func (w *Wheel) Trust(facts Facts) bool {
	if facts.Format != FactsFormat {
		return false
	}
	w.facts = &facts
	return true
}

// Facts gives what is known of the wheel, and whether it was verified.
func (w *Wheel) Facts() (Facts, bool) {
	if w.facts == nil {
		return Facts{}, false
	}
	return *w.facts, true
}

// verifier checks all files, several at once. Each entry has its own place for what is found in it.
type verifier struct {
	wheel  *Wheel
	record map[string]recorded
	temp   string
	found  []findings
}

// findings is what one file adds to the facts.
type findings struct {
	object *Object
	uses   uses
}

func (w *Wheel) newVerifier(temp string) (*verifier, error) {
	record, err := w.readRecord()
	if err != nil {
		return nil, err
	}
	return &verifier{wheel: w, record: record, temp: temp, found: make([]findings, len(w.archive.Entries))}, nil
}

func (v *verifier) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, e := range v.wheel.archive.Entries {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return v.check(e, &v.found[i])
		})
	}
	return group.Wait()
}

// check reads one file to its end, and looks at it as far as its kind has something to tell.
func (v *verifier) check(e archive.Entry, found *findings) error {
	want, sum, err := v.expected(e)
	if err != nil {
		return err
	}
	content := v.wheel.archive.Open(e)
	defer content.Close()
	in := io.TeeReader(content, sum)
	start := make([]byte, min(e.Size, int64(len(elfMagic))))
	if _, err := io.ReadFull(in, start); err != nil {
		return err
	}
	rest := io.MultiReader(bytes.NewReader(start), in)
	switch {
	case string(start) == elfMagic:
		found.object, err = readObject(e, rest, v.temp)
	case path.Ext(e.Name) == ".py":
		found.uses, err = readUses(rest)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, in)
	}
	if err == nil && want != nil && !bytes.Equal(sum.Sum(nil), want) {
		err = fmt.Errorf("%s is not the file that RECORD has the hash of", e.Name)
	}
	return err
}

// expected gives the hash that RECORD has for a file and how to make it, or nil for those files that it cannot have.
func (v *verifier) expected(e archive.Entry) ([]byte, hash.Hash, error) {
	if v.wheel.unrecorded(e.Name) {
		return nil, noHash(), nil
	}
	r, ok := v.record[e.Name]
	if !ok {
		return nil, nil, fmt.Errorf("%s is not in RECORD", e.Name)
	}
	if r.size >= 0 && r.size != e.Size {
		return nil, nil, fmt.Errorf("%s has %d bytes, and RECORD says %d", e.Name, e.Size, r.size)
	}
	return r.sum, r.algorithm(), nil
}

func (v *verifier) facts() Facts {
	facts := Facts{Format: FactsFormat}
	var imports []testImport
	for i, e := range v.wheel.archive.Entries {
		found := v.found[i]
		if found.object != nil {
			facts.Objects = append(facts.Objects, *found.object)
		}
		facts.Stubs = facts.Stubs || found.uses.stubs
		for _, module := range found.uses.tests {
			if directory, ok := v.wheel.testsOf(e.Name, module); ok {
				imports = append(imports, testImport{file: e.Name, directory: directory})
			}
		}
	}
	facts.Tests = usedTests(imports)
	return facts
}

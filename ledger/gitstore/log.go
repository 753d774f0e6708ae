package gitstore

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/ledger"
)

// Log follows the writes from the last one back. It ends where a shallow clone does.
func (s *Store) Log(ctx context.Context, stage string) iter.Seq2[ledger.Change, error] {
	return func(yield func(ledger.Change, error) bool) {
		id, err := s.tip(ctx, stage)
		for err == nil && id != "" {
			var commit gitdiff.Document
			if commit, err = s.documents.Commit(ctx, id); err != nil {
				err = s.wrong(err)
				break
			}
			text := strings.TrimRight(commit.Message, "\n")
			change, wrong := ledger.DecodeChange([]byte(text[strings.LastIndexByte(text, '\n')+1:]))
			if wrong != nil {
				err = &ledger.CorruptError{Where: s.options.Ref(stage) + " at " + id, Err: wrong}
				break
			}
			if !yield(change, nil) {
				return
			}
			id, err = s.writeBefore(ctx, change, commit)
			err = s.wrong(err)
		}
		if err != nil {
			yield(ledger.Change{}, err)
		}
	}
}

// writeBefore gives the commit of the write before this one, empty where this was the first or the clone has no more.
func (s *Store) writeBefore(ctx context.Context, change ledger.Change, commit gitdiff.Document) (string, error) {
	if change.Serial <= 1 || len(commit.Parents) == 0 {
		return "", nil
	}
	before := commit.Parents[0]
	has, err := s.documents.Has(ctx, []string{before})
	if err != nil || has[0] {
		return before, err
	}
	if s.documents.IsShallow() {
		return "", nil
	}
	return "", errors.New("the write before it is missing: " + before)
}

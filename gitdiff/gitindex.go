package gitdiff

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
)

// indexed gives the entries of the index that are wanted. An index that can be read here costs no process.
func (e *gitEngine) indexed(ctx context.Context, wants func(*indexEntry) bool) ([]indexEntry, error) {
	if e.env.get("GIT_INDEX_FILE") != "" {
		return e.askIndexed(ctx, wants)
	}
	var entries []indexEntry
	err := e.location.readIndex(func(x *indexReader) error {
		return x.entries(func(entry *indexEntry) bool {
			if wants(entry) {
				entries = append(entries, entry.clone())
			}
			return ctx.Err() == nil
		})
	})
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, errNotListed):
		return e.askIndexed(ctx, wants)
	}
	return entries, err
}

// clone is the entry with bytes that stay valid.
func (e indexEntry) clone() indexEntry {
	e.path, e.id = bytes.Clone(e.path), bytes.Clone(e.id)
	return e
}

// askIndexed is indexed of what git lists: a letter (lower case for what is assumed unchanged, S for what is skipped), mode, ID and
// stage, a tab, a path.
func (e *gitEngine) askIndexed(ctx context.Context, wants func(*indexEntry) bool) ([]indexEntry, error) {
	var entries []indexEntry
	err := e.command.run(ctx, nil, eachField(func(line []byte) error {
		entry, ok := parseIndexed(line)
		if !ok {
			return fmt.Errorf("a malformed line of the index %q", line)
		}
		if wants(&entry) {
			entries = append(entries, entry.clone())
		}
		return nil
	}), "-c", "core.fsmonitor=false", "ls-files", "-v", "--stage", "-z", "--full-name", "--", ":/")
	return entries, err
}

func parseIndexed(line []byte) (entry indexEntry, ok bool) {
	head, path, found := bytes.Cut(line, []byte("\t"))
	fields := bytes.Fields(head)
	if !found || len(fields) != 4 || len(fields[0]) != 1 {
		return entry, false
	}
	mode, ok := parseMode(fields[1])
	id, err := hex.DecodeString(string(fields[2]))
	letter := fields[0][0]
	return indexEntry{
		path: path, id: id, mode: mode,
		assumed: letter >= 'a' && letter <= 'z', skipped: letter|0x20 == 's',
	}, ok && err == nil
}

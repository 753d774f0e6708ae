package gitdiff

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// promisor is the remote that a partial clone may fetch what it lacks from (git-config(1), extensions.partialClone and
// remote.<name>.promisor), or nothing for a clone that is whole. What FetchCommits left out is borrowed likewise.
func (l *location) promisor() string {
	if remote, ok := l.config.get("extensions.partialclone"); ok {
		return remote
	}
	for _, key := range slices.Sorted(maps.Keys(l.config)) {
		remote, ok := strings.CutPrefix(key, "remote.")
		if !ok {
			continue
		}
		if name, ok := strings.CutSuffix(remote, ".promisor"); ok && l.config.boolean(key, false) {
			return name
		}
		if name, ok := strings.CutSuffix(remote, ".partialclonefilter"); ok {
			return name
		}
	}
	return l.lender
}

// lacks is the error for an object that is not there, or is of another type.
func (l *location) lacks(id, kind string) error {
	if remote := l.promisor(); remote != "" {
		return &PartialError{Missing: 1, Remote: remote}
	}
	return &ObjectError{ID: id, What: "not a " + kind + " that the repository has"}
}

// ensureBlobs sees to it that a partial clone has the blobs of the entries: git would end at the first that it has not.
func (e *gitEngine) ensureBlobs(ctx context.Context, entries []tree.Entry) error {
	remote := e.location.promisor()
	if remote == "" || len(entries) == 0 {
		return nil
	}
	missing, err := e.missingBlobs(ctx, entries)
	if err != nil || len(missing) == 0 {
		return err
	}
	if !e.network {
		return &PartialError{Missing: len(missing), Remote: remote}
	}
	if err := e.fetch(ctx, remote, missing); err != nil {
		return err
	}
	if missing, err = e.missingBlobs(ctx, entries); err == nil && len(missing) > 0 {
		err = &PartialError{Missing: len(missing), Remote: remote}
	}
	return err
}

// missingBlobs asks rev-list which blobs there are. It is the one command that neither fetches nor fails at what is
// missing, in every git that has cat-file --batch-command.
func (e *gitEngine) missingBlobs(ctx context.Context, entries []tree.Entry) ([]string, error) {
	missing := map[string]bool{}
	var input bytes.Buffer
	for _, entry := range entries {
		if !missing[entry.ID] {
			missing[entry.ID] = true
			input.WriteString(entry.ID + "\n")
		}
	}
	out, err := e.command.output(ctx, input.Bytes(),
		"rev-list", "--objects", "--no-walk", "--missing=allow-any", "--ignore-missing", "--stdin")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(out)) {
		id, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		delete(missing, id)
	}
	ids := make([]string, 0, len(missing))
	for id := range missing {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids, nil
}

// fetch gets objects from the remote, all in one request. It asks for nothing that their commits would bring with them.
func (e *gitEngine) fetch(ctx context.Context, remote string, ids []string) error {
	online := *e.command
	online.foreground = true
	online.env = e.env.with([]string{"GIT_NO_LAZY_FETCH"}, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0")
	args := append(partialSettings(remote),
		"-c", "fetch.negotiationAlgorithm=noop", "fetch", remote, "--no-tags", "--no-write-fetch-head",
		"--recurse-submodules=no", "--stdin")
	_, err := online.output(ctx, []byte(strings.Join(ids, "\n")+"\n"), args...)
	return err
}

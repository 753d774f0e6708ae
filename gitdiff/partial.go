package gitdiff

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// promisor is the remote that may be fetched from what the repository lacks, or nothing for one that is whole. What FetchCommits left
// out is borrowed likewise.
func (l *location) promisor() string { return cmp.Or(l.partial, l.lender) }

// promisor is the remote of a partial clone (git-config(1), extensions.partialClone and remote.<name>.promisor), or nothing.
func (c config) promisor() string {
	if remote, ok := c.get("extensions.partialclone"); ok {
		return remote
	}
	for _, key := range slices.Sorted(maps.Keys(c)) {
		remote, ok := strings.CutPrefix(key, "remote.")
		if !ok {
			continue
		}
		if name, ok := strings.CutSuffix(remote, ".promisor"); ok && c.boolean(key, false) {
			return name
		}
		if name, ok := strings.CutSuffix(remote, ".partialclonefilter"); ok {
			return name
		}
	}
	return ""
}

// lacks is the error for an object that is not there, or is of another type.
func (l *location) lacks(id, kind string, p PartialError) error {
	if p.Missing, p.Remote = 1, l.promisor(); p.Remote != "" {
		return &p
	}
	return &ObjectError{ID: id, What: "not a " + kind + " that the repository has"}
}

func (e *gitEngine) lacks(id, kind string) error {
	return e.location.lacks(id, kind, PartialError{Asked: e.network})
}

// mayLackTrees reports whether a partial clone was made with a filter that leaves out trees, or with one that is not known.
func (l *location) mayLackTrees() bool {
	remote := l.promisor()
	if remote == "" || remote == l.lender {
		return false
	}
	filter, _ := l.config.get("remote." + remote + ".partialclonefilter")
	return !strings.HasPrefix(filter, "blob:")
}

// ensureTrees sees to it that a partial clone has trees with all trees below them.
func (e *gitEngine) ensureTrees(ctx context.Context, ids []string) error {
	if !e.location.mayLackTrees() {
		return nil
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return e.whole[id] || id == e.location.emptyTree() })
	if err := e.ensure(ctx, ids, "--filter=blob:none"); err != nil {
		return err
	}
	for _, id := range ids {
		e.whole[id] = true
	}
	return nil
}

func treesOf(pairs []TreePair) []string {
	var ids []string
	for _, p := range pairs {
		ids = append(ids, p.Old, p.New)
	}
	return ids
}

// ensureBlobs sees to it that a partial clone has the blobs of the entries: git would end at the first that it has not.
func (e *gitEngine) ensureBlobs(ctx context.Context, entries []tree.Entry) error {
	if e.location.promisor() == "" {
		return nil
	}
	ids := make([]string, len(entries))
	for i, entry := range entries {
		ids[i] = entry.ID
	}
	return e.ensure(ctx, ids)
}

// ensure sees to it that a partial clone has objects, and what they lead to and the options of rev-list do not leave out.
func (e *gitEngine) ensure(ctx context.Context, ids []string, options ...string) error {
	if len(ids) == 0 {
		return nil
	}
	missing, err := e.command.missing(ctx, ids, options...)
	if err != nil || len(missing) == 0 {
		return err
	}
	lack := &PartialError{Missing: len(missing), Remote: e.location.promisor(), Asked: e.network}
	if !e.network {
		return lack
	}
	online := *e.command
	online.foreground, online.env = true, e.env.online()
	if err := online.fetch(ctx, lack.Remote, missing); err != nil {
		return err
	}
	if missing, err = e.command.missing(ctx, ids, options...); err == nil && len(missing) > 0 {
		lack.Missing = len(missing)
		err = lack
	}
	return err
}

// missing asks rev-list which objects there are, of these and of what they lead to. It is the one command that neither fetches nor
// fails at what is missing, in every git that has cat-file --batch-command. One that is missing itself it may say nothing of.
func (c *command) missing(ctx context.Context, ids []string, options ...string) ([]string, error) {
	missing := map[string]bool{}
	var input bytes.Buffer
	for _, id := range ids {
		if !missing[id] {
			missing[id] = true
			input.WriteString(id + "\n")
		}
	}
	args := append([]string{"rev-list", "--objects", "--no-walk", "--missing=print", "--ignore-missing", "--stdin"}, options...)
	out, err := c.output(ctx, input.Bytes(), args...)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(out)) {
		id, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if id, isMissing := strings.CutPrefix(id, "?"); isMissing {
			missing[id] = true
		} else {
			delete(missing, id)
		}
	}
	return slices.Sorted(maps.Keys(missing)), nil
}

// fetch gets objects from a remote, all in one request: trees with all trees below them, and no files' contents but those that are
// asked for. It asks for nothing that their commits would bring with them.
func (c *command) fetch(ctx context.Context, remote string, ids []string) error {
	args := append(partialSettings(remote),
		"-c", "fetch.negotiationAlgorithm=noop", "fetch", remote, "--no-tags", "--no-write-fetch-head",
		"--recurse-submodules=no", "--stdin")
	_, err := c.output(ctx, []byte(strings.Join(ids, "\n")+"\n"), args...)
	return err
}

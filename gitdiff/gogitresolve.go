package gitdiff

import (
	"context"
	"errors"
	"strings"

	"github.com/monoplan/monoplan/gitdiff/odb"

	"github.com/monoplan/monoplan/internal/tree"
)

func (e *goGitEngine) Resolve(ctx context.Context, revs []string) ([]Resolution, error) {
	results := make([]Resolution, len(revs))
	for i, rev := range revs {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		results[i].Rev = rev
		c, err := e.resolve(rev)
		var problem *RevisionError
		if err != nil && !errors.As(err, &problem) {
			return nil, err
		}
		if err != nil {
			problem.Rev = rev
			results[i].Err = problem
			continue
		}
		results[i].Commit = c.Commit
	}
	return results, nil
}

// resolve gives the commit that a revision peels to. What is wrong with the revision is a *RevisionError, in which the
// revision is left to the caller.
func (e *goGitEngine) resolve(rev string) (*commit, error) {
	r := parseRevision(rev)
	switch {
	case !sendable(rev) || r.malformed:
		return nil, &RevisionError{Kind: UnknownRevision}
	case r.unsupported != "":
		return nil, &RevisionError{Kind: UnsupportedRevision, Detail: r.unsupported}
	}
	id, err := e.named(r)
	if err != nil {
		return nil, err
	}
	for _, step := range r.steps {
		if id, err = e.follow(id, step); err != nil {
			return nil, e.unlessWhole(rev, err)
		}
	}
	if r.hasPath {
		return nil, e.inTree(id, r.path)
	}
	if id, err = e.peel(id, odb.Commit); err != nil {
		return nil, e.unlessWhole(rev, err)
	}
	return e.commit(id)
}

// unlessWhole tells a full sha that is not there from anything else that leads to what is not there.
func (e *goGitEngine) unlessWhole(rev string, err error) error {
	if !errors.Is(err, odb.ErrMissing) {
		return err
	}
	if isFullHex(rev) {
		return &RevisionError{Kind: MissingObject}
	}
	return &RevisionError{Kind: UnknownRevision, Detail: missingDetail}
}

// missingDetail says of a name, and not of a full sha, that it leads to nothing.
const missingDetail = "it leads to an object that the repository does not have"

// named finds the object that a revision's name stands for: git looks for a full sha, a reference, what git-describe(1)
// prints, and a short sha, in this order.
func (e *goGitEngine) named(r revision) (string, error) {
	name, _, upstream := strings.Cut(r.name, "@{")
	if upstream {
		return e.upstream(name)
	}
	if isFullHex(name) {
		return strings.ToLower(name), nil
	}
	if name == "@" {
		name = "HEAD"
	}
	if id, _ := e.refs.expand(name); id != "" {
		return id, nil
	}
	if name == "HEAD" {
		return "", &RevisionError{Kind: UnbornHead}
	}
	if i := strings.LastIndex(name, "-g"); i > 0 && isHex(name[i+2:]) && len(name[i+2:]) >= 4 {
		name = name[i+2:]
		return e.abbreviated(name, true)
	}
	if len(name) < 4 || len(name) > 40 || !isHex(name) {
		return "", &RevisionError{Kind: UnknownRevision}
	}
	return e.abbreviated(name, r.commitish())
}

// abbreviated finds the object of a short sha. Of several the only commit, or tag of one, is meant.
func (e *goGitEngine) abbreviated(prefix string, commitish bool) (string, error) {
	ids, err := e.objects.WithPrefix(prefix)
	if err != nil {
		return "", err
	}
	if len(ids) > 1 && commitish {
		var commits []string
		for _, id := range ids {
			if _, err := e.peel(id, odb.Commit); err == nil {
				commits = append(commits, id)
			}
		}
		if len(commits) == 1 {
			return commits[0], nil
		}
	}
	switch len(ids) {
	case 0:
		return "", &RevisionError{Kind: UnknownRevision}
	case 1:
		return ids[0], nil
	}
	return "", &RevisionError{Kind: AmbiguousRevision}
}

// follow takes one step of a revision.
func (e *goGitEngine) follow(id string, step revStep) (string, error) {
	if step.op == '{' {
		switch step.kind {
		case "":
			return e.peel(id, anyKind)
		case "object":
			_, err := e.read(id)
			return id, err
		case "commit":
			return e.peel(id, odb.Commit)
		case "tree":
			return e.peel(id, odb.Tree)
		case "blob":
			return e.peel(id, odb.Blob)
		case "tag":
			return e.peel(id, odb.Tag)
		}
		return "", &RevisionError{Kind: UnknownRevision}
	}
	id, err := e.peel(id, odb.Commit)
	if err != nil {
		return "", err
	}
	times := 1
	if step.op == '~' {
		times = step.n
		step.n = 1
	}
	for range times {
		if step.n == 0 {
			break
		}
		c, err := e.commit(id)
		if err != nil {
			return "", err
		}
		if step.n > len(c.parents) {
			return "", &RevisionError{Kind: UnknownRevision}
		}
		id = c.parents[step.n-1]
	}
	return id, nil
}

// anyKind is what peel is asked for where only tags are to be followed.
const anyKind odb.Kind = 0

// peel follows tags until it comes to an object of a type, or for anyKind to one that is no tag; a commit has a tree.
func (e *goGitEngine) peel(id string, kind odb.Kind) (string, error) {
	for {
		if id == emptyTreeSHA1 {
			if kind == odb.Tree || kind == anyKind {
				return id, nil
			}
			return "", &RevisionError{Kind: NotCommit}
		}
		r, err := e.read(id)
		switch {
		case err != nil:
			return "", err
		case r.Kind == kind, kind == anyKind && r.Kind != odb.Tag:
			return id, nil
		case r.Kind == odb.Commit && kind == odb.Tree:
			c, err := parseCommit(id, string(r.Data))
			if err != nil {
				return "", err
			}
			return c.Tree, nil
		case r.Kind != odb.Tag:
			return "", &RevisionError{Kind: NotCommit}
		}
		target, ok := strings.CutPrefix(string(r.Data), "object ")
		if target, _, _ = strings.Cut(target, "\n"); !ok || !isFullHex(target) {
			return "", &ObjectError{ID: id, What: "a malformed tag"}
		}
		id = target
	}
}

// inTree says of "<rev>:<path>" that it is no commit, or nothing at all.
func (e *goGitEngine) inTree(id, path string) error {
	id, err := e.peel(id, odb.Tree)
	if err != nil {
		return e.unlessWhole("", err)
	}
	found := []tree.Entry{{Mode: tree.Dir}}
	if path != "" {
		if found, err = e.Tree(id).Lookup(context.Background(), []string{strings.TrimSuffix(path, "/")}); err != nil {
			return err
		}
	}
	if found[0].Exists() && found[0].Mode != tree.Submodule {
		return &RevisionError{Kind: NotCommit}
	}
	return &RevisionError{Kind: UnknownRevision}
}

// upstream finds what "branch@{upstream}" stands for: the branch's branch.<name>.merge, as the fetch settings of its
// branch.<name>.remote have it here.
func (e *goGitEngine) upstream(branch string) (string, error) {
	unknown := func(why string) error { return &RevisionError{Kind: UnknownRevision, Detail: why} }
	if branch == "" || branch == "@" || branch == "HEAD" {
		_, target := e.refs.read("HEAD")
		var ok bool
		if branch, ok = strings.CutPrefix(target, "refs/heads/"); !ok {
			return "", unknown("HEAD does not point to a branch")
		}
	}
	if id, _ := e.refs.read("refs/heads/" + branch); id == "" {
		return "", unknown("no such branch: '" + branch + "'")
	}
	settings, err := e.location.settings(e.env)
	if err != nil {
		return "", err
	}
	remote, _ := settings.get("branch." + branch + ".remote")
	merge, ok := settings.get("branch." + branch + ".merge")
	if !ok || remote == "" {
		return "", unknown("no upstream configured for branch '" + branch + "'")
	}
	tracking := merge
	if remote != "." {
		tracking = trackedAs(merge, settings["remote."+remote+".fetch"])
	}
	id, _ := e.refs.read(tracking)
	if tracking == "" || id == "" {
		return "", unknown("the upstream of branch '" + branch + "' is not stored here")
	}
	return id, nil
}

// trackedAs gives the name under which a remote's reference is kept, by the remote's refspecs (git-fetch(1)).
func trackedAs(name string, refspecs []string) string {
	for _, refspec := range refspecs {
		from, to, ok := strings.Cut(strings.TrimPrefix(refspec, "+"), ":")
		if !ok {
			continue
		}
		before, after, glob := strings.Cut(from, "*")
		if !glob && from == name {
			return to
		}
		if middle, ok := strings.CutPrefix(name, before); ok && glob && strings.HasSuffix(middle, after) {
			return strings.Replace(to, "*", strings.TrimSuffix(middle, after), 1)
		}
	}
	return ""
}

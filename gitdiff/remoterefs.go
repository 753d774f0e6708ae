package gitdiff

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/monoplan/monoplan/internal/secret"
)

// RemoteKind says what kept a remote from doing what it was asked for.
type RemoteKind int

// What may be wrong with a remote.
const (
	// RemoteUnreachable does not answer, or there is none.
	RemoteUnreachable RemoteKind = iota
	// RemoteDenied does not let this user in.
	RemoteDenied
	// RemoteRejected let the user in, and refused the reference: it is protected, a hook declined it, or the host does not
	// take references of that name.
	RemoteRejected
	// RemoteBusy could not lock the reference: somebody else moves it.
	RemoteBusy
)

// RemoteError is a remote that a reference could not be fetched from or pushed to.
type RemoteError struct {
	Remote, Ref string
	Kind        RemoteKind
	// Words are git's own.
	Words string
}

func (e *RemoteError) Error() string {
	what := "cannot be reached"
	switch e.Kind {
	case RemoteDenied:
		what = "denies access"
	case RemoteRejected:
		what = "refuses " + e.Ref
	case RemoteBusy:
		what = "is busy with " + e.Ref
	}
	return "the remote " + secret.URL(e.Remote) + " " + what + ": " + e.Words
}

// RemoteName gives a remote in a form for people, without credentials.
func RemoteName(remote string) string { return secret.URL(remote) }

// quietly has git do what it is told and nothing besides, and wait for a reference that another process is moving: by itself it gives up after
// a tenth of a second.
func quietly(args ...string) []string {
	return append(withoutHooks(
		"-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "push.gpgSign=false", "-c", "push.followTags=false",
		"-c", "core.filesRefLockTimeout="+strconv.FormatInt(lockPatience.Milliseconds(), 10),
	), args...)
}

// withoutHooks has git run none of this repository's hooks, which are about its branches: a fetch and a push move references here as well
// (githooks(5), reference-transaction). Those of a remote run, be it a directory of this machine.
func withoutHooks(args ...string) []string {
	return append([]string{"-c", "core.hooksPath=" + os.DevNull}, args...)
}

// FetchTip gets a reference of a remote with its documents, and keeps where it leads to under a name of this repository. It gives the
// commit, and is empty where the remote has no such reference, which then is kept under no name either. A shallow clone gets the
// last commit alone, and is as deep as it was.
func (d *Documents) FetchTip(ctx context.Context, remote, ref, as string) (string, error) {
	c, err := d.repository.online()
	if err != nil {
		return "", err
	}
	args := quietly("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--refmap=")
	if d.repository.location.shallow() {
		args = append(args, "--depth=1")
	}
	if err := d.clean(as); err != nil {
		return "", err
	}
	_, err = c.output(ctx, nil, append(args, "--", remote, "+"+ref+":"+as)...)
	var failure *ProcessError
	switch {
	case errors.As(err, &failure) && strings.Contains(strings.ToLower(failure.Stderr), "couldn't find remote ref"):
		return "", d.drop(ctx, as)
	case errors.As(err, &failure):
		return "", remoteError(remote, ref, failure.Stderr)
	case err != nil:
		return "", err
	}
	if err := d.complete(ctx, c, remote, as); err != nil {
		return "", err
	}
	return d.Tip(ctx, as)
}

// complete gets the documents of a reference that a partial clone has fetched without them: first trees, where it has none, and then
// what is in them.
func (d *Documents) complete(ctx context.Context, online *command, remote, ref string) error {
	if d.repository.location.promisor() == "" {
		return nil
	}
	local, err := d.local()
	if err != nil {
		return err
	}
	tip, err := d.Tip(ctx, ref)
	if err != nil {
		return err
	}
	const rounds = 2
	for range rounds {
		missing, err := local.missing(ctx, []string{tip})
		if err != nil || len(missing) == 0 {
			return err
		}
		err = online.fetch(ctx, remote, missing)
		var failure *ProcessError
		if errors.As(err, &failure) {
			return remoteError(remote, ref, failure.Stderr)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// drop removes a reference that git fetched.
func (d *Documents) drop(ctx context.Context, ref string) error {
	id, err := d.Tip(ctx, ref)
	if id == "" || err != nil {
		return err
	}
	c, err := d.local()
	if err != nil {
		return err
	}
	_, err = c.output(ctx, nil, withoutHooks("update-ref", "-d", ref, id)...)
	return err
}

// RemoteTips gives the references of a remote that match a pattern (git-ls-remote(1)), by their names.
func (d *Documents) RemoteTips(ctx context.Context, remote, pattern string) (map[string]string, error) {
	c, err := d.repository.online()
	if err != nil {
		return nil, err
	}
	out, err := c.output(ctx, nil, "ls-remote", "--quiet", "--refs", "--", remote, pattern)
	var failure *ProcessError
	if errors.As(err, &failure) {
		return nil, remoteError(remote, pattern, failure.Stderr)
	}
	if err != nil {
		return nil, err
	}
	tips := map[string]string{}
	parsePackedRefs(strings.ReplaceAll(string(out), "\t", " "), tips)
	return tips, nil
}

// Push moves a reference of a remote from one commit to another; an old one that is empty makes it. Its errors are
// *RefMovedError, with nothing changed, and *RemoteError.
func (d *Documents) Push(ctx context.Context, remote, ref, old, new string) error {
	defer d.traced("git push", time.Now())
	c, err := d.repository.online()
	if err != nil {
		return err
	}
	args := quietly("push", "--porcelain", "--no-verify", "--recurse-submodules=no", "--force-with-lease="+ref+":"+old, "--", remote, new+":"+ref)
	if mirror := "remote." + remote + ".mirror"; d.repository.location.config.boolean(mirror, false) {
		args = append([]string{"-c", mirror + "=false"}, args...) // git pushes all or nothing to a mirror
	}
	out, err := c.output(ctx, nil, args...)
	var failure *ProcessError
	if !errors.As(err, &failure) {
		return err
	}
	// What happened is what the remote has now: an answer may be lost, and somebody else may have been faster.
	tips, listErr := d.RemoteTips(ctx, remote, ref)
	if listErr == nil {
		switch now := tips[ref]; now {
		case new:
			return nil
		case old:
		default:
			return &RefMovedError{Ref: ref, Now: now, Want: old}
		}
	}
	return remoteError(remote, ref, failure.Stderr+"\n"+string(out))
}

// remoteError makes an error of git's words, which are in English (LC_ALL=C).
func remoteError(remote, ref, said string) error {
	e := &RemoteError{Remote: remote, Ref: ref, Words: remoteWords(said)}
	words := strings.ToLower(said)
	has := func(parts ...string) bool {
		for _, part := range parts {
			if strings.Contains(words, part) {
				return true
			}
		}
		return false
	}
	switch {
	case has("failed to update ref", "cannot lock ref", "failed to lock", "stale info", "unable to create '"):
		e.Kind = RemoteBusy
	case has("[rejected]", "[remote rejected]"):
		e.Kind = RemoteRejected
	case has("authentication failed", "permission denied", "could not read username", "could not read password", "access denied", "error: 403", "error: 401",
		"permission to", "not authorized"):
		e.Kind = RemoteDenied
	}
	return e
}

// remoteWords are the lines that say why: what the remote's hooks say, and git's own last words.
func remoteWords(said string) string {
	var lines []string
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		kept, isReason := strings.CutPrefix(line, "!\t")
		switch {
		case isReason:
			_, kept, _ = strings.Cut(kept, "\t")
		case line == "", strings.HasPrefix(line, "To "), line == "Done", strings.HasPrefix(line, "hint:"),
			strings.HasPrefix(line, "error: failed to push some refs"):
			continue
		}
		lines = append(lines, secret.URLs(kept)) // git writes the URL that it used
	}
	return strings.Join(lines, "; ")
}

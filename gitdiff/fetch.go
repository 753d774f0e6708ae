package gitdiff

import (
	"context"
	"fmt"
	"strings"
)

// FetchCommits gets commits that the repository lacks from a remote, by their full IDs, with what their trees hold but
// for files' contents where the engine is git and the remote can leave those out: what a later Read needs of them is
// then fetched if the network was allowed when the repository was opened. A shallow clone gets the commits alone and stays as deep as it
// was, one that is whole gets their history too, so that it is never truncated. No reference is written and no
// configuration: a clone that was whole is not made a partial one.
//
// It needs the git command whatever the engine is (ErrNoGit), since that has the user's credentials. Where the remote
// lacks one of several commits the others are not fetched; which it was is in the words of the *ProcessError.
func (r *Repository) FetchCommits(ctx context.Context, remote string, ids []string) error {
	for _, id := range ids {
		if !isFullHex(id) {
			return fmt.Errorf("%q is no full ID of a commit", id)
		}
	}
	c, err := r.online()
	if err != nil {
		return err
	}
	inProcess := r.inProcess()
	var args []string
	// What is left out now go-git cannot get later, and git only from one remote.
	if lender := r.location.lender; !inProcess && (lender == "" || lender == remote) {
		args = partialSettings(remote)
	}
	args = append(args, "fetch", remote,
		"--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--stdin")
	if r.location.shallow() {
		args = append(args, "--depth=1")
	}
	if _, err := c.output(ctx, []byte(strings.Join(ids, "\n")+"\n"), args...); err != nil {
		return err
	}
	if err := r.readShallow(); err != nil || inProcess {
		return err
	}
	if r.location.promisor() == "" {
		r.location.lender = remote
	}
	return nil
}

// online is git with the network allowed.
func (r *Repository) online() (*command, error) {
	path, err := r.env.findGit()
	if err != nil {
		return nil, err
	}
	c := newCommand(path, r.location, r.env, r.options)
	c.foreground = true
	c.env = r.env.online()
	return c, nil
}

// readShallow shows what reads in process where history ends now. Git's own processes look by themselves.
func (r *Repository) readShallow() error {
	switch e := r.Engine.(type) {
	case *goGitEngine:
		return e.readShallow()
	case *autoEngine:
		return e.near.readShallow()
	}
	return nil
}

// partialSettings make a remote one that lends what is left out, for this one command: git takes the filter of such a
// remote from its configuration, and writes it down there only where it was an option.
func partialSettings(remote string) []string {
	if strings.Contains(remote, "=") {
		return nil // -c takes the first "=" for the end of the key
	}
	return []string{
		"-c", "remote." + remote + ".promisor=true",
		"-c", "remote." + remote + ".partialCloneFilter=blob:none",
	}
}

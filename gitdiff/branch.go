package gitdiff

import "strings"

// Branch is the branch that is checked out, without refs/heads/; empty where HEAD names a commit, or nothing that can be
// read as a file (reftable).
func (r *Repository) Branch() string {
	refs := &refStore{gitDir: r.GitDir, commonDir: r.CommonDir}
	target, symbolic := strings.CutPrefix(refs.content("HEAD"), "ref:")
	branch, ok := strings.CutPrefix(strings.TrimSpace(target), "refs/heads/")
	if !symbolic || !ok || branch == ".invalid" {
		return ""
	}
	return branch
}

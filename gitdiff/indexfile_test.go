package gitdiff_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A listing is the tree's whatever the index has, and where the index is that tree it needs no object.
func TestListFromIndex(t *testing.T) {
	long := strings.Repeat("a-long-name/", 400) + "end"
	for name, c := range map[string]struct {
		prepare func(r *repo)
		init    []string
		listed  bool // by the index
		engines []string
	}{
		"after a commit":   {prepare: func(*repo) {}, listed: true},
		"after a checkout": {prepare: func(r *repo) { r.git("checkout", "-q", "HEAD~1"); r.git("checkout", "-q", "main") }, listed: true},
		"version 3": {prepare: func(r *repo) {
			r.git("update-index", "--skip-worktree", "kind")
			r.git("commit", "-q", "--allow-empty", "-m", "three")
		}, listed: true},
		"version 4":          {prepare: func(r *repo) { r.git("update-index", "--index-version", "4") }, listed: true},
		"of another commit":  {prepare: func(r *repo) { r.git("checkout", "-q", "HEAD~1"); r.git("update-ref", "HEAD", "main") }},
		"with a change":      {prepare: func(r *repo) { r.write("a/x", "staged"); r.git("add", "a/x") }},
		"without a file":     {prepare: func(r *repo) { r.git("rm", "-q", "--cached", "same/one") }},
		"intent to add":      {prepare: func(r *repo) { r.write("new", ""); r.git("add", "-N", "new") }},
		"split":              {prepare: func(r *repo) { r.git("update-index", "--split-index") }},
		"corrupt":            {prepare: func(r *repo) { r.write(".git/index", "DIRC\x00\x00\x00\x02\x00\x00\x00\x01") }},
		"missing":            {prepare: func(r *repo) { r.remove(".git/index") }},
		"replaced objects":   {prepare: func(r *repo) { r.git("replace", "HEAD:a", "HEAD:deep") }, engines: []string{"git"}},
		"no tree known":      {prepare: func(r *repo) { r.git("read-tree", "--empty"); r.git("update-index", "--add", "a/x") }},
		"with untracked too": {prepare: func(r *repo) { r.write("untracked", "") }, listed: true},
		"long names": {prepare: func(r *repo) {
			blob := r.git("hash-object", "-w", "--stdin")
			r.git("update-index", "--add", "--cacheinfo", "100644,"+blob+","+long)
			r.git("update-index", "--add", "--cacheinfo", "100644,"+blob+","+long+"s")
			r.git("commit", "-q", "-m", "long")
		}, listed: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := oddRepo(t, c.init...)
			c.prepare(r)
			want := listedLines(r.git("ls-tree", "-r", "-z", "--full-tree", "HEAD"))
			engines := c.engines
			if engines == nil {
				engines = []string{"git", "go-git"}
			}
			for _, engine := range engines {
				opened := r.open(engine)
				equalLines(t, engine, list(t, opened.Tree(resolve(t, opened, "HEAD").Tree)), want)
			}
			if !c.listed {
				return
			}
			head := resolve(t, r.open("git"), "HEAD").Tree
			subtree := r.git("rev-parse", "HEAD:deep/1")
			if err := os.Remove(filepath.Join(r.dir, ".git", "objects", subtree[:2], subtree[2:])); err != nil {
				t.Fatal(err)
			}
			for _, engine := range engines {
				equalLines(t, engine+" without the objects", list(t, r.open(engine).Tree(head)), want)
			}
		})
	}
}

// A linked worktree has an index of its own, and a sparse one lists directories.
func TestListFromIndexElsewhere(t *testing.T) {
	r := oddRepo(t)
	r.git("worktree", "add", "-q", "../linked", "HEAD~1")
	linked := r.at(filepath.Join(r.dir, "..", "linked"))
	eachEngine(t, func(t *testing.T, engine string) {
		for _, at := range []*repo{r, linked} {
			for _, rev := range []string{"main", "main~1"} {
				opened := at.open(engine)
				equalLines(t, rev, list(t, opened.Tree(resolve(t, opened, rev).Tree)), listedLines(r.git("ls-tree", "-r", "-z", "--full-tree", rev)))
			}
		}
	})
	sparse := oddRepo(t)
	if _, err := sparse.tryGit(nil, "sparse-checkout", "set", "--cone", "--sparse-index", "services"); err != nil {
		t.Skip("the installed git makes no sparse index:", err)
	}
	opened := sparse.open("git")
	equalLines(t, "sparse", list(t, opened.Tree(resolve(t, opened, "HEAD").Tree)), listedLines(sparse.git("ls-tree", "-r", "-z", "--full-tree", "HEAD")))
}

package gitdiff

import (
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/monoplan/monoplan/gitdiff/odb"

	"github.com/monoplan/monoplan/internal/tree"
)

// goGitEngine reads a repository in process. From go-git it has the index of a working tree. What go-git does otherwise than git, or
// takes long for, it does itself: references, revisions, objects, differences, ignore rules.
type goGitEngine struct {
	location *location
	env      environment
	objects  *odb.Store
	refs     *refStore
	shallow  map[string]bool
	memo     map[string][]object // tree objects by name, read by Lookup
	commits  map[string]*commit
}

var _ Engine = (*goGitEngine)(nil)

// openGoGit opens a repository, or says what of it cannot be read.
func openGoGit(l *location, env environment) (*goGitEngine, error) {
	refs := &refStore{gitDir: l.gitDir, commonDir: l.commonDir}
	if err := checkSupport(l, env); err != nil {
		return nil, err
	}
	objects, err := openObjects(l, env)
	if err != nil {
		return nil, err
	}
	e := &goGitEngine{
		location: l, env: env, objects: objects, refs: refs,
		memo: map[string][]object{},
	}
	return e, e.readShallow()
}

// readShallow reads at which commits a shallow clone ends (gitrepository-layout(5), shallow).
func (e *goGitEngine) readShallow() error {
	data, err := os.ReadFile(filepath.Join(e.location.commonDir, "shallow"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	e.shallow, e.commits = map[string]bool{}, map[string]*commit{}
	for id := range strings.FieldsSeq(string(data)) {
		e.shallow[id] = true
	}
	return nil
}

// checkSupport refuses what changes the meaning of a repository in a way that this engine does not know
// (git-config(1), extensions.*; git-replace(1); gitrepository-layout(5), info/grafts).
func checkSupport(l *location, env environment) error {
	if version, ok := l.config.get("core.repositoryformatversion"); ok {
		if n, err := strconv.Atoi(version); err != nil || n > 1 {
			return &UnsupportedError{What: "repository format version " + version}
		}
	}
	for key := range l.config {
		extension, ok := strings.CutPrefix(key, "extensions.")
		if !ok {
			continue
		}
		value, _ := l.config.get(key)
		switch {
		case extension == "objectformat" && value == "sha1", extension == "refstorage" && value == "files":
		case extension == "objectformat":
			return &UnsupportedError{What: value + " repositories"}
		case extension == "refstorage":
			return &UnsupportedError{What: "references stored as " + value}
		case extension == "noop", extension == "preciousobjects", extension == "partialclone",
			extension == "worktreeconfig", extension == "relativeworktrees":
		default:
			return &UnsupportedError{What: "the repository extension " + extension}
		}
	}
	if env.get("GIT_NO_REPLACE_OBJECTS") == "" && l.config.boolean("core.usereplacerefs", true) && l.replacesObjects() {
		return &UnsupportedError{What: "replace refs"}
	}
	if _, err := os.Stat(filepath.Join(l.commonDir, "info", "grafts")); err == nil {
		return &UnsupportedError{What: "grafts"}
	}
	return nil
}

func (e *goGitEngine) Name() string { return "go-git" }

func (e *goGitEngine) Close() error { return e.objects.Close() }

func (e *goGitEngine) Tree(id string) tree.Reader {
	if id == "" {
		id = emptyTreeSHA1
	}
	return &goGitTree{engine: e, id: id}
}

// read reads an object, whatever it is, or gives odb.ErrMissing.
func (e *goGitEngine) read(id string) (odb.Object, error) {
	o, err := e.objects.Read(id)
	if err == nil || errors.Is(err, odb.ErrMissing) {
		return o, err
	}
	return o, readError(id, err)
}

// object reads an object of a type; one that is not there is an error, whatever the reason.
func (e *goGitEngine) object(id string, kind odb.Kind) ([]byte, error) {
	o, err := e.objects.Read(id)
	return e.checked(id, kind, odb.Result{Object: o, Err: err})
}

// checked gives the content of an object that is to be of a type.
func (e *goGitEngine) checked(id string, kind odb.Kind, r odb.Result) ([]byte, error) {
	switch {
	case errors.Is(r.Err, odb.ErrMissing), r.Err == nil && r.Kind != kind:
		return nil, e.location.lacks(id, kind.String(), PartialError{InProcess: true})
	case r.Err != nil:
		return nil, readError(id, r.Err)
	}
	return r.Data, nil
}

// emptyTreeName is the raw ID of the tree without entries.
var emptyTreeName, _ = hex.DecodeString(emptyTreeSHA1)

// tree reads a tree object, in its own order.
func (e *goGitEngine) tree(id string) ([]object, error) {
	name, err := treeName(id)
	if err != nil {
		return nil, err
	}
	entries, err := e.entries(name)
	var objects []object
	for ; err == nil && entries.left; err = entries.next() {
		objects = append(objects, entries.object())
	}
	return objects, err
}

// commit is what a commit object says about history.
type commit struct {
	Commit
	parents []string
	date    int64
}

// commit reads a commit. One at which a shallow clone ends has no parents.
func (e *goGitEngine) commit(id string) (*commit, error) {
	if c, ok := e.commits[id]; ok {
		return c, nil
	}
	data, err := e.object(id, odb.Commit)
	if err != nil {
		return nil, err
	}
	c, err := parseCommit(id, string(data))
	if err != nil {
		return nil, err
	}
	if e.shallow[id] {
		c.parents = nil
	}
	e.commits[id] = c
	return c, nil
}

// parseCommit reads the header of a commit object: lines "tree", "parent" and "committer", which has the date before
// the time zone at its end.
func parseCommit(id, text string) (*commit, error) {
	c := &commit{Commit: Commit{ID: id}}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			break
		}
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "tree":
			c.Tree = value
		case "parent":
			c.parents = append(c.parents, value)
		case "committer":
			_, stamp, _ := strings.Cut(value[strings.LastIndexByte(value, '>')+1:], " ")
			seconds, _, _ := strings.Cut(stamp, " ")
			c.date, _ = strconv.ParseInt(seconds, 10, 64) // git takes a malformed date for the first of all
		}
	}
	if sum, err := hex.DecodeString(c.Tree); err != nil || len(sum) != len(id)/2 {
		return nil, &ObjectError{ID: id, What: "a malformed commit"}
	}
	return c, nil
}

func (e *goGitEngine) Log(ctx context.Context, base, head string, yield func(tree.Change) error) error {
	commits, err := e.between(ctx, base, head)
	if err != nil {
		return err
	}
	pairs, err := logPairs(ctx, commits, func(_ context.Context, ids []string) ([]Commit, error) {
		found := make([]Commit, len(ids))
		for i, id := range ids {
			c, err := e.commit(id)
			if err != nil {
				return nil, err
			}
			found[i] = c.Commit
		}
		return found, nil
	})
	if err != nil {
		return err
	}
	return e.Diff(ctx, pairs, func(_ int, c tree.Change) error { return yield(c) })
}

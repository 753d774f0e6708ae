package gitdiff

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// gitTree reads one tree through the git engine.
type gitTree struct {
	engine *gitEngine
	id     string
}

var _ tree.Reader = (*gitTree)(nil)

func (t *gitTree) ID() string { return t.id }

func (t *gitTree) List(ctx context.Context, yield func(tree.Entry) error) error {
	if err := t.engine.location.listIndex(ctx, t.id, yield); !errors.Is(err, errNotListed) {
		return err
	}
	if err := t.engine.ensureTrees(ctx, []string{t.id}); err != nil {
		return err
	}
	return t.engine.command.run(ctx, nil, func(r *bufio.Reader) error {
		return readListing(r, yield)
	}, "ls-tree", "-r", "-z", "--full-tree", t.id)
}

// readListing reads what git ls-tree -r -z prints: "<mode> <type> <id>", a tab, a path, NUL.
func readListing(r *bufio.Reader, yield func(tree.Entry) error) error {
	var text arena
	return eachField(func(line []byte) error {
		entry, ok := parseListed(line, &text)
		if !ok {
			return fmt.Errorf("a malformed listing %q", line)
		}
		return yield(entry)
	})(r)
}

func parseListed(line []byte, text *arena) (tree.Entry, bool) {
	head, path, ok := bytes.Cut(line, []byte("\t"))
	octal, rest, ok2 := bytes.Cut(head, []byte(" "))
	_, id, ok3 := bytes.Cut(rest, []byte(" "))
	mode, ok4 := parseMode(octal)
	e := tree.Entry{Path: text.keep(path), Mode: mode, ID: text.keep(id)}
	return e, ok && ok2 && ok3 && ok4 && mode != tree.None && len(path) > 0 && isFullHex(e.ID)
}

func (t *gitTree) Lookup(ctx context.Context, paths []string) ([]tree.Entry, error) {
	if err := t.engine.ensureTrees(ctx, []string{t.id}); err != nil {
		return nil, err
	}
	return lookup(ctx, t.id, paths, t.engine.readTrees)
}

// readTrees gives tree objects, from memory where they were read before.
func (e *gitEngine) readTrees(ctx context.Context, ids []string) (map[string][]object, error) {
	var requests []request
	for _, id := range ids {
		if _, ok := e.memo[id]; !ok {
			requests = append(requests, request{"contents", id})
		}
	}
	err := e.objects.ask(ctx, requests, func(i int, a *answer) error {
		id := requests[i].object
		if a.kind != "tree" {
			return e.lacks(id, "tree")
		}
		objects, err := parseTree(a.data, len(id)/2)
		if err != nil {
			return &ObjectError{ID: id, What: err.Error()}
		}
		e.memo[id] = byName(objects)
		return nil
	})
	return e.memo, err
}

func (t *gitTree) Read(ctx context.Context, entries []tree.Entry, yield func(int, []byte) error) error {
	ids, err := contentIDs(entries)
	if err != nil {
		return err
	}
	requests := make([]request, len(ids))
	for i, id := range ids {
		requests[i] = request{"contents", id}
	}
	if err := t.engine.ensureBlobs(ctx, entries); err != nil {
		return err
	}
	return t.engine.objects.ask(ctx, requests, func(i int, a *answer) error {
		if a.kind != "blob" {
			return t.engine.lacks(entries[i].ID, "blob")
		}
		return yield(i, a.data)
	})
}

// contentIDs lists the IDs of what has content: files, and symbolic links.
func contentIDs(entries []tree.Entry) ([]string, error) {
	ids := make([]string, len(entries))
	for i, entry := range entries {
		if !entry.Mode.IsFile() && entry.Mode != tree.Symlink || entry.ID == "" {
			return nil, fmt.Errorf("%q: neither a file nor a symbolic link of a commit", entry.Path)
		}
		ids[i] = entry.ID
	}
	return ids, nil
}

// byName sorts a tree's entries by their names alone: git has directories where their names with a slash would be.
func byName(objects []object) []object {
	slices.SortFunc(objects, func(a, b object) int { return strings.Compare(a.name, b.name) })
	return objects
}

// lookup finds paths from a root tree, one level of all of them at a time. The trees that read gives are sorted by name.
func lookup(
	ctx context.Context, root string, paths []string,
	read func(context.Context, []string) (map[string][]object, error),
) ([]tree.Entry, error) {
	found := make([]tree.Entry, len(paths))
	rest := make([]string, len(paths)) // of each path, what is to be found yet
	for i, path := range paths {
		found[i] = tree.Entry{Path: path, Mode: tree.Dir, ID: root}
		rest[i] = path
		if path == "." {
			rest[i] = ""
		} else if path == "" {
			found[i] = tree.Entry{}
		}
	}
	for {
		wanted := wantedTrees(found, rest)
		if len(wanted) == 0 {
			return found, nil
		}
		trees, err := read(ctx, wanted)
		if err != nil {
			return nil, err
		}
		for i, path := range paths {
			if rest[i] == "" || found[i].Mode == tree.None {
				continue
			}
			var name string
			name, rest[i], _ = strings.Cut(rest[i], "/")
			found[i] = step(path, trees[found[i].ID], name, rest[i])
			if strings.HasSuffix(path, "/") {
				found[i] = tree.Entry{Path: path}
			}
		}
	}
}

// wantedTrees lists, once each, the trees that paths with a rest must be looked up in.
func wantedTrees(found []tree.Entry, rest []string) []string {
	var wanted []string
	seen := map[string]bool{}
	for i, entry := range found {
		if rest[i] != "" && entry.Mode == tree.Dir && !seen[entry.ID] {
			seen[entry.ID] = true
			wanted = append(wanted, entry.ID)
		}
	}
	return wanted
}

// step finds a name in a tree. With more of the path to come only a directory will do.
func step(path string, objects []object, name, rest string) tree.Entry {
	i, ok := slices.BinarySearchFunc(objects, name, func(o object, name string) int { return strings.Compare(o.name, name) })
	if !ok || rest != "" && objects[i].mode != tree.Dir {
		return tree.Entry{Path: path}
	}
	return tree.Entry{Path: path, Mode: objects[i].mode, ID: objects[i].id}
}

package history

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Trees gives the tree of every commit, by the commit's name. An error names the commit and the change that its
// tree does not allow.
func (h *History) Trees() (map[string]Tree, error) {
	trees := map[string]Tree{}
	for _, c := range h.Commits {
		tree := Tree{}
		for i, parent := range c.Parents {
			parentTree, ok := trees[parent]
			if !ok {
				return nil, fmt.Errorf("commit %s: no commit %s before it", c.Name, parent)
			}
			if i == 0 {
				tree = maps.Clone(parentTree)
			}
		}
		if _, twice := trees[c.Name]; twice {
			return nil, fmt.Errorf("commit %s is there twice", c.Name)
		}
		for _, op := range c.Ops {
			if err := tree.Apply(op); err != nil {
				return nil, fmt.Errorf("commit %s: %w", c.Name, err)
			}
		}
		trees[c.Name] = tree
	}
	return trees, nil
}

// Apply makes one change of the tree. It is an error where the path is not there to be changed.
func (t Tree) Apply(op Op) error {
	if op.Verb != "clear" && (op.Path == "" || strings.HasPrefix(op.Path, "/") || strings.HasSuffix(op.Path, "/")) {
		return fmt.Errorf("%s: %q is no path", op.Verb, op.Path)
	}
	switch op.Verb {
	case "put":
		mode := "100644"
		if t[op.Path].Mode == "100755" {
			mode = "100755"
		}
		t.put(op.Path, File{Mode: mode, Content: op.Arg})
	case "symlink":
		t.put(op.Path, File{Mode: "120000", Content: op.Arg})
	case "submodule":
		if op.Arg == "" {
			return fmt.Errorf("submodule %s: no commit", op.Path)
		}
		t.put(op.Path, File{Mode: "160000", Content: strings.Repeat(op.Arg, 40/len(op.Arg)+1)[:40]})
	case "exec", "noexec":
		file, ok := t[op.Path]
		if !ok {
			return fmt.Errorf("%s %s: no such file", op.Verb, op.Path)
		}
		file.Mode = map[string]string{"exec": "100755", "noexec": "100644"}[op.Verb]
		t[op.Path] = file
	case "delete":
		if len(t.take(op.Path)) == 0 {
			return fmt.Errorf("delete %s: nothing there", op.Path)
		}
	case "move":
		taken := t.take(op.Path)
		if len(taken) == 0 {
			return fmt.Errorf("move %s: nothing there", op.Path)
		}
		for _, path := range slices.Sorted(maps.Keys(taken)) {
			t.put(op.Arg+strings.TrimPrefix(path, op.Path), taken[path])
		}
	case "clear":
		clear(t)
	default:
		return fmt.Errorf("%q is no change of a tree", op.Verb)
	}
	return nil
}

// put writes one entry. As in git, it takes the place of a directory there, and of a file above it.
func (t Tree) put(path string, file File) {
	t.take(path)
	for i := range len(path) {
		if path[i] == '/' {
			delete(t, path[:i])
		}
	}
	t[path] = file
}

// take removes an entry, or all that is below a directory, and gives what it removed.
func (t Tree) take(path string) Tree {
	taken := Tree{}
	for p, file := range t {
		if p == path || strings.HasPrefix(p, path+"/") {
			taken[p] = file
		}
	}
	for p := range taken {
		delete(t, p)
	}
	return taken
}

package history

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Build makes the repository in dir, which it creates: one git init, one git fast-import, and a checkout only where
// the history has a working tree. Authors and dates are fixed, so commits have the same ids on every machine.
func (h *History) Build(ctx context.Context, dir string) error {
	return BuildAll(ctx, dir, map[string]*History{"": h})
}

// BuildAll makes one repository of several histories that share nothing. The names of a history's commits, branches and
// tags get its key as a prefix. Of a history whose key is not empty no branch main is made.
func BuildAll(ctx context.Context, dir string, histories map[string]*History) error {
	var stream importStream
	for _, prefix := range slices.Sorted(maps.Keys(histories)) {
		if err := stream.history(prefix, histories[prefix]); err != nil {
			return err
		}
	}
	stream.out.WriteString("done\n")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	if err := Git(ctx, dir, nil, "init", "--quiet", "--template=", "--initial-branch=main"); err != nil {
		return err
	}
	if err := Git(ctx, dir, stream.out.Bytes(), "fast-import", "--quiet", "--done"); err != nil {
		return err
	}
	if h := histories[""]; h != nil && h.Worktree != nil {
		return h.checkout(ctx, dir)
	}
	return nil
}

// Git runs git in dir, without the configuration of the machine and of the user.
func Git(ctx context.Context, dir string, stdin []byte, args ...string) error {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), Environment()...)
	cmd.Stdin = bytes.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("git %s: %w\n%s", args[0], err, out)
	}
	return nil
}

// Environment has what keeps git free of the configuration of the machine and of the user.
func Environment() []string {
	return []string{
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_AUTHOR_DATE=1700000000 +0000",
		"GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com", "GIT_COMMITTER_DATE=1700000000 +0000",
	}
}

// importStream writes the input of git fast-import. Each commit says its whole tree: that costs little, and the order of
// changes then matters nowhere but in Tree.
type importStream struct {
	out   bytes.Buffer
	marks int
	blobs map[string]int
}

func (s *importStream) history(prefix string, h *History) error {
	trees, err := h.Trees()
	if err != nil {
		return err
	}
	commits := map[string]int{}
	for i, c := range h.Commits {
		commits[c.Name] = s.commit(prefix, c, i, trees[c.Name], commits)
	}
	if prefix == "" {
		fmt.Fprintf(&s.out, "reset refs/heads/main\nfrom :%d\n\n", s.marks)
	}
	return nil
}

// commit writes one commit and its refs, and gives the commit's mark.
func (s *importStream) commit(prefix string, c Commit, i int, tree Tree, commits map[string]int) int {
	paths := slices.Sorted(maps.Keys(tree))
	for _, path := range paths {
		s.blob(tree[path])
	}
	s.marks++
	mark := s.marks
	who := fmt.Sprintf("A <a@example.com> %d +0000", 1_700_000_000+60*i)
	fmt.Fprintf(&s.out, "commit refs/tags/%s%s\nmark :%d\nauthor %s\ncommitter %s\n", prefix, c.Name, mark, who, who)
	fmt.Fprintf(&s.out, "data %d\n%s\n", len(c.Name), c.Name)
	for n, parent := range c.Parents {
		fmt.Fprintf(&s.out, "%s :%d\n", [...]string{"from", "merge"}[min(n, 1)], commits[parent])
	}
	s.out.WriteString("deleteall\n")
	for _, path := range paths {
		file := tree[path]
		data := ":" + fmt.Sprint(s.blobs[file.Content])
		if file.Mode == "160000" {
			data = file.Content
		}
		fmt.Fprintf(&s.out, "M %s %s %s\n", file.Mode, data, quote(path))
	}
	for _, branch := range c.Branches {
		fmt.Fprintf(&s.out, "\nreset refs/heads/%s%s\nfrom :%d\n", prefix, branch, mark)
	}
	s.out.WriteString("\n")
	for _, tag := range c.Tags {
		fmt.Fprintf(&s.out, "tag %s%s\nfrom :%d\ntagger %s\ndata %d\n%s\n", prefix, tag, mark, who, len(tag), tag)
	}
	return mark
}

func (s *importStream) blob(file File) {
	if file.Mode == "160000" || s.blobs[file.Content] != 0 {
		return
	}
	if s.blobs == nil {
		s.blobs = map[string]int{}
	}
	s.marks++
	s.blobs[file.Content] = s.marks
	fmt.Fprintf(&s.out, "blob\nmark :%d\ndata %d\n%s\n", s.marks, len(file.Content), file.Content)
}

// quote writes a path as fast-import reads it: in C's quotes, every unusual byte in octal.
func quote(path string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(path) {
		if c := path[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			fmt.Fprintf(&b, `\%03o`, c)
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// checkout writes the last commit's files and then what the working tree has beyond them.
func (h *History) checkout(ctx context.Context, dir string) error {
	if err := Git(ctx, dir, nil, "reset", "--quiet", "--hard", "main"); err != nil {
		return err
	}
	trees, err := h.Trees()
	if err != nil {
		return err
	}
	committed := trees[h.Commits[len(h.Commits)-1].Name]
	tree := maps.Clone(committed)
	for _, op := range h.Worktree {
		if err := tree.Apply(op); err != nil {
			return fmt.Errorf("worktree: %w", err)
		}
	}
	for path := range committed {
		if _, stays := tree[path]; !stays {
			if err := os.Remove(filepath.Join(dir, path)); err != nil {
				return err
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(tree)) {
		if tree[path] == committed[path] {
			continue
		}
		if err := write(filepath.Join(dir, path), tree[path]); err != nil {
			return err
		}
	}
	return nil
}

func write(path string, file File) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	switch file.Mode {
	case "120000":
		return os.Symlink(file.Content, path)
	case "160000":
		return os.Mkdir(path, 0o777)
	case "100755":
		return os.WriteFile(path, []byte(file.Content), 0o777)
	default:
		return os.WriteFile(path, []byte(file.Content), 0o666)
	}
}

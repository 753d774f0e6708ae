package gitdiff_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/internal/tree"
)

// oddRepo has a tree with everything that a tree can hold, and a second commit that changes each of it.
func oddRepo(t testing.TB, init ...string) *repo {
	r := newRepo(t, init...)
	for _, path := range []string{
		"a", "a.b", "a/x", "services/post/f", "services/posts/f", "with space/and \"quotes\"/new\nline", "tab\there",
		"bytes\xff\xfe/\x80", "ünï/ç", "-dash", "same/one", "same/two", "kind", "mode", "deep/1/2/3/4/5/6", "back\\slash",
	} {
		if path != "a/x" {
			r.write(path, "content of "+path)
		}
	}
	r.link("same/one", "link")
	r.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("a1", r.hashSize())+",sub")
	r.git("add", "-A", ".")
	r.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("a1", r.hashSize())+",sub")
	r.git("commit", "-q", "-m", "one")
	r.remove("a")
	r.write("a/x", "a directory now")
	r.write("a/y", "and more of it")
	r.write("with space/and \"quotes\"/new\nline", "changed")
	r.write("bytes\xff\xfe/\x80", "changed")
	r.remove("services/post")
	r.git("mv", "same/two", "same/three")
	r.link("file", "kind")
	r.link("elsewhere", "link")
	if err := os.Chmod(filepath.Join(r.dir, "mode"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.git("add", "-A", ".")
	r.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("b2", r.hashSize())+",sub")
	r.git("commit", "-q", "-m", "two")
	return r
}

func (r *repo) hashSize() int { return len(r.git("hash-object", "--stdin")) / 2 }

func rawDiff(r *repo, old, new string) []string {
	r.t.Helper()
	return rawLines(r.git("diff", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none", old, new))
}

func TestDiff(t *testing.T) {
	r := oddRepo(t)
	eachEngine(t, func(t *testing.T, engine string) {
		opened := r.open(engine)
		one, two := resolve(t, opened, "HEAD~1").Tree, resolve(t, opened, "HEAD").Tree
		equalLines(t, "forwards", diff(t, opened, one, two), rawDiff(r, "HEAD~1", "HEAD"))
		equalLines(t, "backwards", diff(t, opened, two, one), rawDiff(r, "HEAD", "HEAD~1"))
		empty := r.git("hash-object", "-t", "tree", os.DevNull)
		equalLines(t, "from nothing", diff(t, opened, "", two), rawDiff(r, empty, "HEAD"))
		equalLines(t, "to nothing", diff(t, opened, two, ""), rawDiff(r, "HEAD", empty))
		equalLines(t, "the same", diff(t, opened, two, two), nil)
		equalLines(t, "nothing", diff(t, opened, "", ""), nil)
	})
}

// Many pairs go in one batch, some of them equal; each change names its pair.
func TestDiffBatch(t *testing.T) {
	r := oddRepo(t)
	eachEngine(t, func(t *testing.T, engine string) {
		opened := r.open(engine)
		one, two := resolve(t, opened, "HEAD~1").Tree, resolve(t, opened, "HEAD").Tree
		pairs := []gitdiff.TreePair{{Old: one, New: one}, {Old: one, New: two}, {}, {Old: two, New: one}, {New: one}, {Old: two, New: two}}
		got := make([][]string, len(pairs))
		err := opened.Diff(t.Context(), pairs, func(pair int, c tree.Change) error {
			got[pair] = append(got[pair], changeLine(c))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, pair := range pairs {
			equalLines(t, fmt.Sprint("pair ", i), got[i], diff(t, opened, pair.Old, pair.New))
		}
	})
}

// What yield says ends the comparison, and the engine is as good as before.
func TestYieldEnds(t *testing.T) {
	r := oddRepo(t)
	enough := errors.New("enough")
	eachEngine(t, func(t *testing.T, engine string) {
		opened := r.open(engine)
		one, two := resolve(t, opened, "HEAD~1").Tree, resolve(t, opened, "HEAD").Tree
		reader := opened.Tree(two)
		entries, err := reader.Lookup(t.Context(), []string{"same/one", "same/three"})
		if err != nil {
			t.Fatal(err)
		}
		for name, run := range map[string]func() error{
			"Diff": func() error {
				return opened.Diff(t.Context(), []gitdiff.TreePair{{Old: one, New: two}}, func(int, tree.Change) error { return enough })
			},
			"Log": func() error {
				return opened.Log(t.Context(), resolve(t, opened, "HEAD~1").ID, resolve(t, opened, "HEAD").ID, func(tree.Change) error { return enough })
			},
			"List": func() error { return reader.List(t.Context(), func(tree.Entry) error { return enough }) },
			"Read": func() error { return reader.Read(t.Context(), entries, func(int, []byte) error { return enough }) },
		} {
			if err := run(); !errors.Is(err, enough) {
				t.Errorf("%s: %v", name, err)
			}
			equalLines(t, "after "+name, diff(t, opened, one, two), rawDiff(r, "HEAD~1", "HEAD"))
			equalLines(t, "after "+name, read(t, reader, "same/one"), []string{"content of same/one"})
		}
	})
}

func TestList(t *testing.T) {
	r := oddRepo(t)
	eachEngine(t, func(t *testing.T, engine string) {
		opened := r.open(engine)
		for _, rev := range []string{"HEAD", "HEAD~1"} {
			reader := opened.Tree(resolve(t, opened, rev).Tree)
			equalLines(t, rev, list(t, reader), listedLines(r.git("ls-tree", "-r", "-z", "--full-tree", rev)))
		}
		equalLines(t, "the empty tree", list(t, opened.Tree("")), nil)
	})
}

func TestLookupAndRead(t *testing.T) {
	r := oddRepo(t)
	eachEngine(t, func(t *testing.T, engine string) {
		opened := r.open(engine)
		head := resolve(t, opened, "HEAD")
		reader := opened.Tree(head.Tree)
		if reader.ID() != head.Tree {
			t.Errorf("ID is %s", reader.ID())
		}
		there := []string{"a", "a/x", "a.b", "services", "services/posts/f", "deep/1/2/3/4", "deep/1/2/3/4/5/6", "link", "sub", "mode",
			"with space/and \"quotes\"/new\nline", "bytes\xff\xfe", "bytes\xff\xfe/\x80", "back\\slash"}
		found, err := reader.Lookup(t.Context(), there)
		if err != nil {
			t.Fatal(err)
		}
		for i, path := range there {
			if path == "sub" {
				continue // rev-parse has no answer: it is in the listing below
			}
			if id := r.git("rev-parse", "HEAD:"+path); found[i].ID != id || found[i].Path != path {
				t.Errorf("%q: got %s, want %s", path, entryLine(found[i]), id)
			}
			if isDir := r.git("cat-file", "-t", found[i].ID) == "tree"; isDir != (found[i].Mode == tree.Dir) {
				t.Errorf("%q: got %s", path, entryLine(found[i]))
			}
		}
		for _, line := range list(t, reader) {
			var path string
			fmt.Sscanf(line[len("100644 ")+2*r.hashSize()+1:], "%q", &path)
			if found, err := reader.Lookup(t.Context(), []string{path}); err != nil || entryLine(found[0]) != line {
				t.Errorf("%s: looked up as %v %v", line, found, err)
			}
		}
		missing := []string{"", "/", "/a", "a/", "a//x", "./a", "..", "a/../a", "A", "services/post", "services/post/f", "link/x", "sub/x", "a/x/y", "nothing/at/all"}
		found, err = reader.Lookup(t.Context(), missing)
		if err != nil {
			t.Fatal(err)
		}
		for i, path := range missing {
			if found[i].Exists() || found[i].Path != path {
				t.Errorf("%q: got %s", path, entryLine(found[i]))
			}
		}
		if found, err = reader.Lookup(t.Context(), []string{"."}); err != nil || found[0] != (tree.Entry{Path: ".", Mode: tree.Dir, ID: head.Tree}) {
			t.Errorf("the root: %v %v", found, err)
		}
		equalLines(t, "contents", read(t, reader, "a/x", "link", "bytes\xff\xfe/\x80", "a/x"), []string{"a directory now", "elsewhere", "changed", "a directory now"})
		for _, path := range []string{"a", "sub", "nothing"} {
			entries, err := reader.Lookup(t.Context(), []string{path})
			if err != nil {
				t.Fatal(err)
			}
			if err := reader.Read(t.Context(), entries, func(int, []byte) error { return nil }); err == nil {
				t.Errorf("%s was read as a file", path)
			}
		}
	})
}

// Blobs larger than any buffer, and more of them than are asked for at once.
// A repository that is repacked meanwhile is read to its end.
func TestReadWhileRepacked(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine string) {
		r := oddRepo(t)
		r.git("repack", "-adq")
		opened := r.open(engine)
		resolve(t, opened, "HEAD")
		r.write("new", "1")
		r.commit("new")
		r.git("repack", "-adfq")
		r.git("prune-packed")
		want := list(t, r.open("git").Tree(r.git("rev-parse", "HEAD^{tree}")))
		r.remove(".git/index") // it would be listed from there
		head := resolve(t, opened, r.git("rev-parse", "HEAD"))
		equalLines(t, "list", list(t, opened.Tree(head.Tree)), want)
		equalLines(t, "content", read(t, opened.Tree(head.Tree), "new"), []string{"1"})
	})
}

func TestReadMany(t *testing.T) {
	r := newRepo(t)
	var paths, contents []string
	for i := range 300 {
		paths = append(paths, fmt.Sprintf("f%d", i))
		contents = append(contents, strings.Repeat(fmt.Sprint(i), 1+i*i/3))
		r.write(paths[i], contents[i])
	}
	r.write("large", strings.Repeat("x\x00\n", 1<<20))
	r.commit("many")
	r.write("large", strings.Repeat("x\x00\n", 1<<20)+"and a delta")
	r.commit("more")
	check := func(t *testing.T, engine string) {
		opened := r.open(engine)
		reader := opened.Tree(resolve(t, opened, "HEAD").Tree)
		equalLines(t, "contents", read(t, reader, paths...), contents)
		before := opened.Tree(resolve(t, opened, "HEAD~1").Tree)
		if read(t, reader, "large")[0] != read(t, before, "large")[0]+"and a delta" {
			t.Error("large differs")
		}
		equalLines(t, "list", list(t, before), listedLines(r.git("ls-tree", "-r", "-z", "HEAD~1")))
	}
	eachEngine(t, check)
	r.git("gc", "-q")
	eachEngine(t, check)
}

// TestRandomTrees compares random trees pairwise, and both engines with git diff.
func TestRandomTrees(t *testing.T) {
	const commits, pairs = 60, 240
	r := newRepo(t)
	random := rand.New(rand.NewPCG(1, 2))
	if _, err := r.tryGit(randomHistory(random, commits), "fast-import", "--quiet"); err != nil {
		t.Fatal(err)
	}
	trees := strings.Fields(r.git("log", "--format=%T", "refs/heads/main"))
	var batch []gitdiff.TreePair
	var want [][]string
	for range pairs {
		pair := gitdiff.TreePair{Old: trees[random.IntN(len(trees))], New: trees[random.IntN(len(trees))]}
		batch = append(batch, pair)
		want = append(want, rawDiff(r, pair.Old, pair.New))
	}
	eachEngine(t, func(t *testing.T, engine string) {
		opened := r.open(engine)
		got := make([][]string, pairs)
		err := opened.Diff(t.Context(), batch, func(pair int, c tree.Change) error {
			got[pair] = append(got[pair], changeLine(c))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range batch {
			equalLines(t, fmt.Sprint(batch[i]), got[i], want[i])
		}
		olds := slices.Clone(trees[1:]) // in no order, some twice
		random.Shuffle(len(olds), func(i, j int) { olds[i], olds[j] = olds[j], olds[i] })
		olds = append(olds, olds[0], trees[0])
		all, err := opened.Changes(t.Context(), olds, trees[0])
		if err != nil {
			t.Fatal(err)
		}
		for i, old := range olds {
			var lines []string
			for _, c := range all[i] {
				lines = append(lines, changeLine(c))
			}
			equalLines(t, "changes from "+old, lines, rawDiff(r, old, trees[0]))
		}
		for _, id := range trees[:10] {
			equalLines(t, id, list(t, opened.Tree(id)), listedLines(r.git("ls-tree", "-r", "-z", "--full-tree", id)))
		}
	})
}

// randomHistory is a stream for fast-import: commits in a row, each of which writes or deletes some of few paths, so that
// files, links, submodules and directories come to stand where others stood.
func randomHistory(random *rand.Rand, commits int) []byte {
	names := []string{"a", "a.b", "a-b", "a b", "b", "\"q\"", "new\nline", "\xff\xfe", "ü", "A", "0", "x\\y", "-"}
	modes := []string{"100644", "100644", "100755", "120000", "160000"}
	var stream bytes.Buffer
	for n := range commits {
		fmt.Fprintf(&stream, "commit refs/heads/main\ncommitter C <c> %d +0000\ndata 0\n", 1700000000+n)
		for range 1 + random.IntN(8) {
			path := names[random.IntN(len(names))]
			for range random.IntN(4) {
				path += "/" + names[random.IntN(len(names))]
			}
			quoted := quotePath(path)
			switch mode := modes[random.IntN(len(modes))]; {
			case random.IntN(4) == 0:
				fmt.Fprintf(&stream, "D %s\n", quoted)
			case mode == "160000":
				fmt.Fprintf(&stream, "M 160000 %040x %s\n", 1+random.IntN(1000), quoted)
			default:
				fmt.Fprintf(&stream, "M %s inline %s\ndata 1\n%d\n", mode, quoted, random.IntN(10))
			}
		}
	}
	return stream.Bytes()
}

func quotePath(path string) string {
	var quoted strings.Builder
	quoted.WriteByte('"')
	for i := range len(path) {
		fmt.Fprintf(&quoted, "\\%03o", path[i])
	}
	return quoted.String() + `"`
}

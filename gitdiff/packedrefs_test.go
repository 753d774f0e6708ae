package gitdiff

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// What is searched for in a sorted file is what reading all of it finds.
func TestPackedRefs(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{0, 1, 2, 30, 600} {
		for _, header := range []string{"# pack-refs with: peeled fully-peeled sorted \n", "# pack-refs with: peeled fully-peeled \n", ""} {
			var names []string
			for i := range n {
				names = append(names, fmt.Sprintf("refs/%s/%x%s", []string{"heads", "tags", "remotes/origin"}[random.IntN(3)], random.Uint32(), strings.Repeat("x", i%70)))
			}
			names = append(names, "refs/heads/"+strings.Repeat("long", 3000), "refs/heads/\x80\xff")
			if strings.Contains(header, " sorted ") {
				slices.Sort(names)
			}
			var text strings.Builder
			text.WriteString(header)
			all := map[string]string{}
			for i, name := range names {
				id := fmt.Sprintf("%040x", i)
				all[name] = id
				fmt.Fprintf(&text, "%s %s\n", id, name)
				if i%3 == 0 {
					fmt.Fprintf(&text, "^%040x\n", i)
				}
			}
			p := packedRefs{strings.NewReader(text.String()), int64(text.Len())}
			slices.Sort(names)
			for i, name := range names {
				if id, found := p.first(name); found != name || id != all[name] {
					t.Fatalf("%d, %q: %s is %q %s", n, header, name, found, id)
				}
				after := ""
				if i+1 < len(names) {
					after = names[i+1]
				}
				if id, found := p.first(name + "\x01"); found != after || id != all[after] {
					t.Fatalf("%d, %q: after %s comes %q %s, want %q", n, header, name, found, id, after)
				}
			}
			if _, found := p.first("refs/"); found != names[0] {
				t.Errorf("%d, %q: the first is %q", n, header, found)
			}
		}
	}
}

// FuzzPackedRefs searches in whatever there is; with a header that lies it may find nothing, but comes to an end.
func FuzzPackedRefs(f *testing.F) {
	id := strings.Repeat("a", 40)
	f.Add("# pack-refs with: peeled fully-peeled sorted \n"+id+" refs/heads/a\n^"+id+"\n", "refs/heads/a")
	f.Add(id+" refs/heads/b\n"+id+" refs/heads/a\n", "refs/heads/")
	f.Add("# pack-refs with: sorted \n"+strings.Repeat(id+" refs/heads/a\n\n", 300)+id, "refs/heads/b")
	f.Add("# pack-refs with: sorted \n"+strings.Repeat("\n", 9000), "x")
	f.Fuzz(func(t *testing.T, text, from string) {
		got, name := packedRefs{strings.NewReader(text), int64(len(text))}.first(from)
		if (got == "") != (name == "") || name != "" && (name < from || !strings.Contains(text, got+" "+name)) {
			t.Errorf("%q %q", got, name)
		}
		all := map[string]string{}
		parsePackedRefs(text, all)
		if want, ok := all[from]; ok && !strings.HasPrefix(text, sortedHeader) && (name != from || from != "" && want == "") {
			t.Errorf("%q is there, and not found but %q", from, name)
		}
	})
}

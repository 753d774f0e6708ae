package workspace

import (
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// maxLinks is how many symbolic links a path may lead through, as in Linux (path_resolution(7)).
const maxLinks = 40

// resolved is where a path leads.
type resolved struct {
	// entry is what is there. Where nothing is, its Mode is None and its Path what the path would be.
	entry tree.Entry
	// links are the symbolic links on the way.
	links []string
	// outside says that the path leads out of the repository; entry is then empty.
	outside bool
	// nowhere says that the path cannot name anything: it goes on below a file, or round in links.
	nowhere bool
}

func (r resolved) exists() bool { return !r.outside && !r.nowhere && r.entry.Exists() }

// resolve follows a path from a directory of the tree as the file system would: through symbolic links and "..", into
// a submodule no further than to it. An empty path is the directory itself.
func (l *lookups) resolve(dir, p string) resolved {
	if strings.HasPrefix(p, "/") {
		return resolved{outside: true}
	}
	w := walk{lookups: l, at: tree.Entry{Path: dir, Mode: tree.Dir}, rest: segments(p)}
	for len(w.rest) > 0 && !w.ended {
		w.step()
	}
	return w.result()
}

func segments(p string) []string {
	s := make([]string, 0, 1+strings.Count(p, "/"))
	for part := range strings.SplitSeq(p, "/") {
		if part != "" && part != "." {
			s = append(s, part)
		}
	}
	return s
}

// walk is a path on the way to what it names.
type walk struct {
	*lookups
	at    tree.Entry
	rest  []string
	below int // how many segments deep in a submodule
	links []string
	out   resolved
	ended bool
}

func (w *walk) result() resolved {
	if w.ended {
		w.out.links = w.links
		return w.out
	}
	return resolved{entry: w.at, links: w.links}
}

func (w *walk) end(r resolved) { w.out, w.ended = r, true }

// step takes the next segment.
func (w *walk) step() {
	segment := w.rest[0]
	w.rest = w.rest[1:]
	switch {
	case segment == "..":
		w.up()
	case w.at.Mode == tree.Submodule:
		w.below++
	case w.at.Mode != tree.Dir:
		w.end(resolved{nowhere: true})
	default:
		w.down(segment)
	}
}

func (w *walk) up() {
	switch {
	case w.below > 0:
		w.below--
	case w.at.Mode.IsFile():
		w.end(resolved{nowhere: true})
	case w.at.Path == root:
		w.end(resolved{outside: true})
	default:
		w.at = tree.Entry{Path: parentPath(w.at.Path), Mode: tree.Dir}
	}
}

func (w *walk) down(name string) {
	e := w.lookups.at(joinPath(w.at.Path, name))
	switch e.Mode {
	case tree.None:
		w.missing(joinPath(w.at.Path, name))
	case tree.Symlink:
		w.follow(e)
	default:
		w.at = e
	}
}

// missing takes a segment that names nothing: the walk goes on where ".." leads out of that again, since what is built
// there later is a directory, and else ends at what the rest of the path would name, by its segments alone.
func (w *walk) missing(p string) {
	above := w.at.Path
	for i, segment := range w.rest {
		switch {
		case segment == ".." && parentPath(p) == above:
			w.rest = w.rest[i+1:]
			return
		case segment != "..":
			p = joinPath(p, segment)
		default:
			p = parentPath(p)
		}
	}
	w.end(resolved{entry: tree.Entry{Path: p}})
}

func (w *walk) follow(link tree.Entry) {
	w.links = append(w.links, link.Path)
	target := w.linkTarget(link)
	switch {
	case len(w.links) > maxLinks:
		w.end(resolved{nowhere: true})
	case strings.HasPrefix(target, "/"):
		w.end(resolved{outside: true})
	default:
		w.rest = append(segments(target), w.rest...)
	}
}

package planner

// files is a set of changed paths, as much of it as a reason tells: the first in byte order, and how many.
type files struct {
	first string
	count int
	// left is the first that head still has, where addChange was told.
	left string
}

func (f *files) add(path string) { f.merge(files{first: path, count: 1}) }

// addChange adds a path, and remembers whether head has it.
func (f *files) addChange(c Change) {
	set := files{first: c.Path, count: 1}
	if !c.Gone {
		set.left = c.Path
	}
	f.merge(set)
}

// merge adds a set that has no path in common with f.
func (f *files) merge(g files) {
	if g.count == 0 {
		return
	}
	if f.count == 0 || g.first < f.first {
		f.first = g.first
	}
	if f.left == "" || g.left != "" && g.left < f.left {
		f.left = g.left
	}
	f.count += g.count
}

func (f files) reason(rule Rule, via ...string) Reason {
	return Reason{Rule: rule, File: f.first, Left: f.left, Files: f.count, Via: via}
}

package planner

// files is a set of changed paths, as much of it as a reason tells: the first in byte order, and how many.
type files struct {
	first string
	count int
}

func (f *files) add(path string) { f.merge(files{first: path, count: 1}) }

// merge adds a set that has no path in common with f.
func (f *files) merge(g files) {
	if g.count == 0 {
		return
	}
	if f.count == 0 || g.first < f.first {
		f.first = g.first
	}
	f.count += g.count
}

func (f files) reason(rule Rule, via ...string) Reason {
	return Reason{Rule: rule, File: f.first, Files: f.count, Via: via}
}

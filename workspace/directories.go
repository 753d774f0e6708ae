package workspace

// directories is a set of directories that may lie in each other, such as those of the services.
type directories struct {
	set map[string]bool
}

// innermost gives the innermost directory of the set that holds a path and is not itself at it, or "".
func (d *directories) innermost(p string) string {
	found := ""
	ancestors(p, func(dir string) bool {
		if d.set[dir] {
			found = dir
		}
		return found == ""
	})
	return found
}

// innermostOrSame gives the directory of the set that is at the path, else the innermost that holds it, or "".
func (d *directories) innermostOrSame(p string) string {
	if d.set[p] {
		return p
	}
	return d.innermost(p)
}

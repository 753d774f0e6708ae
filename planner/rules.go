package planner

// reasons lists every rule about files that holds for a service, with its files, in the order of reasons.
//
// A service in a package of a workspace is deployed by that package and by orphans, one in none by the files that it
// holds and reaches, whatever the algorithm, and by the packages that it holds.
func (e *evidence) reasons(service int) []Reason {
	var reasons []Reason
	listed, inPackage := e.workspacePackage(service)
	if inPackage {
		return sortReasons(append(listed, e.orphanReason(service)...))
	}
	add := func(rule Rule, f files) {
		if f.count > 0 {
			reasons = append(reasons, f.reason(rule))
		}
	}
	add(OwnFile, e.ownFile(service))
	add(NestedFile, e.nestedFile(service))
	add(ParentFile, e.parentFile(service))
	reasons = append(reasons, e.pathDependency(service)...)
	reasons = append(reasons, e.heldPackage(service)...)
	add(LibraryFile, e.libraryFile(service))
	reasons = append(reasons, e.orphanReason(service)...)
	return sortReasons(reasons)
}

// ownFile: the path lies in the service's directory and in no service nested in it, or it is a marker that came or
// went of a service nested in it.
func (e *evidence) ownFile(service int) files {
	f := e.own[service]
	f.merge(e.nestedMarkers[service])
	return f
}

// nestedFile: the path lies in a service nested inside this one, unless this one is isolated from those.
func (e *evidence) nestedFile(service int) files {
	if e.in.Services[service].Isolated {
		return files{}
	}
	return e.nested[service]
}

// parentFile: the path belongs to a service that contains this one.
func (e *evidence) parentFile(service int) files {
	var f files
	for outer := e.services.parent(service); outer != none; outer = e.services.parent(outer) {
		f.merge(e.own[outer])
	}
	return f
}

// pathDependency: the path lies outside the service's directory, in a target that the service reaches. There is one
// reason a chain.
func (e *evidence) pathDependency(service int) []Reason {
	if len(e.reached[service]) == 0 {
		return nil
	}
	type group struct {
		via []string
		files
	}
	byChain := make(map[string]*group)
	for _, h := range e.reached[service] {
		key := chainKey(h.via)
		if byChain[key] == nil {
			byChain[key] = &group{via: h.via}
		}
		byChain[key].merge(h.files)
	}
	reasons := make([]Reason, 0, len(byChain))
	for _, g := range byChain {
		reasons = append(reasons, g.reason(PathDependency, g.via...))
	}
	return reasons
}

// libraryFile: the service is open, and the path lies in a library and is none that pathDependency holds for.
func (e *evidence) libraryFile(service int) files {
	if !e.in.Services[service].Open || e.libraryFiles.count == 0 {
		return files{}
	}
	f := files{count: e.libraryFiles.count}
	reached := make(map[int]bool, len(e.reached[service]))
	for _, h := range e.reached[service] {
		if h.library {
			reached[h.target] = true
			f.count -= h.count
		}
	}
	for _, h := range e.libraries {
		if !reached[h.target] {
			f.first = h.first
			break
		}
	}
	return f
}

// workspacePackage: the package that the service is in is one that the algorithm lists. It reports false where the
// service is in none: the files then decide.
func (e *evidence) workspacePackage(service int) (reasons []Reason, inPackage bool) {
	s := e.in.Services[service]
	if s.algorithm() == Git {
		return nil, false
	}
	l := e.list(s.algorithm())
	p := l.innermost(s.Path)
	if p == none {
		return nil, false
	}
	if r, listed := l.reason(p); listed {
		reasons = append(reasons, r)
	}
	return reasons, true
}

// heldPackage: a package in the directory of a service, which is in none itself, is one that the algorithm lists for what it
// depends on. What changed in the package is the service's own file. Of several the first in byte order counts.
func (e *evidence) heldPackage(service int) []Reason {
	s := e.in.Services[service]
	if s.algorithm() == Git {
		return nil
	}
	l := e.list(s.algorithm())
	for _, p := range l.within(s.Path) {
		if s.Isolated && e.services.atOrAround(l.packages.List[p].Path) != service {
			continue
		}
		if r, listed := l.reason(p); listed && (len(r.Via) > 0 || !lies(r.File, s.Path)) {
			return []Reason{r}
		}
	}
	return nil
}

// orphansFor gives the orphans as the service's algorithm sees them: what is in no service and in no library, or where
// packages count in none of those and no own file of a service that is in none. seed.yml is one of them wherever it
// lies, but for a service at the root, in which all others are.
func (e *evidence) orphansFor(service int) (orphans, seed files) {
	a := e.in.Services[service].algorithm()
	if a == Git {
		return e.orphans, e.seed
	}
	l := e.list(a)
	return l.orphans, l.seed
}

func (e *evidence) orphanReason(service int) []Reason {
	if f := e.orphanFile(service); f.count > 0 {
		return []Reason{f.reason(OrphanFile)}
	}
	return nil
}

// orphanFile: the path lies in no service and in no library, or is seed.yml. With orphans: open, a closed service is deployed by
// seed.yml alone, for it provably reaches no other orphan; without path dependencies nothing is proven.
func (e *evidence) orphanFile(service int) files {
	o := e.in.Options
	orphans, seed := e.orphansFor(service)
	if !o.OrphansOpen || o.NoPathDependencies || e.in.Services[service].Open {
		return orphans
	}
	return seed
}

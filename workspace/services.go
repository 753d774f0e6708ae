package workspace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/planner"
)

// Service is a directory that is deployed as one.
type Service struct {
	Path string
	// Name is what the service alone is called, and OwnName what it calls itself: they differ where several call themselves the
	// same.
	Name, OwnName string
	// MarkerName is the name that the marker has its tool know the service by; empty where that cannot be read.
	MarkerName string
	Type       string
	// Marker is the path of the file that makes the directory a service; empty for a registered one that has none.
	Marker string
	Phase  int
	// Runtime is what the marker says the service's functions run on.
	Runtime Runtime
	// Requirements are what its templates say of them.
	Requirements Requirements
	// Missing says that the service is registered and the tree does not have it.
	Missing bool
	// Algorithm decides about the service.
	Algorithm planner.Algorithm
	// AlwaysDeploy is check_code_change: false, of the service or of all.
	AlwaysDeploy bool
	// Isolated is nested: isolate.
	Isolated bool
	// Open says that the service may use anything in the repository, and Why what makes it so; of a closed service Why
	// is what closes it.
	Open bool
	Why  Why

	dependsOn     []DependsOn
	hasDependsOn  bool
	dependsOnLine int
	devPackaged   bool
	command       Command
	line          int // in seed.yml
}

// serviceAt gives the service of a directory among those in the order of their paths, nil if it is not there or the tree
// does not have it.
func serviceAt(services []Service, dir string) *Service {
	i, found := slices.BinarySearchFunc(services, dir, func(s Service, dir string) int { return strings.Compare(s.Path, dir) })
	if !found || services[i].Missing {
		return nil
	}
	return &services[i]
}

// Why is what makes a service open or closed.
type Why struct {
	Text string
	File string // empty where it is about no file
	Line int    // 1-based, 0 for the whole file
}

// marker is a directory's marker, the best it has.
type marker struct {
	Dir  string
	File string
	Type string
	// Name is the service's name as the marker has it, or empty. Renamed says that what is deployed is, or may be, called otherwise.
	Name    string
	Renamed bool
	Runtime Runtime
}

func compareMarkers(a, b marker) int { return strings.Compare(a.Dir, b.Dir) }

// discovery is the directories with a marker, in the order of their paths, and all files that are markers.
type discovery struct {
	markers []marker
	files   pathSet
}

// discover finds the directories of a tree that hold a marker. candidates are the entries whose names are a marker's;
// custom are the files that seed.yml names as markers, and those come before all others in their directories.
func discover(candidates []tree.Entry, custom []string, l *lookups, d *documents) discovery {
	l.fetch(custom)
	named := make(map[string]bool)
	for _, p := range custom {
		named[p] = true
		candidates = append(candidates, l.at(p))
	}
	found := discovery{markers: make([]marker, 0, len(candidates)), files: make(pathSet, 0, len(candidates))}
	best := make(map[string]int, len(candidates)) // of each directory, where its best marker is
	better := func(m, old marker) bool {
		if named[m.File] != named[old.File] {
			return named[m.File]
		}
		return markerRank[baseName(m.File)] < markerRank[baseName(old.File)]
	}
	for _, f := range markerFiles(candidates, l, d) {
		m, ok := readMarker(f, named[f.entry.Path], d)
		if !ok {
			continue
		}
		found.files = append(found.files, m.File)
		if old, ok := best[m.Dir]; !ok {
			best[m.Dir] = len(found.markers)
			found.markers = append(found.markers, m)
		} else if better(m, found.markers[old]) {
			found.markers[old] = m
		}
	}
	slices.Sort(found.files)
	slices.SortFunc(found.markers, compareMarkers)
	return found
}

// isMarkerCandidate reports whether a path is a marker's by its name and place.
func isMarkerCandidate(p string) bool { return markerType(baseName(p)) != "" && !isWrittenByTool(p) }

// markerFile is a candidate that resolves to a file.
type markerFile struct {
	entry   tree.Entry
	content tree.Entry // the entry, or what it links to
}

// isRead reports whether the file has to be read for its type or its service's name.
func (f markerFile) isRead() bool {
	name := baseName(f.entry.Path)
	return isTemplateName(name) || markerType(name) == "" && isYAMLOrJSON(name)
}

// markerFiles leaves out the candidates that are no files, and reads the others in one go.
func markerFiles(candidates []tree.Entry, l *lookups, d *documents) []markerFile {
	files := make([]markerFile, 0, len(candidates))
	requests := make([]request, 0, len(candidates))
	for _, e := range candidates {
		f := markerFile{e, e}
		if e.Mode == tree.Symlink {
			f.content = l.resolve(parentPath(e.Path), baseName(e.Path)).entry
		}
		if !f.content.Mode.IsFile() {
			continue
		}
		files = append(files, f)
		if f.isRead() {
			requests = append(requests, request{f.content, templateForm(f.entry.Path)})
		}
	}
	d.fetch(requests)
	return files
}

// readMarker reports false for a template that is not SAM's. A file that seed.yml names is a marker whatever it holds.
func readMarker(f markerFile, named bool, d *documents) (marker, bool) {
	m := marker{Dir: parentPath(f.entry.Path), File: f.entry.Path, Type: markerType(baseName(f.entry.Path))}
	if !f.isRead() {
		m.Type = cmp.Or(m.Type, typeCommand)
		return m, true
	}
	doc := d.get(f.content, templateForm(f.entry.Path))
	if doc.Template != nil {
		m.Runtime = doc.Template.Runtime
	}
	if doc.Template != nil && m.Type != typeSAM {
		m.Name, m.Renamed = doc.Template.Service, doc.Template.Renamed
	}
	switch {
	case m.Type == typeSAM:
		return m, doc.SAM || named
	case m.Type == "" && doc.SAM:
		m.Type = typeSAM
	case m.Type == "":
		m.Type = typeCommand
	}
	return m, true
}

// register applies seed.yml: it gives the services that are registered by their path, and those that its globs, or the
// lack of a list, pick among the directories with a marker. at says what is at a path of the tree.
func register(c *Config, found discovery, repository string, at func(string) tree.Entry) []Service {
	var list []Service
	registered := make(map[string]bool)
	for _, e := range c.Services {
		if !e.IsGlob {
			s := newService(c, e, e.Path, found.in(e.Path))
			mode := at(e.Path).Mode
			s.Missing = mode != tree.Dir && mode != tree.Submodule
			list = append(list, s)
			registered[e.Path] = true
		}
	}
	if !c.HasRegister {
		list = slices.Grow(list, len(found.markers))
	}
	for _, m := range found.markers {
		if registered[m.Dir] {
			continue
		}
		if e, ok := c.picks(m.Dir); ok {
			list = append(list, newService(c, e, m.Dir, m))
		}
	}
	slices.SortFunc(list, func(a, b Service) int { return strings.Compare(a.Path, b.Path) })
	nameServices(list, repository)
	c.assignPhases(list)
	return list
}

// in gives the marker in a directory, an empty one where there is none.
func (d discovery) in(dir string) marker {
	i, found := slices.BinarySearchFunc(d.markers, dir, func(m marker, dir string) int { return strings.Compare(m.Dir, dir) })
	if !found {
		return marker{}
	}
	return d.markers[i]
}

func newService(c *Config, e ServiceEntry, dir string, m marker) Service {
	s := Service{
		Path: dir, Name: cmp.Or(e.Name, m.Name), Type: cmp.Or(e.Type, m.Type, typeCommand), Marker: m.File,
		Runtime: m.Runtime, Phase: e.Phase, Isolated: e.Isolated, AlwaysDeploy: !c.CheckCodeChange,
		Algorithm: cmp.Or(e.Algorithm, c.Algorithm),
		dependsOn: e.DependsOn, hasDependsOn: e.HasDependsOn, dependsOnLine: e.DependsOnLine,
		command: e.Deploy.Command, line: e.Line,
		devPackaged: slices.ContainsFunc(c.packageOf(e).Groups, python.IsDevGroup),
	}
	if !m.Renamed {
		s.MarkerName = m.Name
	}
	if e.CheckCodeChange != nil {
		s.AlwaysDeploy = !*e.CheckCodeChange
	}
	return s
}

// nameServices names those that neither seed.yml nor their marker names after their directories; those whose names
// clash all become their paths.
func nameServices(services []Service, repository string) {
	count := make(map[string]int, len(services))
	for i := range services {
		s := &services[i]
		if s.Name == "" {
			s.Name = baseName(s.Path)
			if s.Path == root {
				s.Name = repository
			}
		}
		s.OwnName = s.Name
		count[s.Name]++
	}
	for i := range services {
		if s := &services[i]; count[s.Name] > 1 {
			s.Name = s.Path
		}
	}
}

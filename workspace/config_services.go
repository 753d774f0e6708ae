package workspace

import (
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/gitignore"
)

// services reads the register: paths, globs, or mappings with more to say. What reads the keys is made once, for thousands
// of services would otherwise take longer to read than to plan.
func (p *configParser) services(n *yamlNode) {
	p.config.HasRegister = true
	if v := n.value(); v.kind == yamlList {
		p.config.Services = slices.Grow(p.config.Services, len(v.content))
		p.entries = slices.Grow(p.entries, len(v.content))
	}
	var entry ServiceEntry
	var hasPath bool
	known := p.serviceKeys(&entry)
	known["path"] = func(n *yamlNode) {
		hasPath = true
		p.servicePath(n, &entry)
	}
	p.list(n, "services", func(n *yamlNode) {
		entry, hasPath = ServiceEntry{Line: n.line}, false
		if n.kind == yamlScalar {
			p.servicePath(n, &entry)
		} else {
			p.mapping(n, "a service", known)
			if n.kind == yamlMapping && !hasPath {
				p.fail(n, "a service needs a path")
			}
		}
		if entry.Path != "" {
			p.config.Services = append(p.config.Services, entry)
			p.entries = append(p.entries, n)
		}
	})
}

func (p *configParser) servicePath(n *yamlNode, entry *ServiceEntry) {
	entry.Path, entry.IsGlob = p.pathOrGlob(n, "the path of a service")
}

// pathOrGlob gives a path of the repository, and whether it is a glob; an empty path where there is an error.
func (p *configParser) pathOrGlob(n *yamlNode, what string) (path string, isGlob bool) {
	path, ok := p.path(n, what)
	if !ok || !hasGlob(path) {
		return path, false
	}
	if _, err := gitignore.CompileGlob(path); err != nil {
		p.fail(n.value(), "%s, %q, matches nothing: %v", what, path, err)
		return "", false
	}
	return path, true
}

// serviceKeys are the keys of a registered service.
func (p *configParser) serviceKeys(entry *ServiceEntry) keys {
	return keys{
		"path": func(n *yamlNode) { p.servicePath(n, entry) },
		"name": func(n *yamlNode) { entry.Name, _ = p.string(n, "name") },
		"phase": func(n *yamlNode) {
			entry.Phase = p.number(n, "phase")
			p.phased = append(p.phased, n.value())
		},
		"depends_on": func(n *yamlNode) { p.dependsOn(n.value(), entry) },
		"nested": func(n *yamlNode) {
			s, _ := p.oneOf(n, "nested", "isolate")
			entry.Isolated = s == "isolate"
		},
		"check_code_change": func(n *yamlNode) {
			if check, algorithm, ok := p.checkCodeChange(n); ok {
				entry.CheckCodeChange, entry.Algorithm = &check, algorithm
			}
		},
		"type": func(n *yamlNode) {
			entry.Type, _ = p.oneOf(n, "type", typeServerless, typeSST, typeCDK, typeSAM, typeCommand)
		},
		"marker": func(n *yamlNode) { p.marker(n, entry) },
		"package": func(n *yamlNode) {
			entry.Package = &Packaging{}
			p.packaging(n, entry.Package)
		},
		"deploy": func(n *yamlNode) { p.deploying(n, &entry.Deploy) },
	}
}

func (p *configParser) dependsOn(n *yamlNode, entry *ServiceEntry) {
	entry.HasDependsOn = true
	entry.DependsOnLine = n.line
	p.list(n, "depends_on", func(n *yamlNode) {
		if path, isGlob := p.pathOrGlob(n, "a path of depends_on"); path != "" {
			entry.DependsOn = append(entry.DependsOn, DependsOn{Path: path, IsGlob: isGlob, Line: n.line})
		}
	})
}

func (p *configParser) marker(n *yamlNode, entry *ServiceEntry) {
	s, ok := p.string(n, "marker")
	switch {
	case !ok:
	case strings.Contains(s, "/"), s == ".", s == "..":
		p.fail(n.value(), "marker must be the name of a file in the service's directory, not %q", s)
	default:
		entry.Marker, entry.MarkerLine = s, n.line
	}
}

// checkServices finds what no single entry shows.
func (p *configParser) checkServices() {
	first := make(map[string]int)
	for i, e := range p.config.Services {
		if line, ok := first[e.Path]; ok {
			p.fail(p.entries[i], "the service %q is there already, in line %d", e.Path, line)
		} else {
			first[e.Path] = e.Line
		}
		if e.IsGlob && (e.Name != "" || e.Marker != "") {
			p.fail(p.entries[i], "%q may pick several services, which cannot share a name or a marker", e.Path)
		}
	}
	if p.config.Phases == nil {
		return
	}
	for _, n := range p.phased {
		p.fail(n, "phase: and phases: cannot both be used")
	}
}

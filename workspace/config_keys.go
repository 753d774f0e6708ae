package workspace

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/monoplan/monoplan/internal/gitignore"
)

// topKeys are the keys of seed.yml. Those that packaging and deploying read are checked here, so that a mistake shows
// wherever the file is read.
func (p *configParser) topKeys() keys {
	c := p.config
	k := keys{
		"check_code_change": func(n ast.Node) {
			if check, ok := p.checkCodeChange(n); ok {
				c.CheckCodeChange = check
			}
		},
		"services": p.services,
		"phases":   p.phases,
		"ignore": func(n ast.Node) {
			p.list(n, "ignore", func(n ast.Node) {
				p.ignorePattern(n)
			})
		},
		"orphans": func(n ast.Node) {
			s, _ := p.oneOf(n, "orphans", "all", "open")
			c.OrphansOpen = s == "open"
		},
		"path_dependencies": func(n ast.Node) {
			if b, ok := p.bool(n, "path_dependencies"); ok {
				c.PathDependencies = b
			}
		},
		"dev_edges":              func(n ast.Node) { c.DevEdges, _ = p.bool(n, "dev_edges") },
		"ledger":                 func(n ast.Node) { p.mapping(n, "ledger", p.ledgerKeys()) },
		"package":                func(n ast.Node) { p.mapping(n, "package", p.packageKeys()) },
		"skip_identical":         func(n ast.Node) { p.bool(n, "skip_identical") },
		"stage_name_constructor": p.command("stage_name_constructor"),
	}
	for _, hook := range hooks {
		k[hook] = p.command(hook)
	}
	return k
}

// hooks are the keys of Seed's build steps.
var hooks = []string{
	"before_compile", "compile", "before_build", "before_deploy", "after_deploy", "before_remove", "after_remove",
}

func (p *configParser) ignorePattern(n ast.Node) {
	s, ok := p.text(n, "a pattern of ignore")
	if !ok {
		return
	}
	line, _ := position(n)
	pattern := gitignore.Line{Text: s, Number: line}
	if _, err := gitignore.Parse([]gitignore.Line{pattern}); err != nil {
		p.fail(n, "%v", err)
	}
	p.ignore = append(p.ignore, pattern)
}

// checkCodeChange reads which algorithm decides, or that none does.
func (p *configParser) checkCodeChange(n ast.Node) (check, ok bool) {
	if b, ok := n.(*ast.BoolNode); ok {
		return b.Value, true
	}
	switch s, _ := scalarText(n); s {
	case "git":
		return true, true
	case "lerna", "pnpm":
		p.fail(n, "check_code_change: %s is not in this version; it plans by git", s)
	default:
		p.fail(n, "check_code_change must be true, git, lerna, pnpm or false, not %s", describe(n))
	}
	return false, false
}

func (p *configParser) services(n ast.Node) {
	p.config.HasRegister = true
	p.list(n, "services", func(n ast.Node) {
		line, _ := position(n)
		entry, before := ServiceEntry{Line: line}, len(p.errors)
		if _, ok := scalarText(n); ok {
			p.servicePath(n, &entry)
		} else {
			p.mapping(n, "a service", p.serviceKeys(&entry))
			if entry.Path == "" && len(p.errors) == before {
				p.fail(n, "a service needs a path")
			}
		}
		if entry.Path != "" {
			p.config.Services = append(p.config.Services, entry)
		}
	})
}

func (p *configParser) servicePath(n ast.Node, entry *ServiceEntry) {
	entry.Path, entry.IsGlob = p.pathOrGlob(n, "the path of a service")
}

// pathOrGlob gives a path of the repository, and whether it is a glob.
func (p *configParser) pathOrGlob(n ast.Node, what string) (path string, isGlob bool) {
	path, ok := p.path(n, what)
	if !ok || !hasGlob(path) {
		return path, false
	}
	if _, err := gitignore.CompileGlob(path); err != nil {
		p.fail(n, "%s, %q, matches nothing: %v", what, path, err)
	}
	return path, true
}

func (p *configParser) serviceKeys(entry *ServiceEntry) keys {
	return keys{
		"path":       func(n ast.Node) { p.servicePath(n, entry) },
		"name":       func(n ast.Node) { entry.Name, _ = p.text(n, "name") },
		"phase":      func(n ast.Node) { entry.Phase = p.number(n, "phase") },
		"depends_on": func(n ast.Node) { p.dependsOn(n, entry) },
		"nested": func(n ast.Node) {
			s, _ := p.oneOf(n, "nested", "isolate")
			entry.Isolated = s == "isolate"
		},
		"check_code_change": func(n ast.Node) {
			if check, ok := p.checkCodeChange(n); ok {
				entry.CheckCodeChange = &check
			}
		},
		"type": func(n ast.Node) {
			entry.Type, _ = p.oneOf(n, "type", typeServerless, typeSST, typeCDK, typeSAM, typeCommand)
		},
		"marker": func(n ast.Node) {
			s, ok := p.text(n, "marker")
			if ok && strings.Contains(s, "/") {
				p.fail(n, "marker must be the name of a file in the service's directory, not %q", s)
			}
			entry.Marker = s
		},
		"package": func(n ast.Node) { p.mapping(n, "package", p.packageKeys()) },
		"deploy": func(n ast.Node) {
			p.mapping(n, "deploy", keys{"command": p.command("command")})
		},
	}
}

func (p *configParser) dependsOn(n ast.Node, entry *ServiceEntry) {
	entry.HasDependsOn = true
	entry.DependsOnLine, _ = position(n)
	p.list(n, "depends_on", func(n ast.Node) {
		if path, isGlob := p.pathOrGlob(n, "a path of depends_on"); path != "" {
			line, _ := position(n)
			entry.DependsOn = append(entry.DependsOn, DependsOn{Path: path, IsGlob: isGlob, Line: line})
		}
	})
}

func (p *configParser) phases(n ast.Node) {
	p.config.Phases = make(map[string]Phase)
	number := 0
	p.list(n, "phases", func(n ast.Node) {
		p.list(n, "a phase", func(n ast.Node) {
			name, ok := p.text(n, "the name of a service")
			if !ok {
				return
			}
			line, _ := position(n)
			if first, ok := p.config.Phases[name]; ok {
				p.fail(n, "%q has a phase already, in line %d", name, first.Line)
				return
			}
			p.config.Phases[name] = Phase{Number: number, Line: line}
		})
		number++
	})
}

// checkServices finds what no single entry shows.
func (p *configParser) checkServices() {
	seen := make(map[string]int)
	for _, e := range p.config.Services {
		at := func(format string, args ...any) {
			p.errors = append(p.errors, &ConfigError{p.file, e.Line, 1, fmt.Sprintf(format, args...)})
		}
		if first, ok := seen[e.Path]; ok {
			at("the service %q is there already, in line %d", e.Path, first)
		}
		seen[e.Path] = e.Line
		if e.IsGlob && (e.Name != "" || e.Marker != "") {
			at("%q may pick several services, which cannot share a name or a marker", e.Path)
		}
		if p.config.Phases != nil && e.Phase != 0 {
			at("phase: and phases: cannot both be used")
		}
	}
}

// command reads what is run: a string for a shell, or a list of arguments or of commands.
func (p *configParser) command(what string) func(ast.Node) {
	return func(n ast.Node) {
		if _, ok := n.(*ast.SequenceNode); !ok {
			p.text(n, what)
			return
		}
		p.list(n, what, func(n ast.Node) { p.text(n, "an element of "+what) })
	}
}

func (p *configParser) ledgerKeys() keys {
	k := keys{"backend": func(n ast.Node) { p.oneOf(n, "backend", "git", "file", "s3") }}
	for _, name := range []string{"remote", "ref", "path", "url"} {
		k[name] = func(n ast.Node) { p.text(n, name) }
	}
	return k
}

// packageKeys are the target, what goes into an artifact, and how it is built.
func (p *configParser) packageKeys() keys {
	k := keys{
		"builder":      func(n ast.Node) { p.oneOf(n, "builder", "docker", "local", "none") },
		"architecture": func(n ast.Node) { p.oneOf(n, "architecture", "x86_64", "arm64") },
		"format":       func(n ast.Node) { p.oneOf(n, "format", "bundle", "layer", "shared-layer") },
		"install":      func(n ast.Node) { p.oneOf(n, "install", "wheels", "poetry") },
	}
	for _, name := range []string{"python", "glibc", "image", "base_image"} {
		k[name] = func(n ast.Node) { p.text(n, name) }
	}
	for _, name := range []string{"slim", "exclude_runtime", "relock"} {
		k[name] = func(n ast.Node) { p.bool(n, name) }
	}
	for _, name := range []string{"include", "exclude", "groups", "extras"} {
		k[name] = func(n ast.Node) {
			p.list(n, name, func(n ast.Node) { p.text(n, "an element of "+name) })
		}
	}
	return k
}

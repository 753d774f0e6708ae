package workspace

import (
	"maps"

	"github.com/monoplan/monoplan/internal/gitignore"
)

// topKeys are the keys of seed.yml. All are read whatever the file is read for, so that a mistake shows.
func (p *configParser) topKeys() keys {
	c := p.config
	k := keys{
		"check_code_change": func(n *yamlNode) {
			if check, ok := p.checkCodeChange(n); ok {
				c.CheckCodeChange = check
			}
		},
		"services": p.services,
		"phases":   p.phases,
		"ignore":   func(n *yamlNode) { p.list(n, "ignore", p.ignorePattern) },
		"orphans": func(n *yamlNode) {
			s, _ := p.oneOf(n, "orphans", "all", "open")
			c.OrphansOpen = s == "open"
		},
		"path_dependencies": func(n *yamlNode) {
			if b, ok := p.bool(n, "path_dependencies"); ok {
				c.PathDependencies = b
			}
		},
		"dev_edges":              func(n *yamlNode) { c.DevEdges, _ = p.bool(n, "dev_edges") },
		"ledger":                 p.ledger,
		"package":                func(n *yamlNode) { p.packaging(n, &c.Package) },
		"store":                  p.store,
		"skip_identical":         p.skipIdentical,
		"stage_name_constructor": func(n *yamlNode) { c.StageNameConstructor, _ = p.string(n, "stage_name_constructor") },
	}
	maps.Copy(k, p.hookKeys())
	return k
}

// checkCodeChange reads which algorithm decides, or that none does.
func (p *configParser) checkCodeChange(n *yamlNode) (check, ok bool) {
	n = n.value()
	switch {
	case n.isBool():
		return p.bool(n, "check_code_change")
	case n.isString() && (n.text == "git" || n.text == "true"):
		return true, true
	case n.isString() && (n.text == "lerna" || n.text == "pnpm"):
		p.fail(n, "check_code_change: %s is not in this version, which plans by git", n.text)
	default:
		p.fail(n, "check_code_change must be true, git or false, not %s", n.describe())
	}
	return false, false
}

func (p *configParser) ignorePattern(n *yamlNode) {
	s, ok := p.string(n, "a pattern of ignore")
	if !ok {
		return
	}
	pattern := gitignore.Line{Text: s, Number: n.line}
	if _, err := gitignore.Parse([]gitignore.Line{pattern}); err != nil {
		p.fail(n, "%v", err)
		return
	}
	p.ignore = append(p.ignore, pattern)
}

func (p *configParser) phases(n *yamlNode) {
	p.config.Phases = make(map[string]Phase)
	number := 0
	p.list(n, "phases", func(n *yamlNode) {
		p.list(n, "a phase", func(n *yamlNode) { p.inPhase(n, number) })
		number++
	})
}

func (p *configParser) inPhase(n *yamlNode, number int) {
	name, ok := p.string(n, "the name of a service")
	if !ok {
		return
	}
	if first, ok := p.config.Phases[name]; ok {
		p.fail(n, "%q has a phase already, in line %d", name, first.Line)
		return
	}
	p.config.Phases[name] = Phase{Number: number, Line: n.line, Column: n.column}
}

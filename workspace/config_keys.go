package workspace

import (
	"cmp"
	"maps"
	"slices"

	"github.com/monoplan/monoplan/internal/gitignore"
	"github.com/monoplan/monoplan/planner"
)

// topKeys are the keys of seed.yml. All are read whatever the file is read for, so that a mistake shows.
func (p *configParser) topKeys() keys {
	c := p.config
	k := keys{
		"check_code_change": func(n *yamlNode) {
			if check, algorithm, ok := p.checkCodeChange(n); ok {
				c.CheckCodeChange = check
				c.Algorithm = cmp.Or(algorithm, planner.Git)
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
func (p *configParser) checkCodeChange(n *yamlNode) (check bool, algorithm planner.Algorithm, ok bool) {
	n = n.value()
	switch {
	case n.isBool():
		check, ok = p.bool(n, "check_code_change")
		if check {
			algorithm = planner.Git
		}
		return check, algorithm, ok
	case n.isString() && n.text == "true":
		return true, planner.Git, true
	case n.isString() && slices.Contains(Algorithms(), n.text):
		return true, planner.Algorithm(n.text), true
	}
	p.fail(n, "check_code_change must be true, git, lerna, pnpm or false, not %s", n.describe())
	return false, "", false
}

// Algorithms are the words of check_code_change that name an algorithm, the default first.
func Algorithms() []string {
	return []string{string(planner.Git), string(planner.Lerna), string(planner.Pnpm)}
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
	p.config.ignore = append(p.config.ignore, pattern)
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

package workspace

import "strings"

// skipIdentical reads whether deploys that change nothing are skipped: true, false, or a mapping that names the variables
// that a deploy depends on besides.
func (p *configParser) skipIdentical(n *yamlNode) {
	if n.value().kind != yamlMapping {
		p.config.SkipIdentical, _ = p.bool(n, "skip_identical")
		return
	}
	p.config.SkipIdentical = true
	p.mapping(n, "skip_identical", keys{"environment": func(n *yamlNode) {
		p.list(n, "environment", func(n *yamlNode) {
			name, ok := p.string(n, "the name of a variable")
			if ok && strings.ContainsAny(name, "=\x00") {
				p.fail(n, "%q cannot be the name of a variable", name)
			}
			p.config.IdenticalEnvironment = append(p.config.IdenticalEnvironment, name)
		})
	}})
}

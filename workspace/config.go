package workspace

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/monoplan/monoplan/internal/gitignore"
)

// ConfigError is something wrong in seed.yml.
type ConfigError struct {
	File    string
	Line    int // 1-based
	Column  int // 1-based
	Message string
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// ParseConfig reads the text of a seed.yml; file is how messages name it. A text with nothing in it, or comments alone,
// is the default. The error joins all that is wrong, a *ConfigError each, in the order of their lines; where the text
// is no YAML it is that alone.
func ParseConfig(file string, data []byte) (*Config, error) {
	c := DefaultConfig()
	c.File, c.Source = file, string(data)
	p := &configParser{config: c}
	documents, err := readYAML(data)
	var syntax *yamlError
	switch {
	case errors.As(err, &syntax):
		p.errors = append(p.errors, &ConfigError{file, syntax.line, syntax.column, syntax.message})
	case len(documents) > 1:
		p.fail(documents[1], "there is a second document; seed.yml is one")
	case len(documents) == 1 && !documents[0].isNull():
		p.mapping(documents[0], "seed.yml", p.topKeys())
		p.checkServices()
	}
	if err := p.joined(); err != nil {
		return nil, err
	}
	c.Ignore, err = gitignore.Parse(c.ignore)
	return c, err
}

// configParser collects what a seed.yml says, and what is wrong with it.
type configParser struct {
	config *Config
	// entries has the node of each of the config's services, and phased the nodes that give one a phase.
	entries []*yamlNode
	phased  []*yamlNode
	errors  []*ConfigError
}

func (p *configParser) fail(n *yamlNode, format string, args ...any) {
	p.errors = append(p.errors, &ConfigError{p.config.File, n.line, n.column, fmt.Sprintf(format, args...)})
}

// joined gives all errors in the order of their places.
func (p *configParser) joined() error {
	slices.SortStableFunc(p.errors, func(a, b *ConfigError) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	var all []error
	for _, e := range p.errors {
		all = append(all, e)
	}
	return errors.Join(all...)
}

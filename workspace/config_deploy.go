package workspace

import (
	"maps"
	"slices"

	"github.com/monoplan/monoplan/internal/nearest"
)

// Hooks are the commands of Seed's build steps, each a text for the shell, in the order in which they run.
type Hooks struct {
	BeforeCompile, Compile, BeforeBuild, BeforeDeploy, AfterDeploy, BeforeRemove, AfterRemove []string
}

// all gives each step's commands.
func (h *Hooks) all() []*[]string {
	return []*[]string{
		&h.BeforeCompile, &h.Compile, &h.BeforeBuild, &h.BeforeDeploy, &h.AfterDeploy, &h.BeforeRemove, &h.AfterRemove,
	}
}

// ofDeploys gives the commands that run when a service is deployed.
func (h Hooks) ofDeploys() []string {
	return slices.Concat(h.BeforeCompile, h.Compile, h.BeforeBuild, h.BeforeDeploy, h.AfterDeploy)
}

// Command is a command as seed.yml has it: a text for the shell, or a program with its arguments. Of the two one is set,
// and neither where there is no command.
type Command struct {
	Shell string
	Args  []string
}

// Deploying is what deploy: of a service says: what deploys and what removes it, where its type's tool does not.
type Deploying struct {
	Command, Remove Command
}

// DeployOf gives how the service of a directory is deployed; zero commands are for the tool of its type.
func (c *Config) DeployOf(dir string) Deploying { return c.entry(dir).Deploy }

// CheckPhases finds the names in phases: that no service has. The error joins a *ConfigError for each, in the order of
// their places. To plan without deploying they are warnings only.
func (c *Config) CheckPhases(services []Service) error {
	var names []string
	for _, s := range services {
		names = append(names, s.Name)
	}
	p := &configParser{config: c}
	for _, name := range slices.Sorted(maps.Keys(c.Phases)) {
		if slices.Contains(names, name) {
			continue
		}
		near := ""
		if n := nearest.Name(name, names); n != "" {
			near = "; did you mean " + n + "?"
		}
		at := c.Phases[name]
		p.fail(&yamlNode{line: at.Line, column: at.Column}, "no service is called %q%s", name, near)
	}
	return p.joined()
}

// hookKeys are the keys of Seed's build steps.
func (p *configParser) hookKeys() keys {
	h := &p.config.Hooks
	k := keys{}
	for key, to := range map[string]*[]string{
		"before_compile": &h.BeforeCompile, "compile": &h.Compile, "before_build": &h.BeforeBuild,
		"before_deploy": &h.BeforeDeploy, "after_deploy": &h.AfterDeploy,
		"before_remove": &h.BeforeRemove, "after_remove": &h.AfterRemove,
	} {
		k[key] = func(n *yamlNode) { *to = p.hook(n, key) }
	}
	return k
}

// hook reads one command or a list of them.
func (p *configParser) hook(n *yamlNode, what string) []string {
	if n.value().kind == yamlList {
		return p.strings(n, what)
	}
	if s, ok := p.string(n, what); ok {
		return []string{s}
	}
	return nil
}

func (p *configParser) deploying(n *yamlNode, to *Deploying) {
	p.mapping(n, "deploy", p.deployKeys(to))
}

func (p *configParser) deployKeys(to *Deploying) keys {
	return keys{
		"command": func(n *yamlNode) { to.Command = p.command(n, "command") },
		"remove":  func(n *yamlNode) { to.Remove = p.command(n, "remove") },
	}
}

// command reads what is run: a string for a shell, or a list of arguments, whose first is the program.
func (p *configParser) command(n *yamlNode, what string) Command {
	if n.value().kind != yamlList {
		s, _ := p.string(n, what)
		return Command{Shell: s}
	}
	args := p.arguments(n, what)
	if len(args) == 0 || args[0] == "" {
		p.fail(n.value(), "%s names no program", what)
	}
	return Command{Args: args}
}

// arguments gives a list of strings that may be empty.
func (p *configParser) arguments(n *yamlNode, what string) []string {
	var list []string
	p.list(n, what, func(n *yamlNode) {
		if n.isString() && n.text == "" {
			list = append(list, "")
		} else if s, ok := p.string(n, "an element of "+what); ok {
			list = append(list, s)
		}
	})
	return list
}

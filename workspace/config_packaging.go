package workspace

import (
	"maps"
	"regexp"

	"github.com/monoplan/monoplan/internal/gitignore"
)

// Packaging is what a package: of seed.yml says. What it does not say is empty, or nil.
type Packaging struct {
	// Off is package: false: the service is left to the tool that deploys it.
	Off bool
	// Builder is docker, local or none; Format bundle, layer or shared-layer; Install wheels or poetry.
	Builder, Format, Install string
	// Python and Glibc are versions of the target; Architecture is x86_64 or arm64.
	Python, Architecture, Glibc string
	// Image and BaseImage are of the Docker builder.
	Image, BaseImage string
	// Include and Exclude are in gitignore's syntax.
	Include, Exclude []string
	Groups, Extras   []string
	// Slim is nil where nothing is said of it.
	Slim *Slim
	// ExcludeRuntime, Bytecode, Requirements and Relock are the keys of these names.
	ExcludeRuntime, Bytecode, Requirements, Relock *bool
	// Lines has the line of each key, 1-based.
	Lines map[string]int
}

// Slim is slim: of a package:.
type Slim struct {
	On       bool
	Patterns []string
}

// PackageOf gives how the service of a directory is packaged: each key as the service's own package: has it, or else
// that of all. own says that the service has one of its own.
func (c *Config) PackageOf(dir string) (all Packaging, own bool) {
	e := c.entry(dir)
	return c.packageOf(e), e.Package != nil
}

// packageOf is PackageOf for an entry of the register.
func (c *Config) packageOf(e ServiceEntry) Packaging {
	if e.Package == nil {
		return c.Package
	}
	return c.Package.with(*e.Package)
}

// with gives p with what o says instead.
func (p Packaging) with(o Packaging) Packaging {
	lines := make(map[string]int)
	maps.Copy(lines, p.Lines)
	maps.Copy(lines, o.Lines)
	p.Lines = lines
	p.Off = o.Off
	texts, lists, flags := p.texts(), p.lists(), p.flags()
	for i, from := range o.texts() {
		if *from != "" {
			*texts[i] = *from
		}
	}
	for i, from := range o.lists() {
		if *from != nil {
			*lists[i] = *from
		}
	}
	for i, from := range o.flags() {
		if *from != nil {
			*flags[i] = *from
		}
	}
	if o.Slim != nil {
		p.Slim = o.Slim
	}
	return p
}

// texts, lists and flags give the keys of which an empty one says nothing.
func (p *Packaging) texts() []*string {
	return []*string{&p.Builder, &p.Format, &p.Install, &p.Python, &p.Architecture, &p.Glibc, &p.Image, &p.BaseImage}
}

func (p *Packaging) lists() []*[]string {
	return []*[]string{&p.Include, &p.Exclude, &p.Groups, &p.Extras}
}

func (p *Packaging) flags() []**bool {
	return []**bool{&p.ExcludeRuntime, &p.Bytecode, &p.Requirements, &p.Relock}
}

// packaging reads a package:, which is false or a mapping.
func (p *configParser) packaging(n *yamlNode, to *Packaging) {
	if n.value().isBool() {
		if on, _ := p.bool(n, "package"); on {
			p.fail(n.value(), "package must be false or a mapping of keys, not true")
		}
		to.Off = true
		return
	}
	to.Lines = make(map[string]int)
	known := p.packageKeys(to)
	for key, read := range known {
		known[key] = func(n *yamlNode) {
			to.Lines[key] = n.line
			read(n)
		}
	}
	p.mapping(n, "package", known)
}

// packageKeys are the target, what goes into an artifact, and how it is built.
func (p *configParser) packageKeys(to *Packaging) keys {
	return keys{
		"builder":         func(n *yamlNode) { to.Builder, _ = p.oneOf(n, "builder", "docker", "local", "none") },
		"architecture":    func(n *yamlNode) { to.Architecture, _ = p.oneOf(n, "architecture", "x86_64", "arm64") },
		"format":          func(n *yamlNode) { to.Format, _ = p.oneOf(n, "format", "bundle", "layer", "shared-layer") },
		"install":         func(n *yamlNode) { to.Install, _ = p.oneOf(n, "install", "wheels", "poetry") },
		"python":          func(n *yamlNode) { to.Python = p.version(n, "python", `^3\.[0-9]+$`, "3.12") },
		"glibc":           func(n *yamlNode) { to.Glibc = p.version(n, "glibc", `^2\.[0-9]+$`, "2.34") },
		"slim":            func(n *yamlNode) { to.Slim = p.slim(n) },
		"image":           func(n *yamlNode) { to.Image, _ = p.string(n, "image") },
		"base_image":      func(n *yamlNode) { to.BaseImage, _ = p.string(n, "base_image") },
		"exclude_runtime": func(n *yamlNode) { to.ExcludeRuntime = p.flag(n, "exclude_runtime") },
		"bytecode":        func(n *yamlNode) { to.Bytecode = p.flag(n, "bytecode") },
		"requirements":    func(n *yamlNode) { to.Requirements = p.flag(n, "requirements") },
		"relock":          func(n *yamlNode) { to.Relock = p.flag(n, "relock") },
		"include":         func(n *yamlNode) { to.Include = p.patterns(n, "include") },
		"exclude":         func(n *yamlNode) { to.Exclude = p.patterns(n, "exclude") },
		"groups":          func(n *yamlNode) { to.Groups = p.strings(n, "groups") },
		"extras":          func(n *yamlNode) { to.Extras = p.strings(n, "extras") },
	}
}

func (p *configParser) flag(n *yamlNode, what string) *bool {
	b, ok := p.bool(n, what)
	if !ok {
		return nil
	}
	return &b
}

// version takes versions as strings alone: 3.10 without quotes is the number 3.1.
func (p *configParser) version(n *yamlNode, what, form, example string) string {
	s, ok := p.string(n, what)
	if ok && !regexp.MustCompile(form).MatchString(s) {
		p.fail(n.value(), "%s must be a version such as %q, not %q", what, example, s)
	}
	return s
}

// patterns gives a list of gitignore's patterns, each of which can match something.
func (p *configParser) patterns(n *yamlNode, what string) []string {
	patterns := []string{}
	p.list(n, what, func(n *yamlNode) {
		s, ok := p.string(n, "a pattern of "+what)
		if !ok {
			return
		}
		if _, err := gitignore.Parse([]gitignore.Line{{Text: s, Number: n.line}}); err != nil {
			p.fail(n, "%v", err)
			return
		}
		patterns = append(patterns, s)
	})
	return patterns
}

// slim is true, false, or the patterns of what to strip besides.
func (p *configParser) slim(n *yamlNode) *Slim {
	switch v := n.value(); {
	case v.isBool():
		on, _ := p.bool(v, "slim")
		return &Slim{On: on}
	case v.kind == yamlList:
		return &Slim{On: true, Patterns: p.patterns(v, "slim")}
	default:
		p.fail(v, "slim must be true, false or a list of patterns, not %s", v.describe())
		return nil
	}
}

// store reads where wheels are shared.
func (p *configParser) store(n *yamlNode) {
	p.config.Store, _ = p.bucketURL(n, "store")
}

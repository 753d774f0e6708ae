package workspace

import (
	"maps"
	"slices"

	"github.com/monoplan/monoplan/internal/gitignore"
	"github.com/monoplan/monoplan/planner"
)

// A seed.yml as it was read, but for its name and text. Every field of it is here: one that is left out would come back
// empty, which TestConfigKeepsEveryField finds.

func encodeConfig(e *encoder, c *Config) {
	for _, flag := range []bool{c.CheckCodeChange, c.HasRegister, c.OrphansOpen, c.PathDependencies, c.DevEdges, c.SkipIdentical} {
		e.bool(flag)
	}
	e.string(string(c.Algorithm))
	encodeList(e, c.Services, encodeServiceEntry)
	encodeList(e, slices.Sorted(maps.Keys(c.Phases)), func(e *encoder, name string) {
		e.string(name)
		p := c.Phases[name]
		e.int(p.Number)
		e.int(p.Line)
		e.int(p.Column)
	})
	encodeList(e, c.ignore, func(e *encoder, l gitignore.Line) {
		e.string(l.Text)
		e.int(l.Number)
	})
	encodePackaging(e, c.Package)
	for _, commands := range c.Hooks.all() {
		encodeStrings(e, *commands)
	}
	e.string(c.StageNameConstructor)
	encodeStrings(e, c.IdenticalEnvironment)
	for _, text := range []string{c.Ledger.Backend, c.Ledger.Remote, c.Ledger.Ref, c.Ledger.Path, c.Ledger.URL, c.Store} {
		e.string(text)
	}
}

func decodeConfig(d *decoder) *Config {
	c := &Config{}
	for _, flag := range []*bool{&c.CheckCodeChange, &c.HasRegister, &c.OrphansOpen, &c.PathDependencies, &c.DevEdges, &c.SkipIdentical} {
		*flag = d.bool()
	}
	c.Algorithm = planner.Algorithm(d.string())
	c.Services = decodeList(d, decodeServiceEntry)
	for range d.count() {
		if c.Phases == nil {
			c.Phases = make(map[string]Phase)
		}
		name := d.string()
		c.Phases[name] = Phase{Number: d.int(), Line: d.int(), Column: d.int()}
	}
	c.ignore = decodeList(d, func(d *decoder) gitignore.Line { return gitignore.Line{Text: d.string(), Number: d.int()} })
	c.Package = decodePackaging(d)
	for _, commands := range c.Hooks.all() {
		*commands = decodeStrings(d)
	}
	c.StageNameConstructor = d.string()
	c.IdenticalEnvironment = decodeStrings(d)
	for _, text := range []*string{&c.Ledger.Backend, &c.Ledger.Remote, &c.Ledger.Ref, &c.Ledger.Path, &c.Ledger.URL, &c.Store} {
		*text = d.string()
	}
	var err error
	if c.Ignore, err = gitignore.Parse(c.ignore); err != nil {
		d.err = errCorrupt
	}
	return c
}

func encodeServiceEntry(e *encoder, s ServiceEntry) {
	for _, text := range []string{s.Path, s.Name, string(s.Algorithm), s.Type, s.Marker} {
		e.string(text)
	}
	for _, n := range []int{s.Phase, s.DependsOnLine, s.MarkerLine, s.Line} {
		e.int(n)
	}
	for _, flag := range []bool{s.IsGlob, s.HasDependsOn, s.Isolated} {
		e.bool(flag)
	}
	encodeList(e, s.DependsOn, func(e *encoder, d DependsOn) {
		e.string(d.Path)
		e.bool(d.IsGlob)
		e.int(d.Line)
	})
	encodePointer(e, s.CheckCodeChange, (*encoder).bool)
	encodePointer(e, s.Package, encodePackaging)
	encodeCommand(e, s.Deploy.Command)
	encodeCommand(e, s.Deploy.Remove)
}

func decodeServiceEntry(d *decoder) ServiceEntry {
	return ServiceEntry{
		Path: d.string(), Name: d.string(), Algorithm: planner.Algorithm(d.string()), Type: d.string(), Marker: d.string(),
		Phase: d.int(), DependsOnLine: d.int(), MarkerLine: d.int(), Line: d.int(),
		IsGlob: d.bool(), HasDependsOn: d.bool(), Isolated: d.bool(),
		DependsOn: decodeList(d, func(d *decoder) DependsOn {
			return DependsOn{Path: d.string(), IsGlob: d.bool(), Line: d.int()}
		}),
		CheckCodeChange: decodePointer(d, (*decoder).bool),
		Package:         decodePointer(d, decodePackaging),
		Deploy:          Deploying{Command: decodeCommand(d), Remove: decodeCommand(d)},
	}
}

func encodeCommand(e *encoder, c Command) {
	e.string(c.Shell)
	encodeStrings(e, c.Args)
}

func decodeCommand(d *decoder) Command { return Command{Shell: d.string(), Args: decodeStrings(d)} }

func encodePackaging(e *encoder, p Packaging) {
	e.bool(p.Off)
	for _, text := range p.texts() {
		e.string(*text)
	}
	for _, list := range p.lists() {
		encodeStrings(e, *list)
	}
	for _, flag := range p.flags() {
		encodePointer(e, *flag, (*encoder).bool)
	}
	encodePointer(e, p.Slim, func(e *encoder, s Slim) {
		e.bool(s.On)
		encodeStrings(e, s.Patterns)
	})
	e.bool(p.Lines != nil)
	encodeList(e, slices.Sorted(maps.Keys(p.Lines)), func(e *encoder, key string) {
		e.string(key)
		e.int(p.Lines[key])
	})
}

func decodePackaging(d *decoder) Packaging {
	p := Packaging{Off: d.bool()}
	for _, text := range p.texts() {
		*text = d.string()
	}
	for _, list := range p.lists() {
		*list = decodeStrings(d)
	}
	for _, flag := range p.flags() {
		*flag = decodePointer(d, (*decoder).bool)
	}
	p.Slim = decodePointer(d, func(d *decoder) Slim { return Slim{On: d.bool(), Patterns: decodeStrings(d)} })
	if d.bool() {
		p.Lines = make(map[string]int)
	}
	for range d.count() {
		if key := d.string(); d.err == nil && p.Lines != nil {
			p.Lines[key] = d.int()
		}
	}
	return p
}

// encodeStrings writes a list of which it matters whether it is nil.
func encodeStrings(e *encoder, list []string) {
	e.bool(list != nil)
	encodeList(e, list, (*encoder).string)
}

func decodeStrings(d *decoder) []string {
	isList, list := d.bool(), decodeList(d, (*decoder).string)
	if isList && list == nil {
		return []string{}
	}
	return list
}

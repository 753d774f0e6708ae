package workspace

import (
	"path"
	"strings"
)

// Requirements are those that the Python plugin of the Serverless Framework installs for a service, where its templates tell it of
// others than requirements.txt ("README" of serverless-python-requirements).
type Requirements struct {
	// Name is the file's, against the service's directory; empty for requirements.txt.
	Name string
	// Unknown says that a variable stands for the name, or that several are named.
	Unknown bool
	// File and Line are what says so.
	File string
	Line int
	// Modules are the requirements that functions have of their own.
	Modules []ModuleRequirements
}

// ModuleRequirements are those in a function's module, which the plugin installs for that function alone.
type ModuleRequirements struct {
	// Path is the file's in the tree; File and Line are what names the module.
	Path, File string
	Line       int
}

// defaultRequirements is what the plugin installs where it is told of nothing else.
const defaultRequirements = "requirements.txt"

// namedRequirements are what one file tells the plugin of requirements.
type namedRequirements struct {
	Line int // 0 for a file that says nothing
	Name string
	// Elsewhere says that the settings are, or may be, in another file.
	Elsewhere bool
}

// custom reads the plugin's settings in custom: of a serverless.yml, and marks the name in them, which is that whatever its extension is.
func (r *namedRequirements) custom(custom *yamlNode) {
	r.settings(custom)
	custom.pairs(func(key string, settings *yamlNode) {
		if key != "pythonRequirements" {
			return
		}
		*r = namedRequirements{}
		r.settings(settings)
		settings.pairs(func(key string, value *yamlNode) {
			if key == requirementsKey {
				value.isRequirements = true
				*r = namedRequirements{Line: value.line, Name: strings.TrimSpace(value.text)}
			}
		})
	})
}

// settings takes a variable in the place of settings.
func (r *namedRequirements) settings(n *yamlNode) {
	if n.kind == yamlScalar && strings.Contains(n.text, "${") {
		*r = namedRequirements{Line: n.line, Elsewhere: true}
	}
}

// findRequirements finds what the templates of a service tell the Python plugin of requirements, all of them having been read.
func (b *builder) findRequirements(s Service) Requirements {
	found := b.requirementsName(s)
	if found.Unknown {
		return found
	}
	if path.Clean(found.Name) == defaultRequirements {
		found = Requirements{}
	}
	for _, in := range b.packaged {
		for _, m := range in.Modules {
			file := joinPath(m.Path, defaultRequirements)
			if found.Name != "" {
				file = joinPath(m.Path, found.Name)
			}
			if to := b.lookups.resolve(s.Path, file); to.entry.Mode.IsFile() {
				found.Modules = append(found.Modules, ModuleRequirements{to.entry.Path, in.file, m.Line})
			}
		}
	}
	return found
}

// requirementsName finds the name: as the marker has it, or where that leads elsewhere the one that another template has for a file that
// is there.
func (b *builder) requirementsName(s Service) Requirements {
	var own namedRequirements
	for _, t := range b.packaged {
		if t.file == s.Marker {
			own = t.Requirements
		}
	}
	if !own.Elsewhere {
		return Requirements{Name: own.Name, Unknown: strings.Contains(own.Name, "${"), File: s.Marker, Line: own.Line}
	}
	var found Requirements
	for _, t := range b.packaged {
		for _, c := range t.Scalars {
			if c.Form != formOfRequirements || t.file == s.Marker || !b.lookups.resolve(s.Path, c.Path).entry.Mode.IsFile() {
				continue
			}
			if found.Name != "" && found.Name != c.Path {
				return Requirements{Unknown: true, File: s.Marker, Line: own.Line}
			}
			found = Requirements{Name: c.Path, File: t.file, Line: c.Line}
		}
	}
	return found
}

package buildsystem

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// Borrowed is a package that a Poetry project takes from outside its directory. An editable install of it works, and no
// poetry-core makes a wheel of it: its files have to be brought into the project first.
type Borrowed struct {
	// From is where the manifest says that it is, as it stands there, and Include what it includes there, without wildcards.
	From, Include string
}

// outside has what a manifest may take from outside the project's directory: Poetry's packages and included files, the
// readme and the licence, and what Hatch is made to include. All but what is included is what the build itself needs.
type outside struct {
	Project struct {
		Readme       any `toml:"readme"`
		License      any `toml:"license"`
		LicenseFiles any `toml:"license-files"`
	} `toml:"project"`
	Tool struct {
		Setuptools struct {
			LicenseFiles any `toml:"license-files"`
			Dynamic      any `toml:"dynamic"`
		} `toml:"setuptools"`
		PDM struct {
			Version any `toml:"version"`
			Build   any `toml:"build"`
		} `toml:"pdm"`
		Poetry struct {
			Build    any   `toml:"build"`
			Readme   any   `toml:"readme"`
			Packages []any `toml:"packages"`
			Include  []any `toml:"include"`
		} `toml:"poetry"`
		Hatch struct {
			Version  any `toml:"version"`
			Metadata any `toml:"metadata"`
			Build    struct {
				Hooks any `toml:"hooks"`
				forced
				Targets struct {
					Wheel struct {
						Hooks any `toml:"hooks"`
						forced
					} `toml:"wheel"`
				} `toml:"targets"`
			} `toml:"build"`
		} `toml:"hatch"`
	} `toml:"tool"`
}

type forced struct {
	ForceInclude map[string]any `toml:"force-include"`
}

// paths lists files and directories outside the project's directory, relative to it with slashes, in order. Of a pattern it
// gives the directory that it begins with.
func (o *outside) paths() []string {
	var all []string
	add := func(name string) {
		if name = path.Clean(beforePattern(name)); name == ".." || strings.HasPrefix(name, "../") {
			all = append(all, name)
		}
	}
	for _, name := range o.needed() {
		add(name)
	}
	for _, p := range o.Tool.Poetry.Include {
		switch p := p.(type) {
		case string:
			add(p)
		case map[string]any:
			add(text(p["path"]))
		}
	}
	for _, f := range []forced{o.Tool.Hatch.Build.forced, o.Tool.Hatch.Build.Targets.Wheel.forced} {
		for name := range f.ForceInclude {
			add(name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// needed lists the files that the build itself reads because the manifest says so, wherever they are: readmes, licences, files of
// versions and other fields, and programs of the build's own.
func (o *outside) needed() []string {
	var all []string
	for _, v := range []any{o.Project.Readme, o.Project.License, o.Project.LicenseFiles, o.Tool.Poetry.Readme, o.Tool.Setuptools.LicenseFiles} {
		all = append(all, fileNames(v)...)
	}
	for _, v := range table(o.Tool.Setuptools.Dynamic) {
		all = append(all, fileNames(table(v)["file"])...)
		all = append(all, modules(text(table(v)["attr"]))...)
	}
	all = append(all, text(table(o.Tool.Hatch.Version)["path"]), text(table(o.Tool.PDM.Version)["path"]))
	all = append(all, hooks(o.Tool.Hatch.Build.Hooks)...)
	all = append(all, hooks(o.Tool.Hatch.Build.Targets.Wheel.Hooks)...)
	all = append(all, hooks(table(o.Tool.Hatch.Metadata)["hooks"])...)
	pdm := table(o.Tool.PDM.Build)
	all = append(all, text(pdm["custom-hook"]), text(pdm["setup-script"]))
	all = append(all, text(o.Tool.Poetry.Build), text(table(o.Tool.Poetry.Build)["script"]))
	return slices.DeleteFunc(all, func(name string) bool { return name == "" || path.IsAbs(name) })
}

// versionFiles lists the files of the version. Without them setuptools makes one up: 0.0.0.
func (o *outside) versionFiles() []string {
	var all []string
	for _, name := range append(fileNames(table(table(o.Tool.Setuptools.Dynamic)["version"])["file"]), text(table(o.Tool.Hatch.Version)["path"])) {
		if name != "" && !path.IsAbs(name) {
			all = append(all, name)
		}
	}
	return all
}

// fileNames gives the names in a value of one of the forms that manifests have for files: a name, a list, a table with one.
func fileNames(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, text(one))
		}
		return all
	case map[string]any:
		return slices.Concat(fileNames(v["file"]), fileNames(v["paths"]), fileNames(v["globs"]))
	}
	return nil
}

// hooks gives the programs of Hatch's hooks.
func hooks(v any) []string {
	var all []string
	for _, hook := range table(v) {
		all = append(all, text(table(hook)["path"]))
	}
	return all
}

// modules gives the files in which an attribute "package.module.name" may be.
func modules(attribute string) []string {
	i := strings.LastIndexByte(attribute, '.')
	if i < 0 {
		return nil
	}
	module := strings.ReplaceAll(attribute[:i], ".", "/")
	return []string{module + ".py", module + "/__init__.py", "src/" + module + ".py", "src/" + module + "/__init__.py"}
}

// table gives a table, and of anything else an empty one.
func table(v any) map[string]any {
	t, _ := v.(map[string]any)
	return t
}

// named lists what of needed is in the project's own directory, relative to it, in order. There may be wildcards in it.
func (o *outside) named() []string {
	var all []string
	for _, name := range o.needed() {
		if name = path.Clean(name); name != ".." && !strings.HasPrefix(name, "../") {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// fileDirective is what setup.cfg has for a value that is in files, and attrDirective for one that is in a module.
var (
	fileDirective = regexp.MustCompile(`(?m)^[^#;\n]*=\s*file:\s*(.*)$`)
	attrDirective = regexp.MustCompile(`(?m)^[^#;\n]*=\s*attr:\s*(\S+)`)
)

// NamedInSetup lists the files that a setup.cfg has its build read, as System.Named does for a pyproject.toml.
func NamedInSetup(setupcfg []byte) []string {
	var all []string
	for _, found := range fileDirective.FindAllSubmatch(setupcfg, -1) {
		for name := range strings.SplitSeq(string(found[1]), ",") {
			if name = strings.TrimSpace(name); name != "" {
				all = append(all, path.Clean(name))
			}
		}
	}
	for _, found := range attrDirective.FindAllSubmatch(setupcfg, -1) {
		all = append(all, modules(string(found[1]))...)
	}
	return all
}

// borrowed lists the packages from outside, in the manifest's order.
func (o *outside) borrowed() []Borrowed {
	var all []Borrowed
	for _, p := range o.Tool.Poetry.Packages {
		from := text(table(p)["from"])
		if clean := path.Clean(from); clean == ".." || strings.HasPrefix(clean, "../") {
			all = append(all, Borrowed{From: from, Include: path.Clean(beforePattern(text(table(p)["include"])))})
		}
	}
	return all
}

// text gives a string, and of anything else an empty one: what has another type is for the backend to complain about.
func text(v any) string {
	s, _ := v.(string)
	return s
}

// beforePattern gives what of a path comes before its first segment with a wildcard.
func beforePattern(name string) string {
	segments := strings.Split(name, "/")
	if i := slices.IndexFunc(segments, func(s string) bool { return strings.ContainsAny(s, "*?[") }); i >= 0 {
		segments = append(segments[:i], ".")
	}
	return strings.Join(segments, "/")
}

package buildsystem

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python/toml"
)

// Borrowed is a package that a Poetry project takes from outside its directory. An editable install of it works, and no
// poetry-core makes a wheel of it: its files have to be brought into the project first.
type Borrowed struct {
	// From is where the manifest says that it is, as it stands there, and Include what it includes there, without wildcards.
	From, Include string
}

// Path is a file, a directory or a pattern that a manifest names, relative to its own directory with slashes.
type Path struct {
	Text string // as it is written
	Line int    // 1-based
}

// Outside lists what a pyproject.toml has the build take from outside the project's directory, in the order of the list here. Packages
// that Poetry takes from there are not in it (Borrowed).
func Outside(manifest *toml.Value) []Path {
	all := slices.Concat(needed(manifest), taken(manifest))
	return slices.DeleteFunc(all, func(p Path) bool { return !p.leadsOut() })
}

// taken lists what the manifest puts into the wheel by its path.
func taken(manifest *toml.Value) []Path {
	poetry, hatch := manifest.Get("tool", "poetry"), manifest.Get("tool", "hatch", "build")
	pdm, setuptools := manifest.Get("tool", "pdm", "build"), manifest.Get("tool", "setuptools")
	wheel := hatch.Get("targets", "wheel")
	all := orPaths(poetry.Get("include"))
	for _, table := range []*toml.Value{
		hatch.Get("force-include"), wheel.Get("force-include"),
		wheel.Get("shared-data"), wheel.Get("shared-scripts"), wheel.Get("extra-metadata"),
		manifest.Get("tool", "polylith", "bricks"), // by Polylith's hooks for Hatch and PDM
	} {
		for _, source := range table.Entries() {
			all = append(all, Path{source.Name, source.Line})
		}
	}
	for _, v := range []*toml.Value{
		wheel.Get("sbom-files"), pdm.Get("package-dir"), pdm.Get("includes"), setuptools.Get("packages", "find", "where"),
	} {
		all = append(all, texts(v)...)
	}
	for _, data := range pdm.Get("wheel-data").Entries() {
		all = append(all, orPaths(data.Value)...)
	}
	for _, table := range []*toml.Value{setuptools.Get("package-dir"), setuptools.Get("data-files")} {
		for _, entry := range table.Entries() {
			all = append(all, texts(entry.Value)...)
		}
	}
	return slices.DeleteFunc(all, isElsewhere)
}

// orPaths gives the texts of a list, and the paths of those tables in it that have one instead.
func orPaths(list *toml.Value) []Path {
	var all []Path
	for _, v := range list.Elements() {
		all = append(append(all, texts(v)...), texts(v.Get("path"))...)
	}
	return all
}

// leadsOut reports whether a path is outside the directory that it is relative to. Of a pattern it is the directory that counts.
func (p Path) leadsOut() bool {
	name := path.Clean(beforePattern(p.Text))
	return name == ".." || strings.HasPrefix(name, "../")
}

// needed lists the files that the build itself reads because the manifest says so, wherever they are: readmes, licences, files of
// versions and other fields, and programs of the build's own.
func needed(manifest *toml.Value) []Path {
	project, tool := manifest.Get("project"), manifest.Get("tool")
	var all []Path
	for _, v := range []*toml.Value{
		project.Get("readme"), project.Get("license"), project.Get("license-files"),
		tool.Get("poetry", "readme"), tool.Get("setuptools", "license-files"),
	} {
		all = append(all, fileNames(v)...)
	}
	for _, field := range tool.Get("setuptools", "dynamic").Entries() {
		all = append(all, fileNames(field.Value.Get("file"))...)
		all = append(all, modules(field.Value.Get("attr"))...)
	}
	hatch := tool.Get("hatch")
	for _, hooks := range []*toml.Value{
		hatch.Get("build", "hooks"), hatch.Get("build", "targets", "wheel", "hooks"), hatch.Get("metadata", "hooks"),
	} {
		for _, hook := range hooks.Entries() {
			all = append(all, texts(hook.Value.Get("path"))...)
		}
	}
	for _, v := range []*toml.Value{
		hatch.Get("version", "path"), tool.Get("pdm", "version", "path"),
		tool.Get("pdm", "build", "custom-hook"), tool.Get("pdm", "build", "setup-script"),
		tool.Get("poetry", "build"), tool.Get("poetry", "build", "script"), manifest.Get("build-system", "backend-path"),
	} {
		all = append(all, texts(v)...)
	}
	return slices.DeleteFunc(all, isElsewhere)
}

// isElsewhere reports whether a text is no path of the project's, nor of anything beside it.
func isElsewhere(p Path) bool { return p.Text == "" || path.IsAbs(p.Text) }

// versionFiles lists the files of the version. Without them setuptools makes one up: 0.0.0.
func versionFiles(manifest *toml.Value) []string {
	files := slices.Concat(
		fileNames(manifest.Get("tool", "setuptools", "dynamic", "version", "file")), texts(manifest.Get("tool", "hatch", "version", "path")))
	var all []string
	for _, p := range slices.DeleteFunc(files, isElsewhere) {
		all = append(all, p.Text)
	}
	return all
}

// texts gives the strings of a value that is one or a list of them. What has another type is for the backend to complain about.
func texts(v *toml.Value) []Path {
	var all []Path
	for _, one := range v.Each() {
		if text, ok := one.Text(); ok {
			all = append(all, Path{text, one.Line})
		}
	}
	return all
}

// fileNames gives the names in a value of one of the forms that manifests have for files: a name, a list, a table with one.
func fileNames(v *toml.Value) []Path {
	if v.IsTable() {
		return slices.Concat(fileNames(v.Get("file")), fileNames(v.Get("paths")), fileNames(v.Get("globs")))
	}
	return texts(v)
}

// modules gives the files in which an attribute "package.module.name" may be.
func modules(attribute *toml.Value) []Path {
	name, _ := attribute.Text()
	var all []Path
	for _, file := range moduleFiles(name) {
		all = append(all, Path{file, attribute.Line})
	}
	return all
}

func moduleFiles(attribute string) []string {
	i := strings.LastIndexByte(attribute, '.')
	if i < 0 {
		return nil
	}
	module := strings.ReplaceAll(attribute[:i], ".", "/")
	return []string{module + ".py", module + "/__init__.py", "src/" + module + ".py", "src/" + module + "/__init__.py"}
}

// outside gives the places of Outside as they are staged: of a pattern the directory that it begins with.
func outside(manifest *toml.Value) []string {
	var all []string
	for _, p := range Outside(manifest) {
		all = append(all, path.Clean(beforePattern(p.Text)))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// named lists what of needed is in the project's own directory, relative to it, in order. There may be wildcards in it.
func named(manifest *toml.Value) []string {
	var all []string
	for _, p := range needed(manifest) {
		if name := path.Clean(p.Text); name != ".." && !strings.HasPrefix(name, "../") {
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
		all = append(all, moduleFiles(string(found[1]))...)
	}
	return all
}

// borrowed lists the packages from outside, in the manifest's order.
func borrowed(manifest *toml.Value) []Borrowed {
	var all []Borrowed
	for _, p := range manifest.Get("tool", "poetry", "packages").Elements() {
		from, _ := p.Get("from").Text()
		include, _ := p.Get("include").Text()
		if clean := path.Clean(from); clean == ".." || strings.HasPrefix(clean, "../") {
			all = append(all, Borrowed{From: from, Include: path.Clean(beforePattern(include))})
		}
	}
	return all
}

// beforePattern gives what of a path comes before its first segment with a wildcard.
func beforePattern(name string) string {
	segments := strings.Split(name, "/")
	if i := slices.IndexFunc(segments, func(s string) bool { return strings.ContainsAny(s, "*?[") }); i >= 0 {
		segments = append(segments[:i], ".")
	}
	return strings.Join(segments, "/")
}

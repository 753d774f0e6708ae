package buildsystem

import (
	"path"
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
// readme and the licence, and what Hatch is made to include.
type outside struct {
	Project struct {
		Readme  any `toml:"readme"`
		License any `toml:"license"`
	} `toml:"project"`
	Tool struct {
		Poetry struct {
			Readme   any   `toml:"readme"`
			Packages []any `toml:"packages"`
			Include  []any `toml:"include"`
		} `toml:"poetry"`
		Hatch struct {
			Build struct {
				forced
				Targets struct {
					Wheel forced `toml:"wheel"`
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
	for _, readme := range []any{o.Project.Readme, o.Project.License, o.Tool.Poetry.Readme} {
		switch r := readme.(type) {
		case string:
			add(r)
		case map[string]any:
			add(text(r["file"]))
		case []any:
			for _, one := range r {
				add(text(one))
			}
		}
	}
	for _, p := range o.Tool.Poetry.Include {
		switch p := p.(type) {
		case string:
			add(p)
		case map[string]any:
			add(text(p["path"]))
		}
	}
	for _, f := range []forced{o.Tool.Hatch.Build.forced, o.Tool.Hatch.Build.Targets.Wheel} {
		for name := range f.ForceInclude {
			add(name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// borrowed lists the packages from outside, in the manifest's order.
func (o *outside) borrowed() []Borrowed {
	var all []Borrowed
	for _, p := range o.Tool.Poetry.Packages {
		table, _ := p.(map[string]any)
		from := text(table["from"])
		if clean := path.Clean(from); clean == ".." || strings.HasPrefix(clean, "../") {
			all = append(all, Borrowed{From: from, Include: path.Clean(beforePattern(text(table["include"])))})
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

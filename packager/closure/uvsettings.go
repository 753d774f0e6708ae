package closure

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/marker"
	"github.com/monoplan/monoplan/internal/python/pep440"
	"github.com/monoplan/monoplan/internal/python/project"
	"github.com/monoplan/monoplan/internal/python/toml"
)

// checkUVSettings compares what a uv.lock says that uv was told with what the manifest at the workspace's root says now. Like
// `uv lock --check` it lets pass what is said of packages that the lock does not have.
func (r *resolver) checkUVSettings() error {
	file := path.Join(path.Dir(r.closure.Lock), "pyproject.toml")
	root, err := r.readProject(file)
	if err != nil || root == nil {
		return err
	}
	members, err := r.uvMembers(file, root)
	if err != nil {
		return err
	}
	c := uvSettings{uvStale{resolver: r}, file, root, root.Document.Get("tool", "uv"), members}
	for _, check := range []func() error{c.python, c.lists, c.options, c.excludes, c.static, c.environments, c.conflicts} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

type uvSettings struct {
	uvStale
	file    string
	root    *project.Project
	table   *toml.Value // [tool.uv] of the root
	members []*project.Project
}

func (c *uvSettings) stale(setting string, at *toml.Value) error {
	e := &StaleError{Lock: c.closure.Lock, Manifest: c.file, Setting: setting, Tool: "uv"}
	if at != nil {
		e.Line = at.Line
	}
	return e
}

// uvMembers reads the manifests of a workspace's projects. One that is not where the lock has it is not what was locked.
func (r *resolver) uvMembers(file string, root *project.Project) ([]*project.Project, error) {
	names := r.lock.Settings.Members
	if len(names) == 0 {
		return []*project.Project{root}, nil
	}
	var all []*project.Project
	for _, name := range names {
		i := slices.IndexFunc(r.lock.Packages, func(p lockfile.Package) bool { return p.Name == name && p.Source.Kind == lockfile.Directory })
		if i < 0 {
			continue
		}
		at := path.Join(path.Dir(r.closure.Lock), r.lock.Packages[i].Source.Path, "pyproject.toml")
		if at == file {
			all = append(all, root)
			continue
		}
		member, err := r.readProject(at)
		if err != nil {
			return nil, err
		}
		if member == nil || member.Name != name {
			return nil, &StaleError{Lock: r.closure.Lock, Manifest: at, Setting: "members", Tool: "uv"}
		}
		all = append(all, member)
	}
	return all, nil
}

// python compares the Pythons that the lock is for with those that all members are for.
func (c *uvSettings) python() error {
	locked, err := pep440.ParseSet(c.lock.RequiresPython)
	if err != nil || c.lock.RequiresPython == "" {
		return nil
	}
	var now pep440.Set
	var narrowest *toml.Value
	for _, member := range c.members {
		if member.Document.Get("tool", "uv", "dependency-groups") != nil {
			return nil // which may narrow it
		}
		v := member.Document.Get("project", "requires-python")
		text, ok := v.Text()
		set, err := pep440.ParseSet(text)
		if err != nil {
			return nil
		}
		if ok {
			now, narrowest = append(now, set...), v
		}
	}
	if len(now) == 0 {
		return nil // uv then takes the Python at hand
	}
	for minor := range 25 {
		for patch := range 30 {
			v, err := pep440.Parse(fmt.Sprintf("3.%d.%d", minor, patch))
			if err != nil {
				return err
			}
			if now.Contains(v) == locked.Contains(v) {
				continue
			}
			if len(c.members) > 1 {
				narrowest = nil
			}
			return c.stale("requires-python", narrowest)
		}
	}
	return nil
}

// lists compares constraints and overrides, as far as the target goes.
func (c *uvSettings) lists() error {
	for _, setting := range []string{"override-dependencies", "constraint-dependencies", "build-constraint-dependencies"} {
		listed, ok := c.root.UVList(setting)
		if !ok {
			continue
		}
		before, err := c.inLock(c.lock.Settings.Lists[setting], c.env)
		if err != nil {
			return err
		}
		now := c.inManifest(listed, c.env)
		missing := func(all []asked, a asked) bool {
			return !slices.ContainsFunc(all, func(b asked) bool { return a.key == b.key })
		}
		for _, a := range now {
			if missing(before, a) && (c.isLocked(a.name) || strings.HasPrefix(setting, "build-")) {
				return c.stale(setting, &toml.Value{Line: a.line})
			}
		}
		for _, b := range before {
			if missing(now, b) {
				return c.stale(setting, c.table.Get(setting))
			}
		}
	}
	return nil
}

func (c *uvSettings) isLocked(name string) bool { return len(c.byName[name]) > 0 }

// options compares what decides which of several versions is taken. Where the manifest is silent the lock stands: uv takes these from
// variables, flags and files of the user's as well.
func (c *uvSettings) options() error {
	if _, found, err := c.read(path.Join(path.Dir(c.file), "uv.toml")); found || err != nil {
		return err // it has them then, and [tool.uv] does not count
	}
	for _, option := range [...]struct{ name, usual string }{
		{"resolution", "highest"}, {"prerelease", "if-necessary"}, {"fork-strategy", "requires-python"},
	} {
		v := c.table.Get(option.name)
		now, ok := v.Text()
		if ok && mode(now) != mode(cmp.Or(c.lock.Settings.Options[option.name], option.usual)) {
			return c.stale(option.name, v)
		}
	}
	if v := c.table.Get("exclude-newer"); v != nil && c.isOtherTime(v.String()) {
		return c.stale("exclude-newer", v)
	}
	return nil
}

// mode writes a mode in one way: newer versions of uv have one name for two of them.
func mode(text string) string { return strings.TrimSuffix(text, "-or-explicit") }

// isOtherTime reports whether the lock may have files that are newer than the manifest lets pass. A time that has moved on is none that
// uv minds.
func (c *uvSettings) isOtherTime(text string) bool {
	at, parsed := cutoff(text)
	locked, set := c.lock.Settings.Options["exclude-newer"]
	if _, span := c.lock.Settings.Options["exclude-newer-span"]; !set && !span {
		return text != ""
	} else if span {
		return false
	}
	before, ok := cutoff(locked)
	return parsed && ok && at.Before(before)
}

// cutoff reads a time, or a day: of that the end is meant, in whichever zone.
func cutoff(text string) (time.Time, bool) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, true
	}
	day, err := time.Parse(time.DateOnly, text)
	return day.Add(2 * 24 * time.Hour), err == nil
}

func (c *uvSettings) excludes() error {
	v := c.table.Get("exclude-dependencies")
	now, ok := c.root.UVList("exclude-dependencies")
	if !ok {
		return nil
	}
	for _, req := range now {
		if c.isLocked(req.Name) && !slices.Contains(c.lock.Settings.Excludes, req.Name) {
			return c.stale("exclude-dependencies", v)
		}
	}
	for _, name := range c.lock.Settings.Excludes {
		if !slices.ContainsFunc(now, func(req project.Requirement) bool { return req.Name == name }) {
			return c.stale("exclude-dependencies", v)
		}
	}
	return nil
}

// static compares what stands in place of packages' own metadata.
func (c *uvSettings) static() error {
	v := c.table.Get("dependency-metadata")
	now, before := lockfile.UVStaticMetadata(v), c.lock.Settings.Static
	for _, a := range now {
		if c.isLocked(a.Name) && !slices.ContainsFunc(before, a.Equal) {
			return c.stale("dependency-metadata", v)
		}
	}
	for _, b := range before {
		if !slices.ContainsFunc(now, b.Equal) {
			return c.stale("dependency-metadata", v)
		}
	}
	return nil
}

// environments compares which machines the lock is for, as far as the target goes.
func (c *uvSettings) environments() error {
	v := c.table.Get("environments")
	wanted := len(v.Each()) == 0
	for _, item := range v.Each() {
		text, _ := item.Text()
		m, err := marker.Parse(text)
		if err != nil {
			return nil // for uv to complain about
		}
		wanted = wanted || m.Evaluate(c.env)
	}
	locked := len(c.lock.Settings.Environments) == 0
	for _, text := range c.lock.Settings.Environments {
		holds, err := c.holds(text, 1, nil)
		if err != nil {
			return err
		}
		locked = locked || holds
	}
	switch {
	case wanted != locked:
		return c.stale("environments", v)
	case !locked:
		return c.lockError(1, fmt.Sprintf("the lock is not for the target: it is for %s", strings.Join(c.lock.Settings.Environments, " or ")))
	}
	if now := c.table.Get("required-environments"); (len(now.Each()) > 0) != c.lock.Settings.Required {
		return c.stale("required-environments", now)
	}
	return nil
}

// conflicts compares what excludes one another. uv adds some to those of the manifests: groups that include such groups.
func (c *uvSettings) conflicts() error {
	var now [][]string
	for _, member := range c.members {
		now = append(now, lockfile.UVConflicts(member.Document.Get("tool", "uv", "conflicts"), member.Name)...)
	}
	before := c.lock.Settings.Conflicts
	for _, set := range now {
		if !slices.ContainsFunc(before, func(other []string) bool { return slices.Equal(set, other) }) {
			return c.stale("conflicts", c.table.Get("conflicts"))
		}
	}
	if len(before) > 0 && len(now) == 0 {
		return c.stale("conflicts", nil)
	}
	return nil
}

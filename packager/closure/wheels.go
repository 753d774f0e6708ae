package closure

import (
	"slices"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/pep440"
	"github.com/monoplan/monoplan/internal/python/project"
)

// CheckPython compares the target's Python with the one that a file of a package is for, as the wheel's METADATA or its index has it
// (Requires-Python). What is no range, pip lets pass. The error is a *PythonError.
func (c *Closure) CheckPython(p *Package, requires string) error {
	set, err := pep440.ParseSet(requires)
	if err != nil || len(set) == 0 || c.resolver.allowsPackagePython(project.Constraint{set}) {
		return nil
	}
	return c.resolver.otherPython(p.LockFile, p.Line, p.Name, requires)
}

// allowsPackagePython is allowsPython for a package. uv holds that nobody knows which Pythons to come a package is not for, and installs
// it where it says "<3.12".
func (r *resolver) allowsPackagePython(c project.Constraint) bool {
	if r.closure.Format != lockfile.UV {
		return r.allowsPython(c)
	}
	var from project.Constraint
	for _, set := range c {
		from = append(from, slices.DeleteFunc(slices.Clone(set), func(clause pep440.Specifier) bool {
			operator, _ := clause.Parts()
			return operator == "<" || operator == "<=" || operator == "!="
		}))
	}
	return r.allowsPython(from)
}

// Open gives what wheels need on the target that a requirements file does not have, though it should be closed; other locks are by
// themselves. requires has the lines of Requires-Dist of each package, by its name, and provided reports what is there without the file.
func (c *Closure) Open(requires map[string][]string, provided func(name string) bool) []Mismatch {
	if c.Format != lockfile.Requirements {
		return nil
	}
	extras := map[string][]string{}
	for _, p := range c.Packages {
		extras[p.Name] = slices.Clone(p.Extras)
	}
	var open []Mismatch
	for again := true; again; {
		open, again = nil, false
		for _, p := range c.Packages {
			for _, req := range c.resolver.needs(requires[p.Name], extras[p.Name]) {
				if c.Find(req.Name) == nil {
					if !provided(req.Name) && !c.resolver.isOutside(req.Name) {
						open = append(open, Mismatch{Manifest: p.LockFile, Line: p.Line, By: p.Name, Package: req.Name, Wants: req.Text})
					}
					continue
				}
				for _, extra := range req.Extras {
					if !slices.Contains(extras[req.Name], extra) {
						extras[req.Name] = append(extras[req.Name], extra)
						again = true
					}
				}
			}
		}
	}
	return open
}

// needs gives those lines of Requires-Dist that hold on the target. What is none is nothing that pip would ask for.
func (r *resolver) needs(lines, extras []string) []project.Requirement {
	env := r.env
	env.Extras = extras
	var all []project.Requirement
	for _, text := range lines {
		if req, err := project.ParseRequirement(text); err == nil && req.Holds(env) {
			all = append(all, req)
		}
	}
	return all
}

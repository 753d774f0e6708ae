package imports

import (
	"fmt"
	"slices"
	"strings"
)

// module is the module's path, with which the rules' own names begin.
const module = "github.com/monoplan/monoplan"

// pkg is a package as go list describes it.
type pkg struct {
	ImportPath                         string
	Standard                           bool
	Imports, TestImports, XTestImports []string
}

// graph has every package of the module and everything that these reach, by import path.
type graph map[string]pkg

// check lists what breaks a rule: the shortest path of imports that does, from each package that starts one. A package
// that merely imports an offender is not listed: the repair is the offender's.
func (g graph) check(rules []rule) []string {
	var broken []string
	for _, r := range rules {
		chains := map[string][]string{}
		for _, path := range g.paths() {
			if g.own(path) && g.matches(path, r.who) && !g.matches(path, r.except) {
				chains[path] = g.offence(path, r)
			}
		}
		for _, path := range g.paths() {
			if chain := chains[path]; chain != nil && !slices.ContainsFunc(chain[1:], func(p string) bool { return chains[p] != nil }) {
				broken = append(broken, fmt.Sprintf("%s\n\t%s", r.why, strings.Join(chain, "\n\t imports ")))
			}
		}
	}
	return broken
}

// offence gives the shortest path of imports by which the package breaks the rule, or nil.
func (g graph) offence(start string, r rule) []string {
	if r.only != nil {
		for _, to := range g[start].Imports {
			if !g.matches(to, r.only) {
				return []string{start, to}
			}
		}
	}
	from := map[string]string{start: ""}
	for queue := []string{start}; len(queue) > 0; queue = queue[1:] {
		for _, to := range g.next(queue[0], start, r) {
			if _, seen := from[to]; seen {
				continue
			}
			from[to] = queue[0]
			if g.matches(to, r.never) {
				return trace(from, to)
			}
			if !g.matches(to, r.through) {
				queue = append(queue, to)
			}
		}
	}
	return nil
}

// next lists what a package imports; the tests of start are its own doing, those of what it imports are not.
func (g graph) next(path, start string, r rule) []string {
	imports := slices.Clone(g[path].Imports)
	if r.tests && path == start {
		imports = append(imports, g[path].TestImports...)
		imports = append(imports, g[path].XTestImports...)
	}
	slices.Sort(imports)
	return imports
}

func trace(from map[string]string, to string) []string {
	var chain []string
	for ; to != ""; to = from[to] {
		chain = append(chain, to)
	}
	slices.Reverse(chain)
	return chain
}

// paths lists the packages in order.
func (g graph) paths() []string {
	paths := make([]string, 0, len(g))
	for path := range g {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

func (g graph) own(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

// matches reports whether a package is one that the patterns stand for.
func (g graph) matches(path string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		switch pattern {
		case "std":
			return g[path].Standard
		case "module":
			return g.own(path)
		}
		if relative, ok := strings.CutPrefix(path, module+"/"); ok {
			return below(relative, pattern)
		}
		return below(path, pattern)
	})
}

func below(path, pattern string) bool {
	root, all := strings.CutSuffix(pattern, "/...")
	return path == root || all && strings.HasPrefix(path, root+"/")
}

package packager

import (
	"context"
	"path"
	"strings"
)

// pythonFiles are those that make a directory a Python project, whatever else is in it.
var pythonFiles = []string{"pyproject.toml", "requirements.txt", "poetry.lock", "uv.lock", "setup.py", "setup.cfg"}

// nodeFile is what a service has that a bundler packages.
const nodeFile = "package.json"

// left fills in the results of those services that the tools which deploy them package themselves: a bundler knows what
// of node_modules is needed, and monoplan does not.
func (r *run) left(ctx context.Context, services []Service) []Result {
	results := make([]Result, len(services))
	names := append([]string{nodeFile}, pythonFiles...)
	var paths []string
	for _, s := range services {
		for _, name := range names {
			paths = append(paths, path.Join(s.Path, name))
		}
	}
	found, err := r.source.lookup(ctx, paths...)
	if err != nil {
		return results // each service says so itself
	}
	for i, s := range services {
		files := found[i*len(names) : (i+1)*len(names)]
		isNode, isPython := files[0].Exists(), strings.HasPrefix(s.Runtime, "python") || s.Requirements.IsNamed()
		for _, f := range files[1:] {
			isPython = isPython || f.Exists()
		}
		if why := s.leaves(isNode, isPython); why != "" {
			results[i] = Result{Service: s, Outcome: Left, Why: why}
		}
	}
	return results
}

// leaves says why a service is left to its tool, and nothing where it is not.
func (s Service) leaves(isNode, isPython bool) string {
	switch {
	case s.Forced:
		return ""
	case s.Runtime != "" && !strings.HasPrefix(s.Runtime, "python"):
		return "its runtime is " + s.Runtime
	case isNode && !isPython:
		return "it has a " + nodeFile + " and nothing of Python's"
	}
	return ""
}

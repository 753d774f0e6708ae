// Package buildsystem reads how a Python project says that it is built: the table [build-system] of its pyproject.toml
// (PEP 517, PEP 518).
//
// A build runs the project's code, and what it needs is said in the table alone: the requirements to install first, and
// the backend to call. A project without the table, or without the file, is built by setuptools, as PEP 517 has it.
package buildsystem

import (
	"fmt"
	"strings"

	gotoml "github.com/pelletier/go-toml/v2"

	"github.com/monoplan/monoplan/internal/python/toml"
)

// System is how a project is built.
type System struct {
	// Requires are requirements (PEP 508) to install before the backend can be imported.
	Requires []string
	// Backend names the backend, "module" or "module:object".
	Backend string
	// Path has directories of the project, relative to it, from which the backend is imported.
	Path []string
	// Pure says that the wheel is the same whatever Python and machine it is built with: the backend only collects
	// files, and nothing of the project's own runs.
	Pure bool
	// Outside has files and directories outside the project's own that the manifest has the backend read, relative to
	// it with slashes ("../shared"), in order.
	Outside []string
	// Named has the project's own files and directories that the build reads because the manifest says so, relative to it
	// with slashes, in order: the readme, licences, files of a version, and programs of the build's own.
	Named []string
	// VersionFiles are the files that the manifest says the version comes from, relative to the project.
	VersionFiles []string
	// Borrowed has the packages that come from there.
	Borrowed []Borrowed
}

// document is what is looked at in a pyproject.toml.
type document struct {
	BuildSystem *table `toml:"build-system"`
}

type table struct {
	Requires    []string `toml:"requires"`
	Backend     string   `toml:"build-backend"`
	BackendPath []string `toml:"backend-path"`
}

// Parse reads the texts of a pyproject.toml and of the hatch.toml beside it, whose tables take the place of those below [tool.hatch]
// (Hatch's "Configuration"); of a project that does not have one it is nil. The error names the file, and says why it is no TOML, or
// which of PEP 518's rules the table breaks.
func Parse(pyproject, hatch []byte) (System, error) {
	var d document
	if err := gotoml.Unmarshal(pyproject, &d); err != nil {
		return System{}, fmt.Errorf("pyproject.toml: %w", err)
	}
	manifest, err := toml.Parse(pyproject)
	if err != nil {
		return System{}, fmt.Errorf("pyproject.toml: %w", err)
	}
	if hatch != nil {
		own, err := toml.Parse(hatch)
		if err != nil {
			return System{}, fmt.Errorf("hatch.toml: %w", err)
		}
		manifest.Override(own, "tool", "hatch")
	}
	s := System{
		Requires: []string{"setuptools>=40.8.0"}, Backend: legacy,
		Outside: outside(manifest), Named: named(manifest), VersionFiles: versionFiles(manifest), Borrowed: borrowed(manifest),
	}
	b := d.BuildSystem
	if b == nil {
		return s, nil
	}
	if b.Requires == nil {
		return System{}, fmt.Errorf("pyproject.toml: [build-system] lacks requires (PEP 518)")
	}
	s.Requires = b.Requires
	if b.Backend != "" {
		s.Backend, s.Path, s.Pure = b.Backend, b.BackendPath, b.isPure(manifest.Get("tool"))
	}
	return s, nil
}

// legacy is the backend of a project that names none (PEP 517, "Source trees").
const legacy = "setuptools.build_meta:__legacy__"

// isPure knows the backends that run nothing of a project's own unless one of their tables says so.
func (b *table) isPure(tool *toml.Value) bool {
	if len(b.BackendPath) > 0 {
		return false
	}
	module, _, _ := strings.Cut(b.Backend, ":")
	switch module {
	case "flit_core.buildapi", "uv_build":
		return len(b.Requires) == 1
	case "poetry.core.masonry.api":
		return len(b.Requires) == 1 && tool.Get("poetry", "build") == nil
	case "pdm.backend":
		return len(b.Requires) == 1 && tool.Get("pdm", "build", "custom-hook") == nil && tool.Get("pdm", "build", "setup-script") == nil
	case "hatchling.build":
		build := tool.Get("hatch", "build")
		for _, target := range build.Get("targets").Entries() {
			if len(target.Value.Get("hooks").Entries()) > 0 {
				return false
			}
		}
		return len(b.Requires) == 1 && len(build.Get("hooks").Entries()) == 0
	}
	return false
}

package closure

import (
	"path"
	"slices"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/toml"
)

// findNoBinary finds where the lock, or for uv a manifest, wants packages of the closure built from source.
func (r *resolver) findNoBinary() error {
	all := slices.Clone(r.lock.NoBinary)
	if r.lock.Format == lockfile.UV {
		files := []string{r.manifestPath(), path.Join(path.Dir(r.closure.Lock), "pyproject.toml")}
		for _, file := range slices.Compact(files) {
			manifest, err := r.readProject(file)
			if err != nil {
				return err
			}
			if manifest != nil {
				all = append(all, uvNoBinary(manifest.Document.Get("tool", "uv"), file)...)
			}
		}
	}
	r.closure.NoBinary = slices.DeleteFunc(all, func(n lockfile.NoBinary) bool {
		return !slices.ContainsFunc(r.closure.Packages, func(p Package) bool {
			return p.Source.Kind == lockfile.Registry && (n.Names == nil || slices.Contains(n.Names, p.Name))
		})
	})
	return nil
}

// uvNoBinary reads no-binary and no-binary-package of [tool.uv].
func uvNoBinary(table *toml.Value, file string) []lockfile.NoBinary {
	var all []lockfile.NoBinary
	if v := table.Get("no-binary"); v.IsTrue() {
		all = append(all, lockfile.NoBinary{File: file, Line: v.Line})
	}
	if v := table.Get("no-binary-package"); v != nil {
		n := lockfile.NoBinary{Names: []string{}, File: file, Line: v.Line}
		for _, name := range v.Texts() {
			n.Names = append(n.Names, python.NormalizeName(name))
		}
		all = append(all, n)
	}
	return all
}

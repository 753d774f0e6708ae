package workspace

import (
	"maps"
	"slices"

	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/workspace/javascript"
)

// The packages of a snapshot, and what the files of JavaScript workspaces say.

func encodePackages(e *encoder, packages map[planner.Algorithm]javascript.Workspace) {
	encodeList(e, slices.Sorted(maps.Keys(packages)), func(e *encoder, a planner.Algorithm) {
		e.string(string(a))
		encodePackagesOf(e, packages[a])
	})
}

func decodePackages(d *decoder) map[planner.Algorithm]javascript.Workspace {
	n := d.count()
	if n == 0 {
		return nil
	}
	packages := make(map[planner.Algorithm]javascript.Workspace, n)
	for range n {
		a := planner.Algorithm(d.string())
		packages[a] = decodePackagesOf(d)
	}
	return packages
}

func encodePackagesOf(e *encoder, w javascript.Workspace) {
	encodeList(e, w.Packages, func(e *encoder, p javascript.Package) {
		e.string(p.Path)
		e.string(p.Name)
		e.string(p.Manifest)
		encodeList(e, p.Edges, func(e *encoder, edge javascript.Edge) {
			e.int(edge.To)
			e.int(edge.Line)
		})
		e.bool(p.Forced)
	})
	e.bool(w.IncludeDependencies)
	e.bool(w.Unknown)
	encodeList(e, w.Ignore, (*encoder).string)
	encodeList(e, w.Tests, (*encoder).string)
	encodeList(e, slices.Sorted(maps.Keys(w.Uses)), func(e *encoder, p int) {
		e.int(p)
		encodeList(e, w.Uses[p], func(e *encoder, u javascript.CatalogUse) {
			e.string(u.Catalog)
			e.string(u.Name)
		})
	})
	encodeList(e, w.Warnings, encodePackageWarning)
	encodePointer(e, w.Unaskable, encodePackageWarning)
}

func decodePackagesOf(d *decoder) javascript.Workspace {
	w := javascript.Workspace{
		Packages: decodeList(d, func(d *decoder) javascript.Package {
			return javascript.Package{
				Path: d.string(), Name: d.string(), Manifest: d.string(),
				Edges:  decodeList(d, func(d *decoder) javascript.Edge { return javascript.Edge{To: d.int(), Line: d.int()} }),
				Forced: d.bool(),
			}
		}),
		IncludeDependencies: d.bool(), Unknown: d.bool(),
		Ignore: decodeList(d, (*decoder).string), Tests: decodeList(d, (*decoder).string),
	}
	for _, p := range w.Packages {
		if slices.ContainsFunc(p.Edges, func(e javascript.Edge) bool { return e.To >= len(w.Packages) }) {
			d.err = errCorrupt
		}
	}
	for range d.count() {
		p := d.int()
		uses := decodeList(d, func(d *decoder) javascript.CatalogUse {
			return javascript.CatalogUse{Catalog: d.string(), Name: d.string()}
		})
		if w.Uses == nil {
			w.Uses = make(map[int][]javascript.CatalogUse)
		}
		w.Uses[p] = uses
		if p >= len(w.Packages) {
			d.err = errCorrupt
		}
	}
	w.Warnings = decodeList(d, decodePackageWarning)
	w.Unaskable = decodePointer(d, decodePackageWarning)
	return w
}

func encodePackageWarning(e *encoder, w javascript.Warning) { encodeWarning(e, Warning(w)) }

func decodePackageWarning(d *decoder) javascript.Warning { return javascript.Warning(decodeWarning(d)) }

func encodePackageManifest(e *encoder, m javascript.Manifest) {
	e.string(m.Name)
	e.int(m.NameLine)
	e.bool(m.OddName)
	e.string(m.Version)
	e.int(m.VersionLine)
	encodeList(e, m.Dependencies, encodeSpec)
	encodeList(e, m.OddSpecs, encodeSpec)
	encodeList(e, m.Workspaces, (*encoder).string)
	e.bool(m.HasWorkspaces)
	e.int(m.WorkspacesLine)
	e.bool(m.OddWorkspaces)
	e.bool(m.BOM)
	e.string(m.PackageManager)
	encodePointer(e, m.Lerna, encodeLerna)
	e.string(m.NxName)
	e.bool(m.Nx)
	e.bool(m.Implicit)
}

func decodePackageManifest(d *decoder) javascript.Manifest {
	return javascript.Manifest{
		Name: d.string(), NameLine: d.int(), OddName: d.bool(), Version: d.string(), VersionLine: d.int(),
		Dependencies: decodeList(d, decodeSpec), OddSpecs: decodeList(d, decodeSpec),
		Workspaces: decodeList(d, (*decoder).string), HasWorkspaces: d.bool(), WorkspacesLine: d.int(), OddWorkspaces: d.bool(),
		BOM:            d.bool(),
		PackageManager: d.string(), Lerna: decodePointer(d, decodeLerna), NxName: d.string(), Nx: d.bool(),
		Implicit: d.bool(),
	}
}

func encodeSpec(e *encoder, d javascript.Dependency) {
	e.string(d.Name)
	e.string(d.Spec)
	e.int(int(d.Section))
	e.int(d.Line)
}

func decodeSpec(d *decoder) javascript.Dependency {
	return javascript.Dependency{Name: d.string(), Spec: d.string(), Section: javascript.Section(d.int()), Line: d.int()}
}

func encodeLerna(e *encoder, c javascript.LernaConfig) {
	encodeList(e, c.Packages, (*encoder).string)
	e.bool(c.HasPackages)
	e.int(c.PackagesLine)
	e.string(c.NPMClient)
	encodeList(e, c.IgnoreChanges, (*encoder).string)
	e.bool(c.ForceAll)
	encodeList(e, c.Force, (*encoder).string)
	e.bool(c.IncludeDependencies)
	encodeList(e, c.Unheeded, encodeSetting)
	encodeList(e, c.Refused, encodeSetting)
	e.int(c.UseWorkspaces)
	e.int(c.Extends)
	e.int(c.Since)
}

func decodeLerna(d *decoder) javascript.LernaConfig {
	return javascript.LernaConfig{
		Packages: decodeList(d, (*decoder).string), HasPackages: d.bool(), PackagesLine: d.int(), NPMClient: d.string(),
		IgnoreChanges: decodeList(d, (*decoder).string), ForceAll: d.bool(), Force: decodeList(d, (*decoder).string),
		IncludeDependencies: d.bool(),
		Unheeded:            decodeList(d, decodeSetting), Refused: decodeList(d, decodeSetting),
		UseWorkspaces: d.int(), Extends: d.int(), Since: d.int(),
	}
}

func encodePnpm(e *encoder, c javascript.PnpmConfig) {
	encodeList(e, c.Packages, (*encoder).string)
	e.bool(c.HasPackages)
	e.int(c.PackagesLine)
	encodeList(e, c.Catalogs, func(e *encoder, of javascript.Catalog) {
		e.string(of.Name)
		encodeList(e, of.Entries, func(e *encoder, entry javascript.CatalogEntry) {
			e.string(entry.Name)
			e.string(entry.Spec)
			e.int(entry.Line)
		})
	})
	e.bool(c.LinkWorkspacePackages)
	encodeList(e, c.IgnorePatterns, (*encoder).string)
	encodeList(e, c.TestPatterns, (*encoder).string)
	e.bool(c.HasIgnorePatterns)
	e.bool(c.HasTestPatterns)
	encodeList(e, c.Refused, encodeSetting)
}

func decodePnpm(d *decoder) javascript.PnpmConfig {
	return javascript.PnpmConfig{
		Packages: decodeList(d, (*decoder).string), HasPackages: d.bool(), PackagesLine: d.int(),
		Catalogs: decodeList(d, func(d *decoder) javascript.Catalog {
			return javascript.Catalog{Name: d.string(), Entries: decodeList(d, func(d *decoder) javascript.CatalogEntry {
				return javascript.CatalogEntry{Name: d.string(), Spec: d.string(), Line: d.int()}
			})}
		}),
		LinkWorkspacePackages: d.bool(),
		IgnorePatterns:        decodeList(d, (*decoder).string), TestPatterns: decodeList(d, (*decoder).string),
		HasIgnorePatterns: d.bool(), HasTestPatterns: d.bool(),
		Refused: decodeList(d, decodeSetting),
	}
}

func encodeSetting(e *encoder, s javascript.Setting) {
	e.string(s.Key)
	e.int(s.Line)
}

func decodeSetting(d *decoder) javascript.Setting {
	return javascript.Setting{Key: d.string(), Line: d.int()}
}

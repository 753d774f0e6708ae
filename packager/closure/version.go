package closure

import (
	"slices"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/pep440"
)

// CheckVersions leaves out the files of a package from an index whose names say that they are of another version than the
// lock: of a hash that belongs to another version pip knows as little (--require-hashes). Where none is left, the error is an
// *OtherVersionError.
func (p *Package) CheckVersions() error {
	locked, err := pep440.Parse(p.Version)
	if p.Source.Kind != lockfile.Registry || err != nil {
		return nil
	}
	isOther := func(f File) bool {
		v, ok := p.versionOf(f)
		return ok && !isVersion(v, locked)
	}
	i := slices.IndexFunc(p.Files, isOther)
	if i < 0 {
		return nil
	}
	found := p.Files[i].Name
	p.Files = slices.DeleteFunc(slices.Clone(p.Files), isOther)
	if len(p.Files) == 0 {
		return &OtherVersionError{File: p.LockFile, Line: p.Line, Package: p.Name, Version: p.Version, Found: found}
	}
	return nil
}

// versionOf gives the version in the name of a file, if there is one to be read: that of a wheel, or what stands between a
// source distribution's name (PEP 625) and its ending.
func (p *Package) versionOf(f File) (pep440.Version, bool) {
	if w, ok := wheelOf(f); ok {
		return w.Version, true
	}
	stem, isSource := lockfile.SourceStem(f.Name)
	name, version, ok := cutAt(stem, len(p.Name))
	if !ok || !isSource || python.NormalizeName(name) != p.Name {
		return pep440.Version{}, false // an old name, which says no version for certain
	}
	v, err := pep440.Parse(version)
	return v, err == nil
}

// cutAt cuts a text at a "-" in a place.
func cutAt(text string, at int) (before, after string, ok bool) {
	if at >= len(text) || text[at] != '-' {
		return "", "", false
	}
	return text[:at], text[at+1:], true
}

// isVersion reports whether a file's version is the one that is locked. A lock that says nothing of a local label takes any, as
// "==" does (PEP 440, "Version matching").
func isVersion(v, locked pep440.Version) bool {
	if v.Compare(locked) == 0 {
		return true
	}
	public, err := pep440.Parse(v.Public())
	return err == nil && locked.Public() == locked.String() && public.Compare(locked) == 0
}

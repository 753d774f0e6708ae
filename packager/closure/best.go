package closure

import (
	"fmt"
	"strings"

	"github.com/monoplan/monoplan/internal/python/tag"
	"github.com/monoplan/monoplan/internal/python/target"
)

// Best gives the wheel that pip would take on the target, of those that the lock names. Where none fits it is a *NoWheelError.
func (p *Package) Best(on target.Ranking) (File, error) {
	best := -1
	var chosen tag.Wheel
	for i, f := range p.Files {
		w, ok := wheelOf(f)
		if !ok {
			continue
		}
		if _, fits := on.Rank(w); fits && (best < 0 || on.Compare(w, chosen) < 0) {
			best, chosen = i, w
		}
	}
	if best < 0 {
		return File{}, p.noWheel(on.Target)
	}
	return p.Files[best], nil
}

func wheelOf(f File) (tag.Wheel, bool) {
	if !f.IsWheel() {
		return tag.Wheel{}, false
	}
	w, err := tag.ParseWheel(f.Name)
	return w, err == nil
}

// Sdist gives the package's source distribution, if the lock has one.
func (p *Package) Sdist() (File, bool) {
	for _, f := range p.Files {
		if f.Name != "" && !f.IsWheel() {
			return f, true
		}
	}
	return File{}, false
}

// NoWheelError says that no wheel of a package fits a target.
type NoWheelError struct {
	Package, Version string
	Target           target.Target
	// LockFile and Line are where the lock has the package.
	LockFile string
	Line     int
	// Sdist is the name of the source distribution that could be built instead, or empty.
	Sdist string
	// Wheels is how many wheels the lock names.
	Wheels int
	// Others are targets near this one that a wheel fits: other Pythons, on Lambda where the target is Lambda's, and a newer C library.
	Others []target.Target
	// OtherVersion is a version that has a wheel for this target, as whoever asked an index may know; or empty.
	OtherVersion string
}

func (e *NoWheelError) Error() string {
	name := strings.TrimSpace(e.Package + " " + e.Version)
	if e.Wheels == 0 && e.OtherVersion == "" {
		return fmt.Sprintf("%s has no wheel at all in %s", name, e.LockFile)
	}
	text := fmt.Sprintf("%s has no wheel for %s", name, e.Target)
	if e.OtherVersion != "" {
		text += fmt.Sprintf("; %s %s has", e.Package, e.OtherVersion)
	}
	if len(e.Others) == 0 {
		return text
	}
	others := make([]string, len(e.Others))
	for i, other := range e.Others {
		others[i] = other.String()
	}
	return text + "; " + name + " has one for " + strings.Join(others, ", ")
}

func (p *Package) noWheel(t target.Target) error {
	e := &NoWheelError{Package: p.Name, Version: p.Version, Target: t, LockFile: p.LockFile, Line: p.Line}
	var wheels []tag.Wheel
	for _, f := range p.Files {
		if w, ok := wheelOf(f); ok {
			wheels = append(wheels, w)
		}
	}
	e.Wheels = len(wheels)
	if sdist, ok := p.Sdist(); ok {
		e.Sdist = sdist.Name
	}
	for _, near := range t.Near() {
		ranking := near.Ranking()
		for _, w := range wheels {
			if _, fits := ranking.Rank(w); fits {
				e.Others = append(e.Others, near)
				break
			}
		}
	}
	return e
}

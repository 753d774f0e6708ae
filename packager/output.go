package packager

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// output is the directory of artifacts.
//
//	<service>.zip              the service's artifact, under a name that stays
//	<service>/<sha256>.zip     the same, and the ones before it
//	<service>/manifest.json    what it is made of
//	<service>/sbom.cdx.json    its bill of materials
//	<service>/state.json       what a later run goes by
//	layers/<service>.zip       the layer of a service that has one
//	layers/<sha256>.zip        the layers
type output struct{ dir string }

// The files of a service's directory.
const (
	manifestFile = "manifest.json"
	sbomFile     = "sbom.cdx.json"
	stateFile    = "state.json"
)

// layersDir is where layers are. No service's name is written so.
const layersDir = "layers"

// fileName writes a service's name as that of a file, on any system and so that no two names are the same: what is no letter, digit, ".",
// "_" or "-" becomes "%" and two hex digits, and so do a first "." and the first letter of a name that is taken.
func fileName(service string) string {
	var b strings.Builder
	for i := range len(service) {
		c := service[i]
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("._-", c) >= 0
		if !plain || i == 0 && (c == '.' || service == layersDir) {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// NameError is two services whose artifacts would have one name where the case of letters does not count.
type NameError struct {
	// First is the one that has the name.
	First string
}

func (e *NameError) Error() string {
	return fmt.Sprintf("its artifact would have the name of that of %q on a disk that does not tell capitals apart", e.First)
}

// clashes fails the services whose names another one has already.
func clashes(services []Service, results []Result) {
	seen := make(map[string]string)
	for i, s := range services {
		if results[i].Outcome != "" {
			continue
		}
		folded := strings.ToLower(fileName(s.Name))
		if first, ok := seen[folded]; ok {
			results[i] = Result{Service: s, Outcome: Failed, Err: &NameError{first}}
			continue
		}
		seen[folded] = s.Name
	}
}

func (o output) path(name string) string { return filepath.Join(o.dir, filepath.FromSlash(name)) }

// The files of a service, relative to the directory of artifacts.
func stableFile(service string) string      { return fileName(service) + ".zip" }
func stableLayerFile(service string) string { return layersDir + "/" + fileName(service) + ".zip" }
func serviceFile(service, name string) string {
	return fileName(service) + "/" + name
}

// prepare makes the directories of a service.
func (o output) prepare(service string) error {
	for _, dir := range []string{fileName(service), layersDir} {
		if err := os.MkdirAll(o.path(dir), 0o777); err != nil {
			return err
		}
	}
	return nil
}

// publish gives a file a second name that stays: a hard link, or a copy where there are none.
func (o output) publish(file, stable string) error {
	from, to := o.path(file), o.path(stable)
	next := fmt.Sprintf("%s%d", filepath.Join(filepath.Dir(to), temporary), time.Now().UnixNano())
	if err := os.Link(from, next); err != nil {
		return o.copyTo(from, to)
	}
	// Where both are links to one file already, renaming does nothing (rename(2)), and the second name stays.
	return errors.Join(os.Rename(next, to), ignoreAbsent(os.Remove(next)))
}

func (o output) copyTo(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	err = placeFile(to, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
	if err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}

// isPublished reports whether a stable name has a file: as a link to it, or as a copy of its time.
func isPublished(file, stable string) bool {
	a, err := os.Lstat(file)
	if err != nil {
		return false
	}
	b, err := os.Lstat(stable)
	if err != nil || !b.Mode().IsRegular() {
		return false
	}
	return os.SameFile(a, b) || a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// kept is how many artifacts of a service stay besides the current one.
const kept = 2

// abandoned is the age from which a file that is not whole was left by a process that was killed.
const abandoned = time.Hour

// sweepLayers removes the layers that no service's state names, and what killed processes left. What is young may be another run's.
func (o output) sweepLayers() error {
	used, err := o.usedLayers()
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(o.path(layersDir))
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) < abandoned || !o.isUnusedLayer(e.Name(), used) {
			continue
		}
		errs = append(errs, ignoreAbsent(os.Remove(o.path(layersDir+"/"+e.Name()))))
	}
	return errors.Join(errs...)
}

// usedLayers gives the names of the layers that the states of services name.
func (o output) usedLayers() (map[string]bool, error) {
	used := make(map[string]bool)
	services, err := os.ReadDir(o.dir)
	if err != nil {
		return nil, err
	}
	for _, s := range services {
		if l := readState(filepath.Join(o.dir, s.Name(), stateFile)).Made.Layer; l != nil {
			used[path.Base(l.File)] = true
		}
	}
	return used, nil
}

// isUnusedLayer reports whether a file among the layers is one that nobody needs: a layer, the record of one, or what is not whole.
func (o output) isUnusedLayer(name string, used map[string]bool) bool {
	const hexSum = 64
	stem, _, _ := strings.Cut(name, ".")
	switch {
	case strings.HasPrefix(name, temporary):
		return true
	case len(stem) != hexSum:
		return false
	case strings.HasSuffix(name, ".json"):
		l, ok := readLayer(o.path(layersDir + "/" + name))
		return !ok || !used[path.Base(l.Archive.File)]
	}
	return !used[name]
}

// sweep removes from the directory of a service all artifacts but the current one and the latest others, and what killed processes left.
func (o output) sweep(service string, current made) error {
	dir := o.path(fileName(service))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var others []os.FileInfo
	var errs []error
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil: // it has gone already
		case strings.HasPrefix(e.Name(), temporary):
			if time.Since(info.ModTime()) > abandoned {
				errs = append(errs, ignoreAbsent(os.Remove(filepath.Join(dir, e.Name()))))
			}
		case strings.HasSuffix(e.Name(), ".zip") && e.Name() != path.Base(current.Code.File):
			others = append(others, info)
		}
	}
	slices.SortFunc(others, func(a, b os.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	for _, info := range others[min(kept, len(others)):] {
		errs = append(errs, ignoreAbsent(os.Remove(filepath.Join(dir, info.Name()))))
	}
	return errors.Join(errs...)
}

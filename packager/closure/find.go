package closure

import (
	"cmp"
	"path"
	"strings"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/project"
	"github.com/monoplan/monoplan/internal/python/syntax"
)

// readLock finds the project's lock and reads it; there is none where the project needs none.
func (r *resolver) readLock() error {
	for _, name := range r.lockNames() {
		if found, err := r.readLockAt(path.Join(r.directory, name)); found || err != nil {
			return err
		}
	}
	if found, err := r.readWorkspaceLock(); found || err != nil {
		return err
	}
	named := r.options.Requirements
	if named.Unknown {
		return &RequirementsError{named}
	}
	if found, err := r.readLockAt(cmp.Or(named.Path, path.Join(r.directory, "requirements.txt"))); found || err != nil {
		return err
	}
	if named.Path != "" {
		return &RequirementsError{named}
	}
	return r.checkNeedsNone()
}

// lockNames gives the locks that may lie beside the manifest. Of two the one whose tool the manifest has a table for is meant.
func (r *resolver) lockNames() []string {
	if r.manifest != nil && !r.manifest.Poetry && r.manifest.Document.Get("tool", "uv") != nil {
		return []string{"uv.lock", "poetry.lock"}
	}
	return []string{"poetry.lock", "uv.lock"}
}

func (r *resolver) readLockAt(file string) (found bool, err error) {
	data, found, err := r.read(file)
	if err != nil || !found {
		return false, err
	}
	switch path.Base(file) {
	case "poetry.lock":
		r.lock, err = lockfile.ParsePoetry(data)
	case "uv.lock":
		r.lock, err = lockfile.ParseUV(data)
	default:
		r.closure.Lock = file
		return true, r.readRequirements(file)
	}
	if err != nil {
		return true, &syntax.FileError{File: file, Err: err}
	}
	r.closure.Lock, r.closure.Format = file, r.lock.Format
	return true, nil
}

func (r *resolver) readRequirements(file string) error {
	read := func(included string) ([]byte, bool, error) {
		if included != file {
			r.closure.Manifests = append(r.closure.Manifests, included)
		}
		return r.read(included)
	}
	var err error
	if r.lock, err = lockfile.ParseRequirements(file, read); err != nil {
		return err
	}
	r.closure.Format = lockfile.Requirements
	for i, page := range r.lock.Indexes {
		index := project.Index{URL: page.URL, Priority: "primary", File: page.File, Line: page.Line}
		if i == 0 && r.lock.HasMainIndex {
			index.Priority = "default"
		}
		r.closure.Indexes = append(r.closure.Indexes, index)
	}
	return nil
}

// readWorkspaceLock looks above the project for the uv.lock that has it as a member.
func (r *resolver) readWorkspaceLock() (found bool, err error) {
	if r.manifest == nil || !r.manifest.HasProject {
		return false, nil
	}
	for above := r.directory; above != "."; {
		above = path.Dir(above)
		file := path.Join(above, "uv.lock")
		data, there, err := r.read(file)
		if err != nil {
			return false, err
		}
		if !there {
			continue
		}
		lock, err := lockfile.ParseUV(data)
		if err != nil {
			return true, &syntax.FileError{File: file, Err: err}
		}
		r.closure.Lock = file
		if r.member(lock) >= 0 {
			r.lock, r.closure.Format = lock, lockfile.UV
			err := r.inherit(r.manifest, r.directory)
			r.closure.Indexes = r.manifest.Indexes
			return true, err
		}
		r.closure.Lock = ""
	}
	return false, nil
}

// inherit has the manifest of a member take over what the root of its workspace, where the lock is, says for all members.
func (r *resolver) inherit(member *project.Project, dir string) error {
	above := path.Dir(r.closure.Lock)
	root, err := r.readProject(path.Join(above, "pyproject.toml"))
	if err != nil || root == nil {
		return err
	}
	if above != "." {
		dir = strings.TrimPrefix(dir, above+"/")
	}
	member.Inherit(root, strings.Repeat("../", strings.Count(dir, "/")+1))
	return nil
}

// member gives the package of a uv.lock that is the project itself, or -1.
func (r *resolver) member(lock *lockfile.Lock) int {
	for i := range lock.Packages {
		source := lock.Packages[i].Source
		if source.Kind == lockfile.Directory && path.Join(path.Dir(r.closure.Lock), source.Path) == r.directory {
			return i
		}
	}
	return -1
}

// checkNeedsNone makes sure that a project without a lock needs none.
func (r *resolver) checkNeedsNone() error {
	for _, other := range [...]string{"Pipfile.lock", "pdm.lock", "pylock.toml", "Pipfile"} {
		file := path.Join(r.directory, other)
		if _, found, err := r.read(file); err != nil {
			return err
		} else if found {
			return &NoLockError{Project: r.directory, Manifest: file, Other: file}
		}
	}
	if r.manifest == nil {
		return nil
	}
	if r.manifest.Dynamic {
		return &NoLockError{Project: r.directory, Manifest: r.manifestPath()}
	}
	if len(r.manifest.Main) > 0 {
		return &NoLockError{Project: r.directory, Manifest: r.manifestPath(), Line: r.manifest.Main[0].Line}
	}
	return nil
}

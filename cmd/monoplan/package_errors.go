package main

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/syntax"
	"github.com/monoplan/monoplan/packager"
	"github.com/monoplan/monoplan/packager/assemble"
	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/builder/docker"
	"github.com/monoplan/monoplan/packager/closure"
	"github.com/monoplan/monoplan/packager/index"
	"github.com/monoplan/monoplan/packager/store"
	"github.com/monoplan/monoplan/packager/wheel"
)

// packagingHint says what to do next about an error of packaging; it is empty where there is nothing to say.
func packagingHint(err error) string {
	for _, hint := range []func(error) string{settingsHint, lockHint, fetchHint, buildHint, artifactHint} {
		if h := hint(err); h != "" {
			return h
		}
	}
	return ""
}

// hint says what to do next about the error of a service, by the flags that the command has.
func (j *packaging) hint(err error) string {
	var backend *builder.BackendError
	if j.options.offline && errors.As(err, &backend) && backend.Installing {
		return "--offline keeps pip and uv from the network: run it once without; the store keeps what is built"
	}
	hint := hintFor(err)
	if hint == makeRoom {
		hint += ", or name another directory for artifacts with --output"
	}
	return hint
}

// makeRoom is what helps against a full disk, wherever it is.
const makeRoom = "make room there"

func settingsHint(err error) string {
	var (
		setting *settingError
		target  *packager.TargetError
		unknown *packager.BuilderError
	)
	switch {
	case errors.As(err, &setting):
		return "docs/packaging.md tells what this version does"
	case errors.As(err, &target):
		return `add package: {python: "3.12"} to seed.yml, for all services or for this one`
	case errors.As(err, &unknown):
		return "builder: local builds on this machine"
	}
	return ""
}

// unpackaged is the way to do without artifacts.
const unpackaged = "package: false in seed.yml leaves the service to the tool that deploys it"

func lockHint(err error) string {
	var (
		stale    *closure.StaleError
		mismatch *closure.MismatchError
		none     *closure.NoLockError
		named    *closure.RequirementsError
		wheel    *closure.NoWheelError
		install  *packager.InstallError
		unlocked *closure.UnlockedError
		python   *closure.PythonError
		other    *closure.OtherVersionError
		atURL    *lockfile.URLFileError
		broken   *syntax.FileError
		gone     *packager.GoneError
	)
	switch {
	case errors.As(err, &stale):
		return stale.Tool + " lock brings the lock up to date; commit it"
	case errors.As(err, &mismatch):
		return "lock again in the directory of " + mismatch.Lock + ", and commit it"
	case errors.As(err, &none):
		return "poetry lock or uv lock makes one, or pip-compile --generate-hashes a requirements.txt; commit it; " + unpackaged
	case errors.As(err, &named) && named.Unknown:
		return "write the name out as fileName of pythonRequirements; " + unpackaged
	case errors.As(err, &named):
		return "commit it, be it empty; " + unpackaged
	case errors.As(err, &install):
		return "poetry lock makes a lock; commit it; without install: poetry a uv.lock and a requirements.txt are read too; " + unpackaged
	case errors.As(err, &wheel):
		return "lock another version, or package for another Python; docs/packaging.md has the targets"
	case errors.As(err, &unlocked):
		return "pip-compile --generate-hashes or uv export pins versions with their hashes; " + unpackaged
	case errors.As(err, &python):
		return "package: {python: …} in seed.yml says for which Python it is packaged"
	case errors.As(err, &other):
		return "lock again, or pin the version that the files are of"
	case errors.As(err, &atURL):
		return "commit the file and name it by its path"
	case errors.As(err, &gone):
		return "commit it, or lock again if it is gone or has moved"
	case errors.As(err, &broken):
		return "lock again, or mend the file by hand"
	}
	return ""
}

func fetchHint(err error) string {
	var (
		offline  *index.OfflineError
		auth     *index.AuthError
		hash     *index.HashError
		missing  *index.NotFoundError
		other    *index.UnmatchedError
		connect  *index.ConnectError
		answered *index.StatusError
		noHash   *index.NoHashError
	)
	switch {
	case errors.As(err, &offline):
		return "run it once without --offline; the store keeps what it fetches"
	case errors.As(err, &auth):
		return "POETRY_HTTP_BASIC_<SOURCE>_USERNAME and _PASSWORD, or a netrc file, have the credentials of a source"
	case errors.As(err, &hash):
		return "the file is not the one that was locked: lock again if you trust it, and do not if you cannot say why it changed"
	case errors.As(err, &missing):
		return "is it on another index? the lock names none, and POETRY_PYPI_MIRROR_URL, PIP_INDEX_URL and UV_INDEX name more"
	case errors.As(err, &other):
		return "are the hashes those of this version, and of this index? pip-compile --generate-hashes and uv export write them anew"
	case errors.As(err, &connect), errors.As(err, &answered):
		return "try again; HTTPS_PROXY, SSL_CERT_FILE and a mirror (PIP_INDEX_URL) are followed; what was fetched is kept"
	case errors.As(err, &noHash):
		return "lock again with a newer version of the tool, which writes hashes"
	}
	return ""
}

func buildHint(err error) string {
	var (
		refused *builder.RefusedError
		unfit   *builder.UnfitError
		backend *builder.BackendError
		built   *packager.BuiltError
		object  *wheel.UnfitError
		python  *builder.CompilerError
		git     *packager.GitError
		made    *packager.VersionError
	)
	if h := engineHint(err); h != "" {
		return h
	}
	switch {
	case errors.As(err, &refused):
		return "builder: local in seed.yml builds on this machine; or lock versions that have wheels"
	case errors.As(err, &unfit):
		return unfitHint(unfit)
	case errors.As(err, &backend) && backend.Installing:
		return "build requirements come through pip or uv, by their settings (PIP_INDEX_URL, UV_INDEX); is one of both installed?"
	case errors.As(err, &backend):
		return "the lines above are the end of the build's own output"
	case errors.As(err, &built) && built.Renamed:
		return "lock again, or give the project the name that it is locked under"
	case errors.As(err, &built), errors.As(err, &object):
		return "build on a machine like the target, or lock a version that has a wheel for it"
	case errors.As(err, &python):
		return "install that Python, or leave out bytecode: true"
	case errors.As(err, &made):
		return "commit the file; or include: in seed.yml takes along one that is generated in the library's directory"
	case errors.As(err, &git):
		return "git fetches it with your own settings and credentials: does git ls-remote work?"
	}
	return ""
}

func unfitHint(unfit *builder.UnfitError) string {
	if unfit.Builder == "docker" {
		return fmt.Sprintf("name an image with Python %s, or leave out image: in seed.yml", unfit.Build.Python)
	}
	return fmt.Sprintf("install Python %s, so that it is in PATH", unfit.Build.Python)
}

// engineHint is about Docker's engine and what runs there.
func engineHint(err error) string {
	var (
		unreachable *docker.UnreachableError
		old         *docker.VersionError
		image       *docker.ImageError
		start       *docker.StartError
		emulation   *docker.EmulationError
		lost        *docker.LostError
		memory      *docker.MemoryError
		space       *docker.SpaceError
		timeout     *builder.TimeoutError
	)
	switch {
	case errors.As(err, &unreachable) && unreachable.TLS:
		return "DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, a directory with ca.pem, cert.pem and key.pem, are for an engine with TLS"
	case errors.As(err, &unreachable):
		return "start it, or say where it is (DOCKER_HOST, docker context use); builder: local in seed.yml builds on this machine"
	case errors.As(err, &old):
		return "Docker 19.03 and Podman 4 are new enough"
	case errors.As(err, &emulation):
		return "docker run --privileged --rm tonistiigi/binfmt --install all lets the engine emulate it; or lock versions that have wheels"
	case errors.As(err, &image):
		return "package: {image: …} in seed.yml names another, and base_image: what one is made of; docker login has credentials"
	case errors.As(err, &start) && start.NoPython:
		return "an image to build in has a Python, as python3 in PATH"
	case errors.As(err, &start):
		return "docker run --rm " + start.Image + " true tells whether the engine can start any container of it"
	case errors.As(err, &memory):
		return "give the engine more memory, or build less at once (--concurrency 1); " + buildMemoryVariable + "=0 has the files of builds on its disk"
	case errors.As(err, &space) && space.InMemory > 0:
		return buildMemoryVariable + " says how much the files of builds may take, such as 8GB; with 0 they are on the engine's disk"
	case errors.As(err, &space):
		return "docker system prune makes room on the engine's disk"
	case errors.As(err, &timeout):
		return "--timeout says how long a build may take"
	case errors.As(err, &lost):
		return "try again; docker events and the engine's log say what became of it"
	}
	return ""
}

func artifactHint(err error) string {
	var (
		staged   *packager.StageError
		conflict *assemble.ConflictError
		limit    *assemble.LimitError
		space    *store.SpaceError
		name     *packager.NameError
	)
	switch {
	case errors.As(err, &space):
		return "monoplan cache prune makes room in the store"
	case errors.As(err, new(*outputError)):
		return "" // it has no room that this command could tell of
	case errors.Is(err, syscall.ENOSPC):
		return makeRoom
	case errors.As(err, &name):
		return "name: in seed.yml gives one of them another name"
	case errors.As(err, &staged) && staged.Optional:
		return "package: {exclude: [...]} in seed.yml leaves files out"
	case errors.As(err, &conflict):
		return "package: {slim: [...]} in seed.yml leaves files of packages out, and exclude: own ones"
	case errors.As(err, &limit):
		return "package: {slim: true, exclude_runtime: true} in seed.yml leave out what functions do not need, and slim: [patterns] what else there is"
	}
	return ""
}

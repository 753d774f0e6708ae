// Package python reads the manifests and locks of Python projects, and tells which local paths they name.
//
// Python has no single manifest. Poetry, uv, PDM, Hatch, setuptools, Pipenv and pip each have their own place for a dependency that
// is not on an index but in the next directory, and a repository of services has several of them at once. A path that is missed is a
// change that is not deployed, so every form counts, also one that its tool would warn about; what a tool does not expand
// (a variable, a glob) is kept as far as it is certain.
//
// The package reads bytes and gives values. It knows no repository and touches no file system: a path is given as the file
// means it, relative to the file's directory, and what it leads to is for the caller to find out. Each path comes with its line,
// since who is told that a service depends on something will want to see where that is written.
//
// A file that its own tool would refuse is a [SyntaxError]. Some of what it says may have been read by then, but nobody can know
// what the rest was to say, and so a caller must take it for anything.
package python

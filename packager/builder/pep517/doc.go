// Package pep517 has what of a build is the same wherever it happens: the call of a backend's hooks, the versions that
// common backends are pinned to, the variables that make backends give the same wheel at any time and place, and the
// rules that a source's files have to keep.
//
// PEP 517 says how a frontend talks to a backend: in a Python that has what [build-system] requires, in the directory of
// the project, one hook a process. Whether that process is started on this machine or in a container is all that
// builders differ in, and so the bytes that they give are the same.
package pep517

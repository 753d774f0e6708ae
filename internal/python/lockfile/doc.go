// Package lockfile reads what the lock files of Python's tools say: poetry.lock (1.0 to 2.1), uv.lock, and requirements.txt with hashes.
//
// internal/python reads the same files for what planning asks, which of a lock's packages are local, and leaves all else alone. To package a
// service everything counts: versions, where each file comes from and what it hashes to, which package needs which others,
// under which marker, for which extra. The three formats say that in three ways, and one model has it here, close to what is written:
// nothing is evaluated, since what holds depends on the target.
//
// A lock is long, most of it hashes, and there is one for every service: reading takes a quick way (see toml.Scan), which tells
// what the tools write from all else that TOML allows.
package lockfile

// Package closure finds what a service's artifact must hold for one target: every package that its lock gives to that machine, at one
// version, from one place.
//
// A lock is a graph for all machines. Poetry and uv cut it down on the machine that they install on; here that is done for a machine that
// is only described, so that a laptop can package for a Lambda function. The result is what `poetry export` and `uv export` say when their
// markers are evaluated on the target.
//
// The lock is law. What it does not say is not guessed: a lock that is out of date against its manifest is an error, and so is
// one that does not have what the manifest of a path dependency asks for. Poetry checks the first alone, and a function with the
// second dies with ModuleNotFoundError when it is called.
package closure

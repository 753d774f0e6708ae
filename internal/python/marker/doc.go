// Package marker reads and evaluates environment markers, as PEP 508 has them, with the names of extras compared as PEP 685 asks.
//
// A lock holds for every machine: markers say which of its packages are for which. monoplan packages for a machine that it does not run
// on, so nothing here asks what this one is. The environment is a value that the caller hands in, and the answer is that which Python's own
// packaging library would give on the machine that it describes.
//
// Two things that PEP 508 lets pass are refused when a marker is read, and not when it is evaluated: a comparison of two
// literals or of two variables, and an operator that the variable does not know. Nobody writes them, and a marker that cannot be
// evaluated must not count as one that does not hold.
package marker

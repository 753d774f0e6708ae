// Package pep440 orders versions and matches them against specifiers, as PEP 440 has them.
//
// A lock names versions, a manifest says which versions will do, and a marker asks whether a Python is older than another: all three
// compare versions, and a comparison that is a little off selects another package than pip would. So the rules are those of
// PEP 440 to the letter, odd spellings and all ("1.0-alpha.1", "v1", "1!2.0.post3+ubuntu.1"), and they are held against
// Python's own packaging library.
//
// Whether a specifier may select a pre-release is a question for who chooses among versions. Nobody chooses here: what a lock or a
// machine has is there already, so a pre-release matches wherever its place in the order does.
package pep440

// Package imports has no code, but a test: who in this module may import whom.
//
// A planner is worth trusting because it is pure, and git is worth having in one package because the rest can then be
// read without it. Both are promises about imports, and a promise about imports is broken by one line that no reviewer
// looks at. So the rules are a table (rules_test.go), the module's imports are read with go list, and what breaks a
// rule is printed as the whole path from the package that may not to what it may not reach.
//
// A rule about a package that is not there yet holds from the day it comes.
package imports

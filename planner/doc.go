// Package planner decides which services to deploy, and why.
//
// It is pure: Make turns an Input (the services, their path dependencies, the paths that changed, the options) into a
// Plan, and nothing else goes in or comes out. There is no file system here, no git, no clock and no log, so the same
// input gives the same plan anywhere, a rule can be tested with three lines of input, and a stored input explains a
// decision long after it was made.
//
// The rules are those of docs/rules.md. Each has its name as a Rule, and stands in one place: rules about the state of
// a service in baseline.go, rules about files in rules.go. A rule gives a Reason with the file that made it hold;
// a service with a reason is deployed, and one without is skipped for the reason that nothing changed.
//
// A repository may have thousands of services and a comparison a hundred thousand changed paths, so no rule looks at
// every pair of the two. Each path is put down once, at the innermost service (territory.go) and the innermost target
// (targets.go) that hold it, and the rules then work on those sums: a path costs its depth, a service its own reasons.
package planner

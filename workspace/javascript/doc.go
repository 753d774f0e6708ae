// Package javascript finds the packages of a JavaScript workspace, and which depends on which, as Lerna and pnpm do.
//
// The two tools answer the same question by different rules: what a glob takes in, who owns a file of a nested package,
// whether a range that a sibling satisfies is a dependency. A plan that follows a tool has to follow it in these, so
// each rule here is that of a tool's own code, and where the tool would fail, the answer says that it is not known,
// for the plan to widen.
//
// Nothing is read here. Files has what a tree holds, read and parsed by who knows trees; the answer, a Workspace, is a
// function of that.
package javascript

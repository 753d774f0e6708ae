// Package workspace finds the services of a repository, and what each can reach.
//
// Its input is one tree (a commit's, or the working tree) and seed.yml; its output is the services, the path
// dependencies between them and their libraries with the line that declares each, whether a service is open or closed
// and why, and what the user should be warned of. Nothing here knows git: a tree is a tree.Reader, and what changed
// between two trees is a list that somebody else made.
//
// What is proven here narrows a plan, so the package reads what the tools read, and where it cannot, it says that the
// service may use anything. A file that does not parse is never taken for one that says nothing.
//
// The way through the files is that of the data:
//
//	config*.go    seed.yml → Config                     register.go   what of it is a service
//	index.go      a tree → the entries worth reading    names.go      what file names mean
//	services.go   markers → services                    documents.go  files → what they say, each content once
//	graph.go      services → findings, by edges_*.go    resolve.go    a path → what it names, as the file system would
//	findings.go   what one node says → edges of all     template*.go  YAML and JSON → candidates for paths
//	openness.go   edges → open or closed                javascript/   the rules of Lerna and pnpm
//	packages.go   files → packages of those two         snapshot.go   what a plan needs of a tree, cache.go to keep it
//	load.go       all of it, or a snapshot              update.go     what of a snapshot holds for another tree
//	compare.go    what a baseline had that is gone
//
// A snapshot is a function of a tree and a configuration. It remembers every lookup that it depended on, so that the
// difference between its tree and another tells whether it holds for that one too. Where it does not, what was found of
// each node of the graph remembers the same of itself, and only the nodes for which something differs are read again: the
// cost of a plan grows with what changed, and not with the repository.
package workspace

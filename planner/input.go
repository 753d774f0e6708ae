package planner

// Input is all that a plan depends on.
type Input struct {
	Stage    string
	Head     Revision
	Worktree bool
	Base     *Revision

	// Services is S: the registered services, in any order. A service that head does not have is among them, with Missing set.
	Services []Service
	// Graph has the edges of path dependencies between services and targets.
	Graph Graph
	// Algorithm is that of the services that have none of their own, and Packages what each algorithm that knows packages
	// takes for them.
	Algorithm Algorithm
	Packages  map[Algorithm]Packages
	// Comparisons has what differs between head and each baseline that a service names.
	Comparisons map[string]Comparison
	// Gone has, for the plan of a stage, the services that were deployed to it and head has not, each path once. Without
	// a stage nobody knows what was deployed, and the comparisons tell what was there.
	Gone []Gone
	// Options of the whole repository.
	Options Options
}

// Options are the settings of a repository that change what the rules decide.
type Options struct {
	// Force deploys every service.
	Force bool
	// FilesAlone asks what the changed files deploy: no rule holds that is about the state of a service.
	FilesAlone bool
	// OrphansOpen restricts orphan-file to open services (orphans: open).
	OrphansOpen bool
	// NoPathDependencies leaves Seed's own rules alone (path_dependencies: false).
	NoPathDependencies bool
}

// Service is one service of S.
type Service struct {
	Path  string
	Name  string
	Type  string
	Phase int
	// Algorithm decides about the service; empty for Git.
	Algorithm Algorithm
	// Missing says that head does not have the service.
	Missing bool
	// AlwaysDeploy is check_code_change: false.
	AlwaysDeploy bool
	// Isolated is nested: isolate.
	Isolated bool
	// Open says that the service may use anything in the repository.
	Open bool
	// Baseline is what the service is compared with.
	Baseline Baseline
}

// BaselineState says whether a service has something to be compared with.
type BaselineState int

// The states of a baseline. The zero value is a service of which no deploy ever succeeded.
const (
	NeverDeployed BaselineState = iota
	Known                       // Baseline.SHA names a Comparison
	LastRunFailed               // there is a Baseline.SHA, and the last deploy failed or was interrupted
	Unavailable                 // the commit is known, and cannot be had
)

// Baseline is the commit of a service's last successful deploy.
type Baseline struct {
	State BaselineState
	SHA   string // hex; may be set in any state
}

// Comparison is what differs between a baseline and head.
type Comparison struct {
	// Changes has each changed path once, ignored ones left out, in any order.
	Changes []Change
	// Removed has the services that the baseline had and head has not.
	Removed []Removed
	// Listings has what each algorithm that knows packages makes of the changes.
	Listings map[Algorithm]Listing
}

// Change is a changed path.
type Change struct {
	Path string
	// Submodule says that the path is a submodule's on either side.
	Submodule bool
	// Marker says that the path is a marker that was added or deleted, or a template that became or ceased to be SAM.
	Marker bool
	// Gone says that head does not have the path.
	Gone bool
	// Seed says that the path is seed.yml, or on the way from there to the file that it links to.
	Seed bool
	// LostManifest says that the path was a package's manifest, and is gone.
	LostManifest bool
}

// Gone is a service that was deployed, and that head has not.
type Gone struct {
	Removed
	// Baseline is the commit of its last successful deploy, in hex.
	Baseline string
}

// Removed is a service that a baseline had and head has not.
type Removed struct {
	Path  string
	Name  string
	Type  string
	Phase int
}

// Graph holds the path dependencies, as edges between directories and files. Nodes are in the byte order of their
// paths, each path once; edges are indices into Nodes, in any order.
type Graph struct {
	Nodes []Node
}

// Node is a service's directory or a target.
type Node struct {
	Path  string
	Edges []int
}

package packager

// EventKind is what an event is about.
type EventKind int

// The kinds of events.
const (
	// ServiceBegins and ServiceDone are about a service; the latter has its Outcome.
	ServiceBegins EventKind = iota
	ServiceDone
	// FetchBegins and FetchDone are about a wheel, of Package and Version; the latter has its Bytes.
	FetchBegins
	FetchDone
	// Warned is what a person should know, in Note, and nothing that fails.
	Warned
	// BuildBegins and BuildDone are about a wheel that is built.
	BuildBegins
	BuildDone
)

// Event is something that happened on the way.
type Event struct {
	Kind             EventKind
	Service          string
	Package, Version string
	Bytes            int64
	Outcome          Outcome
	Note             string
	Err              error
}

package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"
)

// Outcome is how a deploy ended.
type Outcome string

// The outcomes.
const (
	Succeeded Outcome = "succeeded"
	Failed    Outcome = "failed"
	// Interrupted: it was told to stop or its run was killed, and it is not known what of it is deployed.
	Interrupted Outcome = "interrupted"
)

// Deploy is one deploy of a service to a stage.
type Deploy struct {
	// Commit is what was deployed, in lower-case hex.
	Commit  string
	Outcome Outcome
	// Time is when it ended, in whole seconds of UTC.
	Time time.Time
	// Run is what ran it.
	Run string
	// Artifact is the sha256 of what was deployed, in lower-case hex; empty where the tool packaged by itself.
	Artifact string
	// Configuration and Environment are hashes of what else decides about a deploy: two deploys in which all three are
	// equal, and not empty, deploy the same. The ledger does not look into them.
	Configuration, Environment string
	// Identical says that no tool ran: what was to be deployed was deployed already.
	Identical bool
	// Dirty says that the working tree was not the commit. Such a deploy is never a baseline.
	Dirty bool
}

// Service is what is remembered of a service in a stage.
type Service struct {
	// Name, Type and Phase are those of the last deploy: head may not have the service any more.
	Name, Type string
	Phase      int
	// Baseline is the last deploy that succeeded; nil where none has.
	Baseline *Deploy
	// Last is the last deploy where that is not the baseline; nil where it is, or where there was none.
	Last *Deploy
}

// Lock is what a run holds of a stage.
type Lock struct {
	// Run names the holder; no two runs have the same name.
	Run string
	// Owner and Host say for people who that is, and where.
	Owner, Host string
	// Commit is what the run deploys, in lower-case hex.
	Commit string
	// Taken and Expires bound the lock; the holder moves its end while it runs.
	Taken, Expires time.Time
	// Services has the paths of the services that are locked, in byte order.
	Services []string
}

// Stage is the ledger of one stage.
type Stage struct {
	Name string
	// Services has what is remembered, by the services' paths relative to the repository ("." for the root). Who changes a
	// Stage replaces values and nothing that they point to.
	Services map[string]Service
	// Locks has the runs that hold services, by their names in byte order.
	Locks []Lock
	// Change is what made the stage what it is; its Serial is 0 for a stage that was never written.
	Change Change

	// Journaled has, in a stage that Read gives, the paths of the services of which this machine's journal has what the store
	// has not, in byte order.
	Journaled []string

	// Previous is, in a stage that is to be written, the change that made the one it replaces; nil where that is the first.
	Previous *Change

	// ended has the locks that were over when the stage was read to be changed.
	ended []Lock

	// Version is the store's name for this state. It is empty for a stage that was never written.
	Version string
	// Now is the store's own time when it was read, or zero where it has none.
	Now time.Time
}

// Change is one write to a stage: an entry of its log.
type Change struct {
	// Serial counts a stage's changes from 1.
	Serial int64
	// ID differs from that of any other change.
	ID   string
	Time time.Time
	Kind Kind
	// Who is the person or the job that made it, Run its run where it was one, and Why the reason that was given.
	Who, Run, Why string
	// Services has the paths of the services that it is about, in byte order, and Commits the commits that it recorded
	// for them, each once.
	Services, Commits []string
}

// Kind says what a change does.
type Kind string

// The kinds of changes.
const (
	Take    Kind = "take"    // a run locked services
	Renew   Kind = "renew"   // a run moved the end of its lock
	Record  Kind = "record"  // deploys ended
	Release Kind = "release" // a run gave up what it still held
	Set     Kind = "set"     // a person said what is live
	Forget  Kind = "forget"  // a person removed records
	Unlock  Kind = "unlock"  // a person took locks away
	Copy    Kind = "copy"    // the stage came from another store
)

// IsAboutLocks reports whether a change of this kind changes locks and no record.
func (k Kind) IsAboutLocks() bool { return k == Take || k == Renew || k == Release }

// Holder gives the lock that a service is under.
func (s *Stage) Holder(service string) (Lock, bool) {
	for _, l := range s.Locks {
		if l.holds(service) {
			return l, true
		}
	}
	return Lock{}, false
}

func (l Lock) holds(service string) bool {
	_, ok := slices.BinarySearch(l.Services, service)
	return ok
}

// Fingerprint is a hash of what is remembered of some services, locks left out: as long as it is the same, a plan that was
// made of them holds.
func (s *Stage) Fingerprint(services []string) string {
	paths := slices.Compact(slices.Sorted(slices.Values(services)))
	h := sha256.New()
	for _, path := range paths {
		service := s.Services[path]
		h.Write(appendString(nil, path))
		for _, d := range []*Deploy{service.Baseline, service.Last} {
			if d != nil {
				h.Write(appendDeploy(nil, d))
			}
			h.Write([]byte{'\n'})
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// clone gives a copy that may be changed.
func (s *Stage) clone() *Stage {
	c := *s
	c.Services = maps.Clone(s.Services)
	if c.Services == nil {
		c.Services = map[string]Service{}
	}
	c.Locks = slices.Clone(s.Locks)
	return &c
}

package target

import "github.com/monoplan/monoplan/internal/python/tag"

// Ranking ranks wheels for a target. Making one costs more than asking it: one serves all packages.
type Ranking struct {
	tag.Ranking
	Target Target
}

// Ranking gives the target's ranking of wheels.
func (t Target) Ranking() Ranking { return Ranking{tag.NewRanking(t.Tags()), t} }

// newestGlibc is a version of glibc that few wheels ask more than.
const newestGlibc = 39

// Near gives targets that differ from this one in as little as a person may change: first the C library, then Python, newer versions
// first, with the C library that Lambda has there if this one has Lambda's.
func (t Target) Near() []Target {
	var near []Target
	add := func(other Target) {
		if other != t && other.Check() == nil {
			near = append(near, other)
		}
	}
	if !t.Libc.Musl && t.Libc.Minor < newestGlibc {
		newer := t
		newer.Libc.Minor = newestGlibc
		add(newer)
	}
	own, err := Lambda(t.Python, t.Architecture)
	onLambda := err == nil && own == t
	for minor := newestMinor; minor >= oldestMinor; minor-- {
		other := t
		other.Python = minorVersion(minor)
		if lambda, err := Lambda(other.Python, t.Architecture); onLambda && err == nil {
			other = lambda
		}
		if t.Python != other.Python {
			add(other)
		}
	}
	return near
}

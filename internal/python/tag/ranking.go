package tag

import "cmp"

// Ranking knows which tags a machine takes, and how it ranks them.
type Ranking struct{ ranks map[Tag]int }

// NewRanking makes the ranking of tags that are given best first.
func NewRanking(tags []Tag) Ranking {
	ranks := make(map[Tag]int, len(tags))
	for i, t := range tags {
		if _, known := ranks[t]; !known {
			ranks[t] = i
		}
	}
	return Ranking{ranks}
}

// Rank gives the best rank of a wheel's tags, 0 being the best there is, and whether the machine takes it at all.
func (r Ranking) Rank(w Wheel) (rank int, fits bool) {
	for _, t := range w.Tags {
		if i, known := r.ranks[t]; known && (!fits || i < rank) {
			rank, fits = i, true
		}
	}
	return rank, fits
}

// Compare orders two wheels of one version that both fit: negative where an installer would rather take v. Equal ranks go to the
// higher build tag.
func (r Ranking) Compare(v, w Wheel) int {
	a, _ := r.Rank(v)
	b, _ := r.Rank(w)
	return cmp.Or(cmp.Compare(a, b), w.Build.Compare(v.Build))
}

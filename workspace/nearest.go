package workspace

import (
	"fmt"
	"maps"
	"slices"
)

// didYouMean gives the end of a message that names the known key nearest to an unknown one, or nothing where none is
// near.
func didYouMean(key string, known keys) string {
	best, distance := "", 1+max(2, len(key)/3)
	for _, k := range slices.Sorted(maps.Keys(known)) {
		if d := editDistance(key, k); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// editDistance counts the bytes to insert, delete or replace that make b of a (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

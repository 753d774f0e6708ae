package workspace

import (
	"fmt"
	"maps"
	"slices"

	"github.com/monoplan/monoplan/internal/nearest"
)

// didYouMean gives the end of a message that names the known key nearest to an unknown one, or nothing where none is
// near.
func didYouMean(key string, known keys) string {
	if near := nearest.Name(key, slices.Sorted(maps.Keys(known))); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

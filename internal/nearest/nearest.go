// Package nearest finds the known name that a mistyped one was meant for.
package nearest

// Name gives the name that is nearest to a word by the bytes to insert, delete, replace or swap with their neighbours; of
// several the first. It is empty where none is near: where two changes, or a third of the word, would not do, or would leave no
// letter of it.
func Name(word string, known []string) string {
	best, distance := "", 1+max(2, len(word)/3)
	for _, name := range known {
		if d := Distance(word, name); d < distance && d < max(len(word), len(name)) {
			best, distance = name, d
		}
	}
	return best
}

// Distance counts the bytes to insert, delete, replace or swap with their neighbours that make b of a (Damerau's
// distance in its restricted form: no byte is changed twice).
func Distance(a, b string) int {
	above, row, below := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		below[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			below[j+1] = min(row[j]+cost, row[j+1]+1, below[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				below[j+1] = min(below[j+1], above[j-1]+1)
			}
		}
		above, row, below = row, below, above
	}
	return row[len(b)]
}

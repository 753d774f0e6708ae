package glob

import (
	"fmt"
	"strconv"
	"strings"
)

// maxExpansions bounds what the braces of one pattern may come to.
const maxExpansions = 10_000

// expand gives the patterns that one with braces stands for: "{a,b}" and "{1..3}", nested too. Braces that hold neither
// a comma nor a range stay as they are.
func expand(pattern string) []string {
	open, end, parts := firstBraces(pattern)
	if open < 0 {
		return []string{pattern}
	}
	tails := expand(pattern[end+1:])
	var all []string
	for _, part := range parts {
		for _, middle := range expand(part) {
			for _, tail := range tails {
				if len(all) == maxExpansions {
					return all
				}
				all = append(all, pattern[:open]+middle+tail)
			}
		}
	}
	return all
}

// firstBraces finds the first braces that expand, and what they hold.
func firstBraces(pattern string) (open, end int, parts []string) {
	for open = 0; open < len(pattern); open++ {
		switch {
		case pattern[open] == '\\':
			open++
			continue
		case pattern[open] == '$' && strings.HasPrefix(pattern[open:], "${"):
			open++
			continue
		case pattern[open] != '{':
			continue
		}
		if end, parts = braces(pattern, open); parts != nil {
			return open, end, parts
		}
	}
	return -1, 0, nil
}

// braces reads the braces at a place: where they end and what they stand for, nothing where they do not expand.
func braces(pattern string, open int) (end int, parts []string) {
	depth, start := 0, open+1
	for i := open; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case '{':
			depth++
		case ',':
			if depth == 1 {
				parts, start = append(parts, pattern[start:i]), i+1
			}
		case '}':
			if depth--; depth > 0 {
				continue
			}
			if parts == nil {
				return i, sequence(pattern[open+1 : i])
			}
			return i, append(parts, pattern[start:i])
		}
	}
	return 0, nil
}

// sequence gives what "1..3", "a..c" or "1..9..2" stands for.
func sequence(inside string) []string {
	bounds := strings.Split(inside, "..")
	if len(bounds) < 2 || len(bounds) > 3 {
		return nil
	}
	from, to, numeric := sequenceBounds(bounds[0], bounds[1])
	if from < 0 && !numeric {
		return nil
	}
	step := 1
	if len(bounds) == 3 {
		n, err := strconv.Atoi(bounds[2])
		if err != nil {
			return nil
		}
		step = max(1, max(n, -n))
	}
	if from > to {
		step = -step
	}
	var all []string
	for i := from; (step > 0 && i <= to || step < 0 && i >= to) && len(all) < maxExpansions; i += step {
		switch {
		case !numeric:
			all = append(all, string(rune(i)))
		case padded(bounds[0]) || padded(bounds[1]):
			all = append(all, fmt.Sprintf("%0*d", max(len(bounds[0]), len(bounds[1])), i))
		default:
			all = append(all, strconv.Itoa(i))
		}
	}
	return all
}

// sequenceBounds gives the ends of a sequence of numbers, or of letters; from is below 0 where it is neither.
func sequenceBounds(a, b string) (from, to int, numeric bool) {
	from, errA := strconv.Atoi(a)
	to, errB := strconv.Atoi(b)
	switch {
	case errA == nil && errB == nil:
		return from, to, true
	case len(a) == 1 && len(b) == 1 && isLetter(a[0]) && isLetter(b[0]):
		return int(a[0]), int(b[0]), false
	}
	return -1, 0, false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// padded reports whether a number is written with leading zeros, which all of its sequence then have.
func padded(number string) bool {
	number = strings.TrimPrefix(number, "-")
	return len(number) > 1 && number[0] == '0'
}

package index

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strings"
)

// hashes are those that a file may have: hexadecimal digits by algorithm.
type hashes map[string][]string

// newHash gives the algorithms that a lock may rely on, as pip has them for its hash-checking mode.
func newHash(algorithm string) hash.Hash {
	switch algorithm {
	case "sha256":
		return sha256.New()
	case "sha384":
		return sha512.New384()
	case "sha512":
		return sha512.New()
	default:
		return nil
	}
}

// parseHashes reads a request's hashes.
func parseHashes(r Request) (hashes, error) {
	h := hashes{}
	for _, text := range r.Hashes {
		algorithm, digits, _ := strings.Cut(text, ":")
		digits = strings.ToLower(digits)
		raw, err := hex.DecodeString(digits)
		algorithm = strings.ToLower(algorithm)
		if made := newHash(algorithm); made == nil || err != nil || len(raw) != made.Size() {
			return nil, &NoHashError{Wanted: r.wanted(), Hash: text}
		}
		h[algorithm] = append(h[algorithm], digits)
	}
	if len(h) == 0 {
		return nil, &NoHashError{Wanted: r.wanted()}
	}
	for algorithm, digits := range h {
		h[algorithm] = slices.Compact(slices.Sorted(slices.Values(digits)))
	}
	return h, nil
}

// list gives the hashes as they are written in a lock, sorted.
func (h hashes) list() []string {
	var list []string
	for algorithm, all := range h {
		for _, digits := range all {
			list = append(list, algorithm+":"+digits)
		}
	}
	return slices.Sorted(slices.Values(list))
}

// String is the same for the same hashes.
func (h hashes) String() string { return strings.Join(h.list(), " ") }

// only gives the sha256 where that is the only hash.
func (h hashes) only() string {
	if len(h) == 1 && len(h["sha256"]) == 1 {
		return h["sha256"][0]
	}
	return ""
}

// match compares with the hashes that an index announces: said reports whether there is one to compare, matches whether
// all of those are among the lock's.
func (h hashes) match(announced map[string]string) (matches, said bool) {
	matches = true
	for algorithm, digits := range announced {
		if own, ok := h[algorithm]; ok {
			said = true
			matches = matches && slices.Contains(own, strings.ToLower(digits))
		}
	}
	return matches && said, said
}

// answer gives an announced hash that can be compared with the lock's, for a message.
func (h hashes) answer(announced map[string]string) string {
	for _, algorithm := range slices.Sorted(maps.Keys(announced)) {
		if _, ok := h[algorithm]; ok {
			return algorithm + ":" + announced[algorithm]
		}
	}
	return "no hash"
}

// running computes all hashes that a file is to be compared by.
type running map[string]hash.Hash

func (h hashes) run() running {
	r := running{}
	for algorithm := range h {
		r[algorithm] = newHash(algorithm)
	}
	return r
}

func (r running) Write(p []byte) (int, error) {
	for _, h := range r {
		h.Write(p)
	}
	return len(p), nil
}

func (r running) reset() {
	for _, h := range r {
		h.Reset()
	}
}

// sums gives what was computed, by algorithm.
func (r running) sums() map[string]string {
	sums := map[string]string{}
	for algorithm, h := range r {
		sums[algorithm] = hex.EncodeToString(h.Sum(nil))
	}
	return sums
}

// accepts reports whether a file with these sums has one of the hashes.
func (h hashes) accepts(sums map[string]string) bool {
	for algorithm, digits := range sums {
		if slices.Contains(h[algorithm], digits) {
			return true
		}
	}
	return false
}

// best gives the sum to show.
func best(sums map[string]string) string {
	algorithms := slices.Sorted(maps.Keys(sums))
	if len(algorithms) == 0 {
		return ""
	}
	return algorithms[0] + ":" + sums[algorithms[0]]
}

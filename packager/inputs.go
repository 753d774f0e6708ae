package packager

import (
	"slices"
	"strings"

	"github.com/monoplan/monoplan/packager/assemble"
)

// input is one of the things that a key is made of. Its value is a digest, or short enough to be shown.
type input struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// keyOf gives the key of an artifact.
func keyOf(inputs []input) string {
	d := newDigest("artifact")
	for _, i := range inputs {
		d.add(i.Name, i.Value)
	}
	return d.sum()
}

// Move is an input of a key that is not what it was. Before or After is empty for one that came or went.
type Move struct {
	Input         string
	Before, After string
}

// moves compares two lists of inputs, in the order of their names.
func moves(before, after []input) []Move {
	values := make(map[string]Move)
	for _, i := range before {
		values[i.Name] = Move{Input: i.Name, Before: i.Value}
	}
	for _, i := range after {
		m := values[i.Name]
		m.Input, m.After = i.Name, i.Value
		values[i.Name] = m
	}
	var moved []Move
	for _, m := range values {
		if m.Before != m.After {
			moved = append(moved, m)
		}
	}
	slices.SortFunc(moved, func(a, b Move) int { return strings.Compare(a.Input, b.Input) })
	return moved
}

// manifestInputs gives inputs as a manifest has them: each value by its digest.
func manifestInputs(inputs []input) []assemble.ManifestInput {
	var list []assemble.ManifestInput
	for _, i := range inputs {
		d := newDigest("input")
		d.add(i.Value)
		list = append(list, assemble.ManifestInput{Name: i.Name, Hash: d.sum()})
	}
	return list
}

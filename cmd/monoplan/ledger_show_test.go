package main

import (
	"maps"
	"slices"
	"testing"

	"github.com/monoplan/monoplan/ledger"
)

// What is shown of a stage is a copy: the stage is not the command's to change.
func TestOnlyOf(t *testing.T) {
	stage := &ledger.Stage{
		Services:  map[string]ledger.Service{"a": {Name: "a"}, "b": {Name: "b"}},
		Locks:     []ledger.Lock{{Run: "1", Services: []string{"a", "b"}}},
		Journaled: []string{"a", "b"},
	}
	for _, c := range []struct {
		stage *ledger.Stage
		want  []string
	}{{onlyOf(stage, []ledger.Target{{Path: "b"}}), []string{"b"}}, {stage, []string{"a", "b"}}} {
		for _, got := range [][]string{slices.Sorted(maps.Keys(c.stage.Services)), c.stage.Locks[0].Services, c.stage.Journaled} {
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		}
	}
}

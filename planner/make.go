package planner

import (
	"cmp"
	"maps"
	"slices"
)

// Make decides about every service of the input, and about those that were removed. It never fails: what could not be
// read was widened before it came here. The input is not changed.
func Make(in Input) *Plan {
	evidence := make(map[string]*evidence, len(in.Comparisons))
	if len(in.Comparisons) > 0 {
		services := territoryOf(in.Services)
		network := newNetwork(in, services)
		for sha, c := range in.Comparisons {
			evidence[sha] = gather(in, network, services.with(c.Removed), sha)
		}
	}
	plan := &Plan{Algorithm: in.algorithm(), Stage: in.Stage, Head: in.Head, Worktree: in.Worktree, Base: in.Base}
	for _, p := range in.Packages {
		plan.PackagesUnknown = plan.PackagesUnknown || p.Unknown
	}
	plan.Services = removals(in)
	gone := make(map[string]bool, len(plan.Services))
	for _, s := range plan.Services {
		gone[s.Path] = true
	}
	present := countPresent(in.Services)
	plan.Services = slices.Grow(plan.Services, len(in.Services))
	for i, s := range in.Services {
		if gone[s.Path] {
			continue
		}
		plan.Services = append(plan.Services, decide(in, i, present, evidence))
	}
	slices.SortFunc(plan.Services, func(a, b ServicePlan) int { return ComparePaths(a.Path, b.Path) })
	return plan
}

// decide takes the first rule that holds before any file is looked at, else all the rules about files that hold.
func decide(in Input, service, present int, evidence map[string]*evidence) ServicePlan {
	s := in.Services[service]
	d := ServicePlan{Name: s.Name, Path: s.Path, Type: s.Type, Phase: s.Phase, Algorithm: s.algorithm(), Action: Deploy, Baseline: s.Baseline.SHA}
	switch rule := ruleBeforeFiles(in.Options, s, present); {
	case s.Missing:
		d.Action, d.Reasons = Skip, []Reason{{Rule: NotInCommit}}
	case rule != "":
		d.Reasons = []Reason{{Rule: rule}}
	default:
		d.Reasons = evidence[s.Baseline.SHA].reasons(service)
		if len(d.Reasons) == 0 {
			d.Action, d.Reasons = Skip, []Reason{{Rule: Unchanged}}
		}
	}
	return d
}

// removals lists the services that are to be removed, each once: those that were deployed to the stage and are gone,
// or without a stage those that a baseline had and head has not.
func removals(in Input) []ServicePlan {
	var removed []ServicePlan
	if in.Stage != "" {
		for _, g := range in.Gone {
			removed = append(removed, in.removal(g.Removed, g.Baseline))
		}
		return removed
	}
	seen := make(map[string]bool)
	for _, sha := range slices.Sorted(maps.Keys(in.Comparisons)) {
		for _, r := range in.Comparisons[sha].Removed {
			if seen[r.Path] {
				continue
			}
			seen[r.Path] = true
			removed = append(removed, in.removal(r, sha))
		}
	}
	return removed
}

func (in Input) removal(r Removed, baseline string) ServicePlan {
	return ServicePlan{
		Name: r.Name, Path: r.Path, Type: r.Type, Phase: r.Phase, Algorithm: in.algorithm(), Action: Remove, Baseline: baseline,
		Reasons: []Reason{{Rule: NotInCommit}},
	}
}

func countPresent(services []Service) int {
	n := 0
	for _, s := range services {
		if !s.Missing {
			n++
		}
	}
	return n
}

func sortReasons(reasons []Reason) []Reason {
	slices.SortFunc(reasons, func(a, b Reason) int { return cmp.Or(compareReasons(a, b), cmp.Compare(a.File, b.File)) })
	return reasons
}

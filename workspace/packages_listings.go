package workspace

import (
	"context"
	"errors"
	"slices"

	jsglob "github.com/monoplan/monoplan/internal/javascript/glob"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/workspace/javascript"
)

// listings gives what each algorithm that knows packages makes of changes.
func (w *Workspace) listings(ctx context.Context, base Base, changes []planner.Change) (map[planner.Algorithm]planner.Listing, error) {
	var all map[planner.Algorithm]planner.Listing
	for a, packages := range w.snapshot.packages {
		if all == nil {
			all = make(map[planner.Algorithm]planner.Listing)
		}
		l := planner.Listing{}
		if a == planner.Lerna {
			l.Ignored = lernaIgnored(packages.Ignore, changes)
		} else {
			l.Ignored = pnpmIgnored(packages.Ignore, changes)
			l.Tests = pnpmTests(packages.Tests, changes)
			affected, err := w.affectedByCatalogs(ctx, base, packages, l.Ignored, changes)
			if err != nil {
				return nil, err
			}
			l.Affected = affected
		}
		all[a] = l
	}
	return all, nil
}

// lernaIgnored gives the changed paths that some pattern of ignoreChanges matches.
func lernaIgnored(patterns []string, changes []planner.Change) map[string]bool {
	ignored := make(map[string]bool)
	for _, p := range patterns {
		// To be left in a list a path has to match the pattern with a "!" before it.
		g := jsglob.Minimatch("!"+p, jsglob.Options{Dot: true, MatchBase: true})
		for _, c := range changes {
			if !g.Match(c.Path) {
				ignored[c.Path] = true
			}
		}
	}
	return ignored
}

// pnpmIgnored gives the changed paths that changed-files-ignore-pattern matches, as micromatch reads a list: later
// patterns have the last word, but what one with a "!" takes out stays out, and where all have one, they take out of
// everything.
func pnpmIgnored(patterns []string, changes []planner.Change) map[string]bool {
	ignored := make(map[string]bool)
	omitted := make(map[string]bool)
	negated, count := 0, 0
	for _, p := range patterns {
		if p == "" {
			continue
		}
		count++
		g := jsglob.Picomatch(p, jsglob.Options{Dot: true})
		if g.Negated {
			negated++
		}
		for _, c := range changes {
			switch matches := g.Match(c.Path) != g.Negated; {
			case matches && g.Negated:
				omitted[c.Path] = true
			case matches:
				delete(omitted, c.Path)
				ignored[c.Path] = true
			}
		}
	}
	if count > 0 && negated == count {
		for _, c := range changes {
			ignored[c.Path] = true
		}
	}
	for p := range omitted {
		delete(ignored, p)
	}
	return ignored
}

// pnpmTests gives the changed paths that some test-pattern matches.
func pnpmTests(patterns []string, changes []planner.Change) map[string]bool {
	tests := make(map[string]bool)
	for _, p := range patterns {
		g := jsglob.Picomatch(p, jsglob.Options{})
		for _, c := range changes {
			if g.Match(c.Path) {
				tests[c.Path] = true
			}
		}
	}
	return tests
}

// affectedByCatalogs gives the packages that name an entry of a catalog which is not what it was in the baseline.
func (w *Workspace) affectedByCatalogs(ctx context.Context, base Base, packages javascript.Workspace, ignored map[string]bool, changes []planner.Change) (map[int]string, error) {
	isFile := func(c planner.Change) bool { return c.Path == javascript.PnpmFile && !ignored[c.Path] }
	if len(packages.Uses) == 0 || !slices.ContainsFunc(changes, isFile) {
		return nil, nil
	}
	before, err := readCatalogs(ctx, base.Tree)
	if err != nil {
		return nil, err
	}
	now, err := readCatalogs(ctx, w.options.Tree)
	if err != nil {
		return nil, err
	}
	changed := javascript.ChangedCatalogs(before, now)
	affected := make(map[int]string)
	for p, uses := range packages.Uses {
		if slices.ContainsFunc(uses, func(u javascript.CatalogUse) bool { return changed[u] }) {
			affected[p] = javascript.PnpmFile
		}
	}
	return affected, nil
}

// readCatalogs reads the catalogs of a tree. A file that is not there, or does not parse, has none: all entries then
// count as changed.
func readCatalogs(ctx context.Context, r tree.Reader) (*javascript.PnpmConfig, error) {
	look, docs := newLookups(ctx, r, nil), newDocuments(ctx, r, nil)
	c := &javascript.PnpmConfig{}
	if e := look.resolve(root, javascript.PnpmFile).entry; e.Mode.IsFile() {
		if doc := docs.get(e, formPnpm); doc.Pnpm != nil {
			c = doc.Pnpm
		}
	}
	return c, errors.Join(look.err, docs.err)
}

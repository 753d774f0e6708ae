//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// subject is two commits of a repository that are compared.
type subject struct {
	name, dir, base string
}

func (s subject) String() string { return s.name + ", " + s.base }

// measureSizes compares monoplan with git on repositories of the command line, and on generated ones.
func measureSizes(ctx context.Context, l *lab, w io.Writer) error {
	subjects, err := l.subjects(ctx)
	if err != nil {
		return err
	}
	times := &table{columns: []string{
		"repository, from", "files", "changed", "services", "to deploy", "`git diff`", "warm", "10 % to 90 %", "− git", "× git",
		"new head", "× warm", "`git ls-tree`", "cold", "× `ls-tree`",
	}}
	others := &table{columns: []string{
		"repository, from", "warm, git engine", "warm, go-git engine", "cold, go-git engine", "go-git's own diff",
		"processor: `git diff`", "warm", "cold",
		"RSS: warm", "new head", "cold", "warm, go-git", "cold, go-git",
	}}
	for _, s := range subjects {
		l.logf("measuring %s", s)
		if err := l.measureSubject(ctx, s, times, others); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, `Medians in milliseconds of up to %d turns. All commands compare the same two commits. "Warm" is `+"`monoplan changed --format names`"+`
with the snapshot of head in the cache, "new head" has that of the base alone, "cold" is with `+"`--no-cache`"+`; `+"`git diff`"+` is
`+"`git diff --name-only --no-renames`, `git ls-tree` is `git ls-tree -r`"+`.

`, l.turns)
	times.write(w)
	fmt.Fprint(w, "Each engine by itself, in milliseconds; the processor's time of all processes together, in milliseconds; and the largest\nresident set of monoplan's own process, in MB.\n\n")
	others.write(w)
	return nil
}

func (l *lab) subjects(ctx context.Context) ([]subject, error) {
	var subjects []subject
	for _, clone := range l.clones {
		dir, err := filepath.Abs(clone)
		if err != nil {
			return nil, err
		}
		if err := l.register(ctx, dir); err != nil {
			return nil, err
		}
		for _, base := range []string{"HEAD~1", "HEAD~100", "HEAD~1000"} {
			if _, err := l.output(ctx, dir, nil, "git", "rev-parse", "--quiet", "--verify", base); err == nil {
				subjects = append(subjects, subject{filepath.Base(dir), dir, base})
			}
		}
	}
	dir, err := l.hundredThousand(ctx)
	subjects = append(subjects, subject{"S100k", dir, "base"})
	if err == nil {
		dir, err = l.repository(ctx, "S100k-manifests", "-files", "100000", "-services", "2000", "-changes", "100", "-manifests", "10")
		subjects = append(subjects, subject{"S100k, 10 manifests", dir, "base"})
	}
	if err == nil && l.million {
		dir, err = l.oneMillion(ctx)
		subjects = append(subjects, subject{"S1M", dir, "base"})
	}
	return subjects, err
}

func (l *lab) hundredThousand(ctx context.Context) (string, error) {
	return l.repository(ctx, "S100k", "-files", "100000", "-services", "2000", "-changes", "100", "-baselines", "50")
}

func (l *lab) oneMillion(ctx context.Context) (string, error) {
	return l.repository(ctx, "S1M", "-files", "1000000", "-services", "10000", "-libraries", "1000", "-changes", "100", "-checkout=false")
}

// register gives a repository without services a seed.yml that registers its first directories.
func (l *lab) register(ctx context.Context, dir string) error {
	if _, err := l.output(ctx, dir, nil, l.program("monoplan"), "services"); err == nil {
		return nil
	}
	out, err := l.output(ctx, dir, nil, "git", "ls-tree", "-d", "-z", "--name-only", "HEAD")
	if err != nil {
		return err
	}
	text := "services:\n"
	for _, name := range strings.Split(strings.TrimRight(out, "\x00"), "\x00") {
		if !strings.HasPrefix(name, ".") && strings.Count(text, "\n") < 6 {
			text += "  - " + strconv.Quote(name) + "\n"
		}
	}
	return os.WriteFile(filepath.Join(dir, "seed.yml"), []byte(text), 0o666)
}

// runs are monoplan's ways to one answer, and git's beside them.
type runs struct {
	diff, warm, newHead, list, cold    *command
	warmGit                            *command
	ownDiff, warmGoGit, coldGoGit      *command
	files, changed, services, toDeploy int
}

func (r *runs) all() []*command {
	return []*command{r.diff, r.warm, r.newHead, r.list, r.cold, r.warmGit, r.ownDiff, r.warmGoGit, r.coldGoGit}
}

func (l *lab) newRuns(ctx context.Context, s subject) (*runs, error) {
	in := func(words ...string) *command { return &command{label: words[0], dir: s.dir, words: words} }
	changed := func(flags ...string) *command {
		return in(append([]string{l.program("monoplan"), "changed", "--since", s.base, "--format", "names"}, flags...)...)
	}
	r := &runs{
		diff:      in("git", "diff", "--name-only", "--no-renames", s.base, "HEAD"),
		warm:      changed(),
		newHead:   changed(),
		list:      in("git", "ls-tree", "-r", "HEAD"),
		cold:      changed("--no-cache"),
		warmGit:   changed("--git-engine", "git"),
		ownDiff:   in(l.program("gogitdiff"), s.base, "HEAD"),
		warmGoGit: changed("--git-engine", "go-git"),
		coldGoGit: changed("--git-engine", "go-git", "--no-cache"),
	}
	var err error
	if r.newHead.before, err = l.onlyBase(ctx, s); err != nil {
		return nil, err
	}
	for _, c := range []struct {
		n     *int
		words []string
	}{
		{&r.files, []string{"git", "ls-tree", "-r", "-z", "--name-only", "HEAD"}},
		{&r.changed, []string{"git", "diff", "-z", "--name-only", "--no-renames", s.base, "HEAD"}},
		{&r.services, []string{l.program("monoplan"), "changed", "--since", "none", "--format", "names", "-z"}},
		{&r.toDeploy, []string{l.program("monoplan"), "changed", "--since", s.base, "--format", "names", "-z"}},
	} {
		if *c.n, err = l.count(ctx, s.dir, c.words[0], c.words[1:]...); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// onlyBase gives a function that leaves the snapshot of the base, and none else, in the cache. A run of head then puts its
// own beside it. seed.yml is that of the working tree in both cases: with --head it would be the commit's, and another
// snapshot.
func (l *lab) onlyBase(ctx context.Context, s subject) (func() error, error) {
	saved := filepath.Join(l.dir, "saved", s.name+"-"+strings.Map(plainName, s.base))
	cache := cacheOf(s.dir)
	if err := os.RemoveAll(cache); err != nil {
		return nil, err
	}
	args := []string{"changed", "--since", "none", "--head", s.base, "--format", "names"}
	if _, err := os.Stat(filepath.Join(s.dir, "seed.yml")); err == nil {
		// The base's commit has no such file; its tree is planned by way of a linked clone that has it.
		linked := filepath.Join(l.dir, "saved", "worktree")
		if err := l.worktree(ctx, s, linked); err != nil {
			return nil, err
		}
		defer l.output(ctx, s.dir, nil, "git", "worktree", "remove", "--force", linked)
		args = []string{"-C", linked, "changed", "--since", "none", "--format", "names"}
	}
	if _, err := l.output(ctx, s.dir, nil, l.program("monoplan"), args...); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(saved); err != nil {
		return nil, err
	}
	if err := os.CopyFS(saved, os.DirFS(cache)); err != nil {
		return nil, err
	}
	return func() error {
		if err := os.RemoveAll(cache); err != nil {
			return err
		}
		return os.CopyFS(cache, os.DirFS(saved))
	}, nil
}

// worktree makes a linked working tree of the base, without its files, and with the seed.yml of the repository.
func (l *lab) worktree(ctx context.Context, s subject, linked string) error {
	if _, err := l.output(ctx, s.dir, nil, "git", "worktree", "add", "--force", "--no-checkout", "--detach", linked, s.base); err != nil {
		return err
	}
	data, err := os.ReadFile(filepath.Join(s.dir, "seed.yml"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(linked, "seed.yml"), data, 0o666)
}

func plainName(r rune) rune {
	if r == '/' || r == '~' || r == '^' {
		return '-'
	}
	return r
}

func (l *lab) measureSubject(ctx context.Context, s subject, times, others *table) error {
	r, err := l.newRuns(ctx, s)
	if err != nil {
		return err
	}
	if err := l.compare(ctx, r.all()); err != nil {
		return err
	}
	if err := weigh(ctx, []*command{r.warm, r.newHead, r.cold, r.warmGoGit, r.coldGoGit}); err != nil {
		return err
	}
	times.add(s.String(), fmt.Sprint(r.files), fmt.Sprint(r.changed), fmt.Sprint(r.services), fmt.Sprint(r.toDeploy),
		milliseconds(r.diff.median()), "**"+milliseconds(r.warm.median())+"**",
		milliseconds(quantile(r.warm.times, 0.1))+" to "+milliseconds(quantile(r.warm.times, 0.9)),
		milliseconds(r.warm.median()-r.diff.median()), ratio(r.warm.against(r.diff)),
		milliseconds(r.newHead.median()), ratio(r.newHead.against(r.warm)),
		milliseconds(r.list.median()), "**"+milliseconds(r.cold.median())+"**", ratio(r.cold.against(r.list)))
	others.add(s.String(), milliseconds(r.warmGit.median()), milliseconds(r.warmGoGit.median()), milliseconds(r.coldGoGit.median()),
		milliseconds(r.ownDiff.median()),
		milliseconds(quantile(r.diff.cpu, 0.5)), milliseconds(quantile(r.warm.cpu, 0.5)), milliseconds(quantile(r.cold.cpu, 0.5)),
		megabytes(r.warm.peak), megabytes(r.newHead.peak), megabytes(r.cold.peak), megabytes(r.warmGoGit.peak), megabytes(r.coldGoGit.peak))
	return nil
}

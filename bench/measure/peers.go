//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// peer is another program that tells which packages a change concerns.
type peer struct {
	label, program string
	// install are the packages that npm installs for it, of which the first has the program.
	install []string
	args    []string
	env     []string
	// alone is the name of a copy of the repository where the program leaves state of its own.
	alone string
}

var peers = []peer{
	{
		label: "`pnpm ls -r --depth -1 --filter \"...[base]\"`", program: "pnpm", install: []string{"pnpm"}, alone: "packages",
		args: []string{"ls", "-r", "--depth", "-1", "--json", "--filter", "...[base]"},
	},
	{
		label: "`turbo ls --affected`", program: "turbo", install: []string{"turbo"}, alone: "packages",
		args: []string{"ls", "--affected", "--output=json"}, env: []string{"TURBO_SCM_BASE=base", "TURBO_SCM_HEAD=head"},
	},
	{
		label: "`nx show projects --affected`, daemon", program: "nx", install: []string{"nx"}, alone: "packages-nx-daemon",
		args: []string{"show", "projects", "--affected", "--base=base", "--head=head"}, env: []string{"NX_DAEMON=true"},
	},
	{
		label: "`nx show projects --affected`, no daemon", program: "nx", install: []string{"nx"}, alone: "packages-nx",
		args: []string{"show", "projects", "--affected", "--base=base", "--head=head"}, env: []string{"NX_DAEMON=false"},
	},
	{
		label: "`lerna ls --since base --all`", program: "lerna", install: []string{"lerna"}, alone: "packages-lerna",
		args: []string{"ls", "--since", "base", "--all", "--json"}, env: []string{"NX_DAEMON=false"},
	},
}

// quiet keeps the peers from asking, reporting and looking for news.
var quiet = []string{
	"CI=1", "DO_NOT_TRACK=1", "TURBO_TELEMETRY_DISABLED=1", "NX_NO_CLOUD=true", "NO_UPDATE_NOTIFIER=1", "npm_config_update_notifier=false",
}

// measurePeers asks all of them, and monoplan, which of 2,000 packages have to be rebuilt, and checks what each says.
func measurePeers(ctx context.Context, l *lab, w io.Writer) error {
	path, versions, missing := l.installPeers(ctx)
	dir, err := l.packages(ctx, "packages", path)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(filepath.Join(dir, ".git", "expected-packages"))
	if err != nil {
		return err
	}
	expected := strings.Fields(string(data))
	check := func(stdout string) error { return sameNames(stdout, expected) }
	asked, cleanup, err := l.peerCommands(ctx, path, missing)
	defer cleanup()
	if err != nil {
		return err
	}
	var right []*command
	for _, c := range asked {
		c.env, c.check = append(c.env, quiet...), check
		if err := c.begin(ctx); err != nil {
			l.logf("%v", err)
			missing[c.label] = c.label + ", which failed or gave another answer"
			continue
		}
		right = append(right, c)
	}
	changed := []string{l.program("monoplan"), "changed", "--since", "base", "--format", "names"}
	by := func(algorithm string) []string { return append(slices.Clone(changed), "--algorithm", algorithm) }
	commands := append([]*command{
		{label: "`monoplan changed --algorithm pnpm`, warm", dir: dir, words: by("pnpm"), check: check},
		{label: "`monoplan changed --algorithm pnpm --no-cache`", dir: dir, words: append(by("pnpm"), "--no-cache"), check: check},
		{label: "`monoplan changed --algorithm lerna`, warm", dir: dir, words: by("lerna"), check: check},
		{label: "`monoplan changed --algorithm lerna --no-cache`", dir: dir, words: append(by("lerna"), "--no-cache"), check: check},
		{label: "`monoplan changed` by `depends_on`, warm", dir: dir, words: changed, check: check},
		{label: "`monoplan changed --no-cache` by `depends_on`", dir: dir, words: append(changed[:len(changed):len(changed)], "--no-cache"), check: check},
		{label: "`git diff --name-only` (no answer to the question)", dir: dir, words: []string{"git", "diff", "--name-only", "base", "head"}},
	}, right...)
	if err := l.compare(ctx, commands); err != nil {
		return err
	}
	fmt.Fprintf(w, `2,000 packages in a pnpm workspace of 20,000 files, installed, of which 10 have one changed file each. The question to all: which
packages changed between two commits, or depend, directly or not, on one that did. The answer has %d names; that of every program in
the table was compared with what the generator expects, and is the same. monoplan without `+"`--algorithm`"+`
reads the edges from a seed.yml that registers each package with its `+"`depends_on`"+`; with it, as the others, from the packages' manifests.

`, len(expected))
	detail(w, commands)
	fmt.Fprintf(w, "Versions: %s.\n", strings.Join(versions, ", "))
	for _, what := range slices.Sorted(maps.Values(missing)) {
		fmt.Fprintf(w, "\nNot measured: %s.\n", what)
	}
	return nil
}

var packageName = regexp.MustCompile(`@bench/pkg-[0-9]+`)

// sameNames compares the names in an output, in whatever form, with those expected.
func sameNames(stdout string, expected []string) error {
	names := packageName.FindAllString(stdout, -1)
	slices.Sort(names)
	names = slices.Compact(names)
	if !slices.Equal(names, expected) {
		return fmt.Errorf("%d packages, expected are %d:\n%s", len(names), len(expected), stdout)
	}
	return nil
}

// installPeers installs what is not there yet: a Node.js that all of them run on first, then each in a directory of its own. It
// gives the PATH to run them with, their versions, and which cannot be had, by the peer's program.
func (l *lab) installPeers(ctx context.Context) (path string, versions []string, missing map[string]string) {
	missing = map[string]string{}
	path = os.Getenv("PATH")
	if bin, err := l.install(ctx, path, "node", "node@24"); err == nil {
		path = bin + string(os.PathListSeparator) + path
	} else {
		l.logf("taking the Node.js that is there: %v", err)
	}
	for _, p := range peers {
		bin, err := l.install(ctx, path, p.program, p.install...)
		if err != nil {
			l.logf("%v", err)
			missing[p.program] = p.program + ", which npm did not install"
			continue
		}
		if !strings.Contains(path, bin) {
			path += string(os.PathListSeparator) + bin
			versions = append(versions, l.versionOf(ctx, path, p.program))
		}
	}
	return path, append(versions, l.versionOf(ctx, path, "node")), missing
}

func (l *lab) install(ctx context.Context, path, program string, packages ...string) (bin string, err error) {
	dir := filepath.Join(l.dir, "peers", program)
	bin = filepath.Join(dir, "node_modules", ".bin")
	if _, err := os.Stat(filepath.Join(bin, program)); err == nil {
		return bin, nil
	}
	l.logf("installing %s", program)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte("{}\n"), 0o666); err != nil {
		return "", err
	}
	args := append([]string{"install", "--no-audit", "--no-fund", "--loglevel=error"}, packages...)
	_, err = l.output(ctx, dir, []string{"PATH=" + path}, "npm", args...)
	return bin, err
}

func (l *lab) versionOf(ctx context.Context, path, program string) string {
	manifest := filepath.Join(l.dir, "peers", program, "node_modules", program, "package.json")
	out, err := l.output(ctx, l.dir, []string{"PATH=" + path}, "node", "-p", "require(process.argv[1]).version", manifest)
	if err != nil {
		return program + " of unknown version"
	}
	return program + " " + strings.TrimSpace(out)
}

// packages gives the directory of a workspace that pnpm has installed: Nx wants that.
func (l *lab) packages(ctx context.Context, name, path string) (string, error) {
	dir, err := l.repository(ctx, name, "-form", "packages", "-files", "20000", "-services", "2000", "-changes", "10")
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err == nil {
		return dir, nil
	}
	pnpm := filepath.Join(l.dir, "peers", "pnpm", "node_modules", ".bin", "pnpm")
	if _, err := os.Stat(pnpm); err == nil {
		_, err = l.output(ctx, dir, append(quiet, "PATH="+path), pnpm, "install", "--offline", "--frozen-lockfile")
		return dir, err
	}
	return dir, nil
}

// peerCommands gives a command for each peer that is there, in its repository. What they leave running, cleanup ends.
func (l *lab) peerCommands(ctx context.Context, path string, missing map[string]string) (commands []*command, cleanup func(), err error) {
	var last []func()
	cleanup = func() {
		for _, f := range last {
			f()
		}
	}
	for _, p := range peers {
		if missing[p.program] != "" {
			continue
		}
		dir, err := l.packages(ctx, p.alone, path)
		if err != nil {
			return nil, cleanup, err
		}
		env := append(slices.Clone(p.env), "PATH="+path)
		bin := filepath.Join(l.dir, "peers", p.program, "node_modules", ".bin", p.program)
		if p.program == "nx" {
			// Nx wants to be found in the workspace.
			link := filepath.Join(dir, "node_modules", "nx")
			if err := os.Symlink(filepath.Join(l.dir, "peers", "nx", "node_modules", "nx"), link); err != nil && !errors.Is(err, os.ErrExist) {
				return nil, cleanup, err
			}
			last = append(last, func() {
				cmd := exec.Command(bin, "daemon", "--stop")
				cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
				if out, err := cmd.CombinedOutput(); err != nil {
					l.logf("stopping the daemon: %v\n%s", err, out)
				}
			})
		}
		commands = append(commands, &command{label: p.label, dir: dir, env: env, words: append([]string{bin}, p.args...)})
	}
	return commands, cleanup, nil
}

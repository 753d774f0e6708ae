// Command generate makes a monorepo of any size for bench/run, the same bytes for the same flags.
//
// The repository has two commits, tagged base and head, that differ in as many paths as asked for, all of them in
// services or libraries, so that a plan has to tell who is reached and who is not. Services are Python services with a
// serverless.yml, and a pyproject.toml whose Poetry path dependencies lead to libraries, which lead to further ones. With
// -baselines there are releases before base, tagged base-1 (the latest) to base-N.
//
// With -form packages it is a workspace of JavaScript packages instead, as pnpm, Turborepo, Nx and Lerna read it, with a
// seed.yml that says the same to monoplan. Which packages have to be rebuilt, by the edges that the generator made, is in
// the file expected-packages of the git directory.
//
// Everything goes through one git fast-import, so a hundred thousand files take seconds, and a million half a minute.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	s := size{}
	flag.IntVar(&s.files, "files", 100_000, "files in all")
	flag.IntVar(&s.services, "services", 2_000, "services")
	flag.IntVar(&s.libraries, "libraries", 200, "libraries")
	flag.IntVar(&s.changes, "changes", 100, "paths that differ between base and head")
	flag.IntVar(&s.manifests, "manifests", 0, "of these, services' pyproject.toml, which get other dependencies")
	flag.StringVar(&s.shape, "shape", "areas", "where services are: flat (services/x), areas (services/area/x), deep (six directories down) or nested (every fourth in another)")
	flag.IntVar(&s.baselines, "baselines", 0, "releases before base, of ten changes each")
	form := flag.String("form", "services", "services, or packages of a JavaScript workspace")
	flag.Uint64Var(&s.seed, "seed", 1, "seed of all that is random")
	checkout := flag.Bool("checkout", true, "check head out, not only into the index")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: generate [flags] <directory that is not there yet>")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := generate(flag.Arg(0), *form, s, *checkout); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// repository is one before it is written.
type repository interface {
	// write writes the input of git fast-import.
	write(w *bufio.Writer)
	// expected gives the names of the packages that have to be rebuilt, nothing where that is not known.
	expected() []string
}

func newRepository(form string, s size) (repository, error) {
	switch form {
	case "services":
		return newMonorepo(s)
	case "packages":
		return newPackages(s)
	}
	return nil, fmt.Errorf("no form is called %q", form)
}

// generate makes the repository in dir.
func generate(dir, form string, s size, checkout bool) error {
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		return errors.Join(fmt.Errorf("%s is there already", dir), err)
	}
	m, err := newRepository(form, s)
	if err != nil {
		return err
	}
	if err := git("", nil, "init", "--quiet", "--template=", "--initial-branch=main", dir); err != nil {
		return err
	}
	stream, w := io.Pipe()
	go func() {
		out := bufio.NewWriterSize(w, 1<<20)
		m.write(out)
		w.CloseWithError(out.Flush())
	}()
	if err := git(dir, stream, "-c", "pack.compression=1", "fast-import", "--quiet", "--done"); err != nil {
		return err
	}
	if names := m.expected(); names != nil {
		file := filepath.Join(dir, ".git", "expected-packages")
		if err := os.WriteFile(file, []byte(strings.Join(names, "\n")+"\n"), 0o666); err != nil {
			return err
		}
	}
	if !checkout {
		return git(dir, nil, "read-tree", "HEAD")
	}
	return git(dir, nil, "-c", "advice.detachedHead=false", "reset", "--quiet", "--hard")
}

func git(dir string, stdin io.Reader, args ...string) error {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin, cmd.Stderr = dir, stdin, os.Stderr
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("git %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

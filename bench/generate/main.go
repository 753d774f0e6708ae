// Command generate makes a monorepo of any size for bench/run, the same bytes for the same flags.
//
// The repository has two commits, tagged base and head, that differ in as many paths as asked for, all of them in
// services or libraries, so that a plan has to tell who is reached and who is not. Services are Python services with a
// serverless.yml, and a pyproject.toml whose Poetry path dependencies lead to libraries, which lead to further ones.
// Everything goes through one git fast-import, so a hundred thousand files take seconds.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

func main() {
	s := size{}
	flag.IntVar(&s.files, "files", 100_000, "files in all")
	flag.IntVar(&s.services, "services", 2_000, "services")
	flag.IntVar(&s.libraries, "libraries", 200, "libraries")
	flag.IntVar(&s.changes, "changes", 100, "paths that differ between base and head")
	flag.StringVar(&s.shape, "shape", "areas", "where services are: flat (services/x), areas (services/area/x) or nested (every fourth in another)")
	flag.Uint64Var(&s.seed, "seed", 1, "seed of all that is random")
	checkout := flag.Bool("checkout", true, "check head out")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: generate [flags] <directory that is not there yet>")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := generate(flag.Arg(0), s, *checkout); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// generate makes the repository in dir.
func generate(dir string, s size, checkout bool) error {
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		return errors.Join(fmt.Errorf("%s is there already", dir), err)
	}
	m, err := newMonorepo(s)
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
	if !checkout {
		return nil
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

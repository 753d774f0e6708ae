package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A base image is made of Debian's packages, since a machine of tests need not reach a registry of images. It stands for
// the images in which Lambda's own dependencies are built: a Python with its headers, a compiler and git.
const (
	baseSuite    = "bookworm"
	basePackages = "ca-certificates,g++,gcc,git,libc6-dev,make,python3,python3-dev,python3-pip,python3-venv"
	basePython   = "3.11"
	baseGlibc    = "2.36"
)

// dockerEngine gives the variables by which tests find a Docker engine and a base image in it. An engine that answers is
// taken as it is; else one is installed and started, which is stop's to end. That happens only where CI=true, or where
// MONOPLAN_TEST_DOCKER asks for it: it needs root, and downloads some 300 MB once.
func (c *checker) dockerEngine() (env []string, stop func(), err error) {
	stop = func() {}
	if !c.ci && os.Getenv("MONOPLAN_TEST_DOCKER") == "" {
		return nil, stop, errors.New("set MONOPLAN_TEST_DOCKER=1 to use Docker, and to install and start it where none answers (CI=true does)")
	}
	if !c.dockerAnswers() {
		if stop, err = c.startDocker(); err != nil {
			return nil, stop, err
		}
	}
	image, err := c.baseImage()
	if err != nil {
		return nil, stop, fmt.Errorf("the base image: %w", err)
	}
	for program, of := range map[string][2]string{
		"docker-registry": {"docker-registry", "a registry of images"},
		"sshd":            {"openssh-server", "an engine behind ssh"},
	} {
		if err := c.aptInstall(map[string]string{program: of[0]}); err != nil {
			fmt.Printf("NOT TESTED with %s: %v\n", of[1], err)
		}
	}
	return []string{
		"MONOPLAN_TEST_DOCKER_BASE=" + image,
		"MONOPLAN_TEST_DOCKER_PYTHON=" + basePython,
		"MONOPLAN_TEST_DOCKER_GLIBC=" + baseGlibc,
	}, stop, nil
}

func (c *checker) dockerAnswers() bool {
	_, err := c.output(nil, "docker", "version", "--format", "{{.Server.Version}}")
	return err == nil
}

// aptInstall installs what is missing of some programs, from the packages that have them.
func (c *checker) aptInstall(packages map[string]string) error {
	var missing []string
	for program, name := range packages {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if os.Getuid() != 0 {
		return fmt.Errorf("%s: not installed, and only root can install it", strings.Join(missing, ", "))
	}
	for _, args := range [][]string{{"update", "-qq"}, append([]string{"install", "-qq", "-y", "--no-install-recommends"}, missing...)} {
		if out, err := c.output([]string{"DEBIAN_FRONTEND=noninteractive"}, "apt-get", args...); err != nil {
			return fmt.Errorf("apt-get %s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return nil
}

// enginePatience is how long an engine may take to answer after its start, and to end.
const enginePatience = 60 * time.Second

// startDocker installs an engine where there is none, and starts it.
func (c *checker) startDocker() (stop func(), err error) {
	stop = func() {}
	if err := c.aptInstall(map[string]string{"dockerd": "docker.io", "docker": "docker.io", "iptables": "iptables"}); err != nil {
		return stop, err
	}
	if c.dockerAnswers() {
		return stop, nil // its package has started it
	}
	log, err := os.CreateTemp("", "monoplan-dockerd-*.log")
	if err != nil {
		return stop, err
	}
	defer log.Close()
	// Not bound to the checker's context, which would kill it: an engine that is killed leaves its containers behind.
	cmd := exec.Command("dockerd")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return stop, errors.Join(err, os.Remove(log.Name()))
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	stop = func() { stopEngine(cmd, ended, log.Name()) }
	ctx, cancel := context.WithTimeout(c.ctx, enginePatience)
	defer cancel()
	for !c.dockerAnswers() {
		select {
		case err := <-ended:
			said, _ := os.ReadFile(log.Name())
			ended <- err
			return stop, fmt.Errorf("dockerd ended: %w\n%s", err, lastLines(string(said), 20))
		case <-ctx.Done():
			return stop, fmt.Errorf("dockerd does not answer: %w", ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
	return stop, nil
}

// stopEngine ends an engine, and says so where it does not.
func stopEngine(cmd *exec.Cmd, ended <-chan error, log string) {
	_ = cmd.Process.Signal(os.Interrupt) // one that has ended by itself needs none
	select {
	case <-ended:
		_ = os.Remove(log) // in the directory for temporary files in any case
	case <-time.After(enginePatience):
		fmt.Printf("dockerd (process %d) does not end: see %s\n", cmd.Process.Pid, log)
	}
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// baseImage gives the name of the base image, made once and kept: in the engine, and as an archive in the user's cache,
// from which any engine gets it.
func (c *checker) baseImage() (string, error) {
	sum := sha256.Sum256([]byte(baseSuite + " " + basePackages))
	version := baseSuite + "-" + hex.EncodeToString(sum[:6])
	image := "monoplan-test/base:" + version
	if _, err := c.output(nil, "docker", "image", "inspect", image); err == nil {
		return image, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	archive := filepath.Join(cache, "monoplan-test", "base-"+version+".tar.gz")
	if _, err := os.Stat(archive); err != nil {
		if err := c.makeBase(archive); err != nil {
			return "", err
		}
	}
	if out, err := c.output(nil, "docker", "import", archive, image); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return image, nil
}

// makeBase installs the packages into a directory, and packs that. The archive appears when it is whole.
func (c *checker) makeBase(archive string) error {
	if err := c.aptInstall(map[string]string{"debootstrap": "debootstrap"}); err != nil {
		return err
	}
	mirror, err := c.debianArchive()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(archive), 0o777); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "monoplan-base-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	root := filepath.Join(work, "root")
	if out, err := c.output(nil, "debootstrap", "--variant=minbase", "--include="+basePackages, baseSuite, root, mirror); err != nil {
		return fmt.Errorf("debootstrap: %w\n%s", err, lastLines(out, 20))
	}
	part := archive + ".part"
	out, err := c.output([]string{"GZIP=-1"}, "tar", "-C", root, "--numeric-owner", "--exclude=./var/cache/apt/archives/*.deb", "--exclude=./var/lib/apt/lists/*",
		"-czf", part, ".")
	if err != nil {
		return errors.Join(fmt.Errorf("%w\n%s", err, out), os.Remove(part))
	}
	return os.Rename(part, archive)
}

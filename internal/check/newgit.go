package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// A git of Debian's current release, in source: a machine with an older release has no package of it, and building it
// takes less than a minute. apt checks the signature with the keys that the machine has.
const newerSuite = "trixie"

// newerList is the source list for that release, from the archive that the machine's own apt is set up with.
func (c *checker) newerList() (string, error) {
	uri, err := c.debianArchive()
	return "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] " + uri + " " + newerSuite + " main\n", err
}

// debianArchive is the archive of Debian's packages that the machine's own apt is set up with.
func (c *checker) debianArchive() (string, error) {
	out, err := c.output(nil, "apt-get", "indextargets", "--format", "$(REPO_URI)")
	if err != nil {
		return "", fmt.Errorf("asking apt for its archives: %w\n%s", err, out)
	}
	for uri := range strings.FieldsSeq(out) {
		if strings.HasSuffix(strings.TrimSuffix(uri, "/"), "/debian") {
			return uri, nil
		}
	}
	return "", errors.New("apt has no archive of Debian's")
}

// newerGit gives the directory of a git that can make every kind of repository, built from source into the user's cache
// where it is not there yet. That happens only where CI=true, or where MONOPLAN_NEWER_GIT asks for it: it downloads
// 20 MB.
func (c *checker) newerGit() (string, error) {
	if !c.ci && os.Getenv("MONOPLAN_NEWER_GIT") == "" {
		return "", errors.New("set MONOPLAN_NEWER_GIT=1 to download and build one (CI=true does)")
	}
	for _, tool := range []string{"apt-get", "make", "tar", "xz"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", fmt.Errorf("it would be built from Debian's source: %w", err)
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	prefix := filepath.Join(cache, "monoplan-test", "git-"+newerSuite)
	bin := filepath.Join(prefix, "bin")
	if _, err := os.Stat(filepath.Join(bin, "git")); err == nil {
		return bin, nil
	}
	work, err := os.MkdirTemp("", "monoplan-git-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	source, err := c.gitSource(work)
	if err != nil {
		return "", err
	}
	return bin, c.buildGit(source, prefix)
}

// gitSource downloads git's source with apt, whose own state is left alone, and unpacks it.
func (c *checker) gitSource(work string) (string, error) {
	if err := os.MkdirAll(filepath.Join(work, "lists", "partial"), 0o777); err != nil {
		return "", err
	}
	sources, err := c.newerList()
	if err != nil {
		return "", err
	}
	list := filepath.Join(work, "sources.list")
	if err := os.WriteFile(list, []byte(sources), 0o666); err != nil {
		return "", err
	}
	// Only the archive is wanted: dpkg-source, which would unpack and patch it, is not on every machine.
	const fetch = `cd "$1" && shift && apt-get -q "$@" update && apt-get -q "$@" source --download-only git && mkdir git && tar -C git --strip-components=1 -xf git_*.orig.tar.xz`
	out, err := c.output(nil, "sh", "-c", fetch, "sh", work,
		"-o", "Dir::Etc::SourceList="+list, "-o", "Dir::Etc::SourceParts=/dev/null",
		"-o", "Dir::State::Lists="+filepath.Join(work, "lists"), "-o", "Dir::Cache="+filepath.Join(work, "cache"),
		"-o", "APT::Sandbox::User=root")
	if err != nil {
		return "", fmt.Errorf("git's source: %w\n%s", err, out)
	}
	return filepath.Join(work, "git"), nil
}

// buildGit builds no more of git than the tests use, and installs it whole or not at all.
func (c *checker) buildGit(source, prefix string) error {
	staged := filepath.Join(filepath.Dir(source), "staged")
	args := []string{"-C", source, "-s", "-j" + strconv.Itoa(runtime.NumCPU()), "CFLAGS=-O1", "prefix=" + prefix, "DESTDIR=" + staged}
	for _, part := range strings.Fields("OPENSSL CURL EXPAT TCLTK GETTEXT PERL PYTHON") {
		args = append(args, "NO_"+part+"=1")
	}
	if out, err := c.output(nil, "make", append(args, "install")...); err != nil {
		return fmt.Errorf("building git (which needs a C compiler and zlib's headers): %w\n%s", err, out)
	}
	if err := os.MkdirAll(filepath.Dir(prefix), 0o777); err != nil {
		return err
	}
	// The cache can be on another file system than the temporary directory.
	if out, err := c.output(nil, "cp", "-R", filepath.Join(staged, prefix), prefix); err != nil {
		return errors.Join(fmt.Errorf("%w\n%s", err, out), os.RemoveAll(prefix))
	}
	return nil
}

// Package target describes the machine that an artifact is for: which Python, which processor, which C library.
//
// It is never the machine that monoplan runs on. Markers and tags are about a machine, and asking the host instead is how an arm64 function
// comes to be shipped with the wheels of an amd64 laptop: so what they need to know comes from a value of this package, and from
// nowhere else.
package target

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/monoplan/monoplan/internal/python/marker"
	"github.com/monoplan/monoplan/internal/python/tag"
)

// Target is a machine with Linux and CPython. Targets are comparable.
type Target struct {
	// Python is the version, "3.12" or "3.12.4".
	Python string
	// Architecture is the processor, by AWS's word: "x86_64" or "arm64".
	Architecture string
	Libc         Libc
}

// Libc is a C library and its version.
type Libc struct {
	Musl         bool // musl; else glibc
	Major, Minor int
}

// String gives "glibc 2.34".
func (l Libc) String() string {
	name := "glibc"
	if l.Musl {
		name = "musl"
	}
	return fmt.Sprintf("%s %d.%d", name, l.Major, l.Minor)
}

// The minor versions of Python 3 that can be packaged for.
const oldestMinor, newestMinor = 9, 14

// Lambda gives the target of an AWS Lambda runtime: Amazon Linux 2 (glibc 2.26) up to Python 3.11, Amazon Linux 2023 (glibc 2.34) from 3.12.
// Which runtime has which system is in the AWS Lambda Developer Guide ("Building Lambda functions with Python",
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html), and the newer one's glibc in the Amazon Linux 2023 User Guide
// ("Core toolchain packages", https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html).
func Lambda(python, architecture string) (Target, error) {
	t := Target{Python: python, Architecture: architecture, Libc: Libc{Major: 2, Minor: 34}}
	minor, _, err := t.version()
	if err != nil {
		return Target{}, err
	}
	if minor < 12 {
		t.Libc.Minor = 26
	}
	return t, t.Check()
}

// Check reports what of a target is not known here.
func (t Target) Check() error {
	minor, _, err := t.version()
	switch {
	case err != nil:
		return err
	case minor < oldestMinor || minor > newestMinor:
		return fmt.Errorf("python %s is not one of 3.%d to 3.%d", t.Python, oldestMinor, newestMinor)
	case t.machine() == "":
		return fmt.Errorf("architecture %q is not one of x86_64, arm64", t.Architecture)
	case t.Libc.Musl && (t.Libc.Major != 1 || t.Libc.Minor < 0), !t.Libc.Musl && (t.Libc.Major != 2 || t.Libc.Minor < 5):
		return fmt.Errorf("%s is not a C library that wheels are made for", t.Libc)
	}
	return nil
}

// String gives "python3.12 x86_64 glibc 2.34".
func (t Target) String() string {
	return fmt.Sprintf("python%s %s %s", t.Python, t.Architecture, t.Libc)
}

// version gives the minor version of Python 3, and the patch level or -1.
func (t Target) version() (minor, patch int, err error) {
	parts := strings.Split(t.Python, ".")
	patch = -1
	ok := (len(parts) == 2 || len(parts) == 3) && parts[0] == "3" && readNumber(parts[1], &minor)
	if ok && len(parts) == 3 {
		ok = readNumber(parts[2], &patch)
	}
	if !ok {
		return 0, 0, fmt.Errorf("python %q is not a version like 3.12", t.Python)
	}
	return minor, patch, nil
}

func minorVersion(minor int) string { return fmt.Sprintf("3.%d", minor) }

func readNumber(text string, n *int) bool {
	if text == "" || strings.Trim(text, "0123456789") != "" || len(text) > 1 && text[0] == '0' {
		return false
	}
	var err error
	*n, err = strconv.Atoi(text)
	return err == nil
}

// machine is the architecture by Python's word, or empty.
func (t Target) machine() string {
	switch t.Architecture {
	case "x86_64":
		return "x86_64"
	case "arm64":
		return "aarch64"
	}
	return ""
}

// patchLevel is the patch release that Lambda's runtimes had reached at the least when this was written. They only move on, and markers
// about patch releases are about bugs of early ones.
func patchLevel(minor int) int {
	switch minor {
	case 9:
		return 23
	case 10:
		return 18
	case 11:
		return 13
	case 12:
		return 11
	case 13:
		return 7
	default:
		return 0
	}
}

// newestPatch is beyond the patch releases that any minor version of Python gets.
const newestPatch = 40

// Releases gives the full versions that the target's Python may have, oldest first: the one that it says, or what Lambda's runtimes had
// reached at the least and those to come.
func (t Target) Releases() []string {
	minor, patch, err := t.version()
	if err != nil {
		return nil
	}
	if patch >= 0 {
		return []string{t.Python}
	}
	var all []string
	for patch = patchLevel(minor); patch <= newestPatch; patch++ {
		all = append(all, fmt.Sprintf("%s.%d", t.Python, patch))
	}
	return all
}

// Environment gives what markers see on the target, without extras and groups. Of the kernel nothing is known: its release and version
// are empty.
func (t Target) Environment() marker.Environment {
	minor, patch, err := t.version()
	if err != nil {
		return marker.Environment{}
	}
	if patch < 0 {
		patch = patchLevel(minor)
	}
	full := fmt.Sprintf("3.%d.%d", minor, patch)
	return marker.Environment{
		OSName:                       "posix",
		SysPlatform:                  "linux",
		PlatformMachine:              t.machine(),
		PlatformPythonImplementation: "CPython",
		PlatformSystem:               "Linux",
		PythonVersion:                minorVersion(minor),
		PythonFullVersion:            full,
		ImplementationName:           "cpython",
		ImplementationVersion:        full,
	}
}

// Tags gives the tags of the wheels that the target takes, best first, in the order that pip has there.
func (t Target) Tags() []tag.Tag {
	minor, _, err := t.version()
	if err != nil {
		return nil
	}
	if t.Libc.Musl {
		return tag.CPython(minor, tag.Musllinux(t.Libc.Minor, t.machine()))
	}
	return tag.CPython(minor, tag.Manylinux(t.Libc.Minor, t.machine()))
}

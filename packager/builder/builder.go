// Package builder makes wheels of what no index has a fitting wheel of: path dependencies, git and url sources, source
// distributions.
//
// A build runs a stranger's code, and what it makes depends on the machine it runs on. So it is kept apart from all
// else that packaging does: it gets a source and gives one wheel, and what a wheel is taken for is decided by who
// asked, who normalises it, looks at its shared objects and remembers it by what went into it. A builder need not be
// right about that, only do what PEP 517 says: install what [build-system] requires into an environment of its own, and
// call the backend.
//
// Where that happens is what the builders differ in. The one in package docker runs the backend in a container, which is
// like the target; Local runs it here, with a Python of this machine; None builds nothing, for those who want to know
// beforehand that nothing has to be built. One suite of tests runs over all.
//
// Pins keep the common backends at one version, since the newest one of the day would make another wheel of the same
// source.
package builder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"
)

// Builder makes wheels. It is safe for concurrent use, and is closed by who made it.
type Builder interface {
	// Name is the builder's name, as seed.yml has it.
	Name() string
	// Accept tells whether all of these can be built at all, before anything is done for the first of them. The error
	// is a *RefusedError or an *UnfitError.
	Accept(ctx context.Context, builds []Build) error
	// Identity names what of the builder decides the bytes of a wheel that is not Pure, such as an image.
	Identity(ctx context.Context, b Build) (string, error)
	// Build makes one wheel, and gives its path, in b.Out. A backend that fails is a *BackendError.
	Build(ctx context.Context, b Build) (string, error)
	// Close ends and removes what builds have in common.
	Close() error
}

// Build is one wheel to be made.
type Build struct {
	// Name and Version are the package's, as the lock has them; a version control backend is told the version.
	Name, Version string
	// Why says what makes the build necessary, such as "path dependency libs/core".
	Why string
	// Python is the target's version, "3.12", and Architecture its processor, "x86_64" or "arm64".
	Python, Architecture string
	// Pure says that the wheel is the same whatever Python and machine it is built with.
	Pure bool
	// Image names the image of a container to build in, and BaseImage the one that such an image is made from; both may be
	// empty. Builders that have no images do not look.
	Image, BaseImage string
	// Source gives the files to build from.
	Source Source
	// Project is the directory of the source that holds the project, with slashes; "." for its top.
	Project string
	// Out is an existing directory for the wheel, empty; Temp is one for what is removed afterwards.
	Out, Temp string
	// Fetch gives the path of a tool's wheel, whose bytes have the tool's hash. It may be nil: then builds do without.
	Fetch func(ctx context.Context, t Tool) (string, error)
	// Log takes what is written while it is built.
	Log io.Writer
}

// String gives "core 1.0 (path dependency libs/core)".
func (b Build) String() string {
	return strings.TrimSpace(b.Name+" "+b.Version) + " (" + b.Why + ")"
}

// Source calls yield with each file of a tree. Content is valid until yield returns.
type Source func(ctx context.Context, yield func(File) error) error

// File is a file of a source.
type File struct {
	// Name is a path with slashes, relative to the source's top.
	Name string
	// Mode is that of a regular file, executable or not, or fs.ModeSymlink.
	Mode fs.FileMode
	// Link is where a symbolic link points.
	Link string
	// Content is a regular file's.
	Content io.Reader
}

// RefusedError says that a builder builds nothing, with what would have to be built.
type RefusedError struct {
	Builder string
	Builds  []Build
}

func (e *RefusedError) Error() string {
	var names []string
	for _, b := range e.Builds {
		names = append(names, b.String())
	}
	return fmt.Sprintf("builder %s builds nothing, and these would have to be built: %s", e.Builder, strings.Join(names, ", "))
}

// UnfitError says why this machine cannot build what it was asked for.
type UnfitError struct {
	Builder string
	Build   Build
	Reason  string
}

func (e *UnfitError) Error() string {
	return fmt.Sprintf("builder %s cannot build %s: %s", e.Builder, e.Build, e.Reason)
}

// BackendError is a build that failed.
type BackendError struct {
	Build Build
	// Step is what failed, in words: installing the build requirements, which Installing says it was, or a hook of the backend.
	Step       string
	Installing bool
	Err        error
	// Tail is the end of what was written to the log.
	Tail string
}

func (e *BackendError) Error() string {
	text := fmt.Sprintf("building %s: %s: %v", e.Build, e.Step, e.Err)
	if e.Tail != "" {
		text += "\n" + e.Tail
	}
	return text
}

func (e *BackendError) Unwrap() error { return e.Err }

// TimeoutError is a build that was ended because it took too long.
type TimeoutError struct{ After time.Duration }

func (e *TimeoutError) Error() string { return fmt.Sprintf("it was ended after %s", e.After) }

// ErrNoWheel is a backend that says it made a wheel, and did not.
var ErrNoWheel = errors.New("the backend left no wheel")

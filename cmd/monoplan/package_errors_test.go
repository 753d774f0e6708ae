package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/packager"
	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/builder/docker"
	"github.com/monoplan/monoplan/packager/closure"
)

// What helps is said by the flags that the command has, and that are the cause.
func TestHintsOfPackaging(t *testing.T) {
	unreachable := &builder.BackendError{Step: "installing setuptools", Installing: true, Err: errors.New("exit status 1")}
	failing := &builder.BackendError{Step: "build_wheel", Err: errors.New("exit status 1")}
	full := fmt.Errorf("posts: %w", &os.PathError{Op: "write", Path: "posts.zip", Err: syscall.ENOSPC})
	online, offline := &packaging{}, &packaging{options: packageOptions{offline: true}}
	for name, c := range map[string]struct{ got, want string }{
		"requirements of a build":          {online.hint(unreachable), "PIP_INDEX_URL"},
		"requirements of a build, offline": {offline.hint(errors.Join(errors.New("other"), unreachable)), "--offline keeps pip and uv from the network"},
		"a build, offline":                 {offline.hint(failing), "end of the build's own output"},
		"a full disk":                      {online.hint(full), "--output"},
		"a wheel of another name":          {online.hint(&packager.BuiltError{Renamed: true}), "the name that it is locked under"},
		"a wheel that does not fit":        {online.hint(&packager.BuiltError{}), "a machine like the target"},
		"requirements at a URL":            {online.hint(&lockfile.URLFileError{}), "commit the file"},
		"a group that is not there":        {online.hint(&closure.UnknownNameError{Known: []string{"dev"}}) + "none", "none"},
		"a library that is gone":           {online.hint(&packager.GoneError{}), "lock again"},
		"a file to leave out":              {online.hint(&packager.StageError{Optional: true}), "exclude:"},
		"a full engine":                    {online.hint(&docker.SpaceError{}), "docker system prune"},
	} {
		if !strings.Contains(c.got, c.want) {
			t.Errorf("%s: %q, want %q", name, c.got, c.want)
		}
	}
	if hint := online.hint(&packager.StageError{}); hint != "" {
		t.Errorf("what cannot be left out: %q", hint)
	}
	if hint := hintFor(full); hint != makeRoom {
		t.Errorf("a full disk of a command without artifacts: %q", hint)
	}
}

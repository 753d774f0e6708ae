package builder

import (
	"os"
	"testing"

	"github.com/monoplan/monoplan/internal/dockertest"
	"github.com/monoplan/monoplan/packager/builder/pep517"
)

// HostPython gives the version of this machine's python3.
func HostPython(t *testing.T) string {
	t.Helper()
	i := &interpreters{env: pep517.CleanEnvironment(os.Environ()), tried: map[string]string{}}
	p, ok := i.find(t.Context(), "none", true)
	if !ok {
		dockertest.Missing(t, "there is no Python from 3.9 on in PATH")
	}
	return p.version
}

// ToolsFor is toolsFor, for tests from outside.
var ToolsFor = toolsFor

// Environments gives how many environments a builder made.
func Environments(l *Local) int { return len(l.environments) }

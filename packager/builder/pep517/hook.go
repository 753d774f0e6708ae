package pep517

import (
	_ "embed" // for hook.py
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/monoplan/monoplan/internal/python/buildsystem"
)

// Program calls one hook. A Request comes on its standard input; it is run with the environment's Python, in the
// project's directory, and from a file in a directory of its own: that comes first in sys.path, where the project must
// not.
//
//go:embed hook.py
var Program string

// The hooks, by their names in a Request.
const (
	Requires = "requires"
	Wheel    = "wheel"
)

// HookName gives the name that PEP 517 has for a hook.
func HookName(hook string) string {
	if hook == Requires {
		return "get_requires_for_build_wheel"
	}
	return "build_wheel"
}

// Request says which hook is called: out is the directory of the wheel, and result the file for what the hook returns,
// as JSON. Both are paths where the hook runs.
func Request(hook string, system buildsystem.System, out, result string) []byte {
	data, _ := json.Marshal(map[string]any{ // strings always have a JSON
		"hook": hook, "backend": system.Backend, "path": append([]string{}, system.Path...), "out": out, "result": result,
	})
	return data
}

// CheckWheelName reports what is wrong with the name that build_wheel returned.
func CheckWheelName(name string) error {
	if name == "" || path.Base(name) != name || strings.ContainsRune(name, '\\') || !strings.HasSuffix(name, ".whl") {
		return fmt.Errorf("it says %q", name)
	}
	return nil
}

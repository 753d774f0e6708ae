package pep517

import (
	_ "embed" // for hook.py
	"encoding/json"
	"fmt"
	"path"
	"strings"
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
	// Both is Requires, and Wheel where nothing more is required for it.
	Both = "both"
)

// HookName gives the name that PEP 517 has for a hook.
func HookName(hook string) string {
	if hook == Requires {
		return "get_requires_for_build_wheel"
	}
	return "build_wheel"
}

// Request says which hook of a backend is called: searched are directories that its modules are looked for in first, out
// is the directory of the wheel, and result the file for what the hook returns, as JSON. All are paths where the hook runs.
func Request(hook, backend string, searched []string, out, result string) []byte {
	data, _ := json.Marshal(map[string]any{ // strings always have a JSON
		"hook": hook, "backend": backend, "path": append([]string{}, searched...), "out": out, "result": result,
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

package builder

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/packager/builder/pep517"
)

// A virtual environment takes a second or two to make, and a backend that only collects files a tenth of one to call. So the
// backends of this kind that are common are called without: their wheels, which are pure Python and need no more than each
// other, are fetched as an artifact's are, by their hashes, and lie unpacked on the path of a bare interpreter. What is
// not known so well, or does not work so, goes the long way.

// Tool is a wheel of pure Python that builds others.
type Tool struct {
	Name, Version string
	// File is the wheel's name, and SHA256 its hash in hexadecimal digits.
	File, SHA256 string
}

// tools gives the wheels that a pinned backend consists of, none for one that is not known so well. All run on Python 3.9.
func tools(name, version string) []Tool {
	switch name + " " + version {
	case "poetry-core 2.1.3":
		return []Tool{tool(name, version, "2c704f05016698a54ca1d327f46ce2426d72eaca6ff614132c8477c292266771")}
	case "poetry-core 1.9.1":
		return []Tool{tool(name, version, "6f45dd3598e0de8d9b0367360253d4c5d4d0110c8f5c71120a14f0e0f116c1a0")}
	case "flit-core 3.12.0":
		return []Tool{tool(name, version, "e7a0304069ea895172e3c7bb703292e992c5d1555dd1233ab7b5621b5b69e62c")}
	case "hatchling 1.27.0":
		return []Tool{
			tool(name, version, "d3a2f3567c4f926ea39849cdf924c7e99e6686c9c8e288ae1037c8fa2a5d937b"),
			tool("packaging", "26.3", "d7193f7c8e4e93f444fde0262bf90af30e16fa0ad0ad44cb553c87339b23cd1c"),
			tool("pathspec", "0.12.1", "a0d503e138a4c123b27490a4f7beda6a01c6f288df0e4a8b79c7eb0dc7b4cc08"),
			tool("pluggy", "1.6.0", "e920276dd6813095e9377c0bc5566d94c932c33b27a3e3945d8389c374dd4746"),
			tool("tomli", "2.2.1", "cb55c73c5f4408779d0cf3eef9f762b9c9f147a77de7b258bef0a5628adc85cc"), // for Pythons before 3.11
			tool("trove-classifiers", "2026.9.21.13", "8b1ff4f9c191b1040b71c37f1e445ab99732911e3cd91de52838453a854d7a17"),
		}
	}
	return nil
}

func tool(name, version, sum string) Tool {
	return Tool{name, version, fmt.Sprintf("%s-%s-py3-none-any.whl", strings.ReplaceAll(name, "-", "_"), version), sum}
}

// toolsFor gives the wheels that stand for a project's build requirements; none where these ask for more than a pinned
// backend.
func toolsFor(requires []string) []Tool {
	pinned := pep517.Constraints(requires)
	if len(requires) != 1 || len(pinned) != 1 || strings.ContainsAny(requires[0], "[;@") {
		return nil
	}
	name, version, _ := strings.Cut(pinned[0], "==")
	return tools(python.NormalizeName(name), version)
}

// toolbox is a directory with tools, unpacked once for all builds.
type toolbox struct {
	dir  string
	once sync.Once
	err  error
}

// errNoTools says that a project's backend is not one that is called without an environment.
var errNoTools = errors.New("the backend wants an environment")

// tools fetches and unpacks what a project's build requirements stand for.
func (l *Local) tools(ctx context.Context, r *run) (*toolbox, error) {
	wanted := toolsFor(r.system.Requires)
	if !r.system.Pure || r.build.Fetch == nil || wanted == nil {
		return nil, errNoTools
	}
	l.mu.Lock()
	box := l.toolboxes[wanted[0]]
	if box == nil {
		box = &toolbox{dir: filepath.Join(l.temp, "tools-"+wanted[0].SHA256[:16])}
		l.toolboxes[wanted[0]] = box
	}
	l.mu.Unlock()
	box.once.Do(func() { box.err = box.fill(ctx, r, wanted) })
	return box, box.err
}

func (b *toolbox) fill(ctx context.Context, r *run, wanted []Tool) error {
	for _, t := range wanted {
		file, err := r.build.Fetch(ctx, t)
		if err != nil {
			return err
		}
		if err := unpackTool(file, b.dir); err != nil {
			return err
		}
	}
	return nil
}

func unpackTool(file, dir string) error {
	wheel, err := zip.OpenReader(file)
	if err != nil {
		return err
	}
	defer wheel.Close()
	return os.CopyFS(dir, wheel)
}

// wheelByTools calls a project's backend in a bare interpreter, both of its hooks at once: what one leaves behind in the process
// is the backend's own, since nothing of the project runs.
func (r *run) wheelByTools(ctx context.Context, l *Local, python interpreter) (string, error) {
	box, err := l.tools(ctx, r)
	if err != nil {
		return "", err
	}
	var made struct {
		Requires []string
		Wheel    string
	}
	// What compiles once for all builds is the backend; the project is not imported.
	settings := []string{"PYTHONDONTWRITEBYTECODE="}
	if err := r.call(ctx, []string{python.path, "-S"}, settings, pep517.Both, []string{box.dir}, &made); err != nil {
		return "", err
	}
	if len(made.Requires) > 0 {
		return "", errNoTools
	}
	return r.check(made.Wheel)
}

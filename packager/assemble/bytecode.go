package assemble

import (
	"bytes"
	"context"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/packager/archive"
)

// Compiler makes bytecode of modules.
type Compiler interface {
	// Tag is the part of a compiled file's name that says for which Python it is (PEP 3147): "cpython-312".
	Tag() string
	// Compile gives the bytecode file of a source that will be at path when it runs, or nil where the source has an
	// error of syntax: packages have modules for other Pythons that are never imported.
	Compile(ctx context.Context, path string, source io.Reader) ([]byte, error)
}

// compile adds the bytecode of every module, in the place of any that a wheel brought. It all has to be there before
// the archive is written, since nobody knows sooner which modules have one.
func (c *contents) compile(ctx context.Context, spec Spec, temporary *scratch) error {
	c.items = slices.DeleteFunc(c.items, func(i item) bool { return path.Ext(i.path) == ".pyc" })
	owners := make(map[string]int)
	made, err := temporary.archive(func(w io.Writer) error {
		out, packer := archive.NewWriter(w), &archive.Packer{Dir: spec.Temp}
		for _, i := range c.items {
			if path.Ext(i.path) != ".py" || strings.HasPrefix(i.path, "bin/") {
				continue
			}
			name := compiledPath(i.path, spec.Compile.Tag())
			owners[name] = i.owner
			if err := compileItem(ctx, spec, i, out, packer, name); err != nil {
				return err
			}
		}
		return out.Close()
	})
	if err != nil {
		return err
	}
	for _, e := range made.Entries {
		c.items = append(c.items, item{e.Name, false, owners[e.Name], copied{made, e}})
	}
	slices.SortFunc(c.items, func(a, b item) int { return strings.Compare(a.path, b.path) })
	return nil
}

// compileItem writes the bytecode of a module, if it has one.
func compileItem(ctx context.Context, spec Spec, i item, out *archive.Writer, packer *archive.Packer, name string) error {
	content, err := i.source.open()
	if err != nil {
		return err
	}
	defer content.Close()
	bytecode, err := spec.Compile.Compile(ctx, root(spec)+i.path, content)
	if err != nil || bytecode == nil {
		return err
	}
	packed, err := packer.Pack(bytes.NewReader(bytecode))
	if err != nil {
		return err
	}
	defer packed.Close()
	return out.Add(name, false, packed)
}

// root is the directory that Lambda unpacks an archive to, with what it has below that for Python.
func root(spec Spec) string {
	if spec.Layer {
		return "/opt/" + prefix(spec)
	}
	return "/var/task/"
}

// compiledPath is where Python looks for the bytecode of a module (PEP 3147).
func compiledPath(source, tag string) string {
	directory, file := path.Split(source)
	return directory + "__pycache__/" + strings.TrimSuffix(file, ".py") + "." + tag + ".pyc"
}

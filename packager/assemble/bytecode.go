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
// the archive is written, since nobody knows sooner which modules have one; so it is kept compressed.
func (c *contents) compile(ctx context.Context, spec Spec) error {
	c.items = slices.DeleteFunc(c.items, func(i item) bool { return path.Ext(i.path) == ".pyc" })
	packer := &archive.Packer{Dir: spec.Temp}
	var added []item
	for _, i := range c.items {
		if path.Ext(i.path) != ".py" || strings.HasPrefix(i.path, "bin/") {
			continue
		}
		bytecode, err := compileItem(ctx, spec, i)
		if err != nil {
			return err
		}
		if bytecode == nil {
			continue
		}
		packed, err := packer.Pack(bytes.NewReader(bytecode))
		if err != nil {
			return err
		}
		added = append(added, item{compiledPath(i.path, spec.Compile.Tag()), false, i.owner, packedContent{packed}})
	}
	c.items = append(c.items, added...)
	slices.SortFunc(c.items, func(a, b item) int { return strings.Compare(a.path, b.path) })
	return nil
}

func compileItem(ctx context.Context, spec Spec, i item) ([]byte, error) {
	content, err := i.source.open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return spec.Compile.Compile(ctx, root(spec)+i.path, content)
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

// packedContent is content that was compressed before.
type packedContent struct{ packed *archive.Packed }

func (p packedContent) open() (io.ReadCloser, error) { return p.packed.Content() }

func (p packedContent) write(out *archive.Writer, _ *archive.Packer, name string, executable bool) (sizes, error) {
	defer p.packed.Close()
	return sizes{p.packed.Size, p.packed.Packed}, out.Add(name, executable, p.packed)
}

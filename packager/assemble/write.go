package assemble

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"io"
	"slices"

	"github.com/monoplan/monoplan/packager/archive"
	"github.com/monoplan/monoplan/packager/wheel"
)

// Spec says what goes into an archive.
type Spec struct {
	// Code has the service's own files, in any order.
	Code []CodeFile
	// Wheels has what the service depends on, in any order. A wheel that was not verified is verified first.
	Wheels []Dependency
	// Layer puts everything below python/.
	Layer bool
	// Slim leaves out the wheels' tests, stubs and debug symbols.
	Slim bool
	// Exclude has patterns, as in .gitignore, of the wheels' files to leave out. They are about paths as they are in the
	// archive, without the python/ of a layer.
	Exclude []string
	// Compile makes bytecode for each module, where it is not nil.
	Compile Compiler
	// Temp is a directory for temporary files; the system's where it is empty.
	Temp string
}

// CodeFile is one of the service's own files.
type CodeFile struct {
	// Path is where the file goes, relative and with slashes.
	Path       string
	Executable bool
	// Open gives the file's content. It is called once, or more often where the content is asked for by several.
	Open func() (io.ReadCloser, error)
}

// Dependency is a wheel with what messages say about it.
type Dependency struct {
	Wheel *wheel.Wheel
	// By names who asks for it: a library's directory, another package, or nobody but the service itself where empty.
	By string
	// Stripped has what wheel.WriteStripped writes of the wheel, for Slim. Where it is nil, it is made.
	Stripped *archive.Archive
}

// Report says what was written.
type Report struct {
	// SHA256 is the archive's hash in hexadecimal digits, CodeSHA256 the same in base64, as AWS Lambda has it.
	SHA256, CodeSHA256 string
	// Size is the archive's length, Unpacked that of its files' contents, in bytes. Files is how many these are.
	Size, Unpacked int64
	Files          int
	// Shares has what each owner brought: the code first, then the wheels by name.
	Shares []Share
}

// Share is what the code or a wheel brought to an archive.
type Share struct {
	// Name and Version are the wheel's; both are empty for the service's code.
	Name, Version string
	// By is the dependency's By.
	By string
	// Files counts files; Unpacked is the length of their contents, Packed that in the archive, in bytes.
	Files            int
	Unpacked, Packed int64
	// Slimmed is how many bytes of content Slim and Exclude left out.
	Slimmed int64
}

// Write writes the archive that spec describes to w.
//
// Errors are a [*ConflictError] for two files of one path, a [*wheel.Error] for a wheel that is refused, an
// [*archive.Error] for a code file whose name cannot be in an archive, a [*gitignore.Error] for a pattern, what Compile and a code file's
// Open say, and what w says. What was written to w by then is no archive.
func Write(ctx context.Context, w io.Writer, spec Spec) (Report, error) {
	temporary := &scratch{dir: spec.Temp}
	defer temporary.remove()
	spec.Wheels = slices.Clone(spec.Wheels)
	for i := range spec.Wheels {
		if err := spec.Wheels[i].prepare(ctx, spec, temporary); err != nil {
			return Report{}, err
		}
	}
	contents, err := collect(spec)
	if err != nil {
		return Report{}, err
	}
	if spec.Compile != nil {
		if err := contents.compile(ctx, spec, temporary); err != nil {
			return Report{}, err
		}
	}
	out := &counter{w: w, sum: sha256.New()}
	if err := contents.write(ctx, out, spec); err != nil {
		return Report{}, err
	}
	return contents.report(out), nil
}

// prepare verifies a wheel, and strips its objects, where that was not done before.
func (d *Dependency) prepare(ctx context.Context, spec Spec, temporary *scratch) error {
	if _, ok := d.Wheel.Facts(); !ok {
		if _, err := d.Wheel.Verify(ctx, spec.Temp); err != nil {
			return err
		}
	}
	if !spec.Slim || d.Stripped != nil || !d.Wheel.HasStripped() {
		return nil
	}
	var err error
	d.Stripped, err = temporary.archive(func(w io.Writer) error { return d.Wheel.WriteStripped(ctx, w, spec.Temp) })
	return err
}

// write writes all items in the order of their paths.
func (c *contents) write(ctx context.Context, w io.Writer, spec Spec) error {
	out := archive.NewWriter(w)
	packer := &archive.Packer{Dir: spec.Temp}
	for _, i := range c.items {
		if err := ctx.Err(); err != nil {
			return err
		}
		packed, err := i.source.write(out, packer, prefix(spec)+i.path, i.executable)
		if err != nil {
			return err
		}
		share := &c.shares[i.owner]
		share.Files++
		share.Packed += packed.Packed
		share.Unpacked += packed.Size
	}
	return out.Close()
}

// prefix is the directory that everything is in: where Lambda's Pythons look in a layer, or none.
func prefix(spec Spec) string {
	if spec.Layer {
		return "python/"
	}
	return ""
}

func (c *contents) report(out *counter) Report {
	sum := out.sum.Sum(nil)
	r := Report{
		SHA256:     hex.EncodeToString(sum),
		CodeSHA256: base64.StdEncoding.EncodeToString(sum),
		Size:       out.n,
		Files:      len(c.items),
		Shares:     c.shares,
	}
	for _, s := range c.shares {
		r.Unpacked += s.Unpacked
	}
	return r
}

// counter counts and hashes what goes through it.
type counter struct {
	w   io.Writer
	sum hash.Hash
	n   int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.sum.Write(p[:n])
	c.n += int64(n)
	return n, err
}

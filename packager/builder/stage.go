package builder

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/monoplan/monoplan/packager/builder/pep517"
)

// stage writes a source below a directory, which must be there and be empty. Nothing leaves the directory, be it by the
// name of a file or through a symbolic link.
func stage(ctx context.Context, source Source, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	var links []File
	err = source(ctx, func(f File) error {
		if err := pep517.CheckFile(f.Name); err != nil {
			return err
		}
		if f.Mode&fs.ModeSymlink != 0 {
			links = append(links, File{Name: f.Name, Link: f.Link})
			return nil
		}
		return write(root, f)
	})
	if err != nil {
		return err
	}
	// Links come last, so that no file is written through one.
	for _, l := range links {
		if err := link(root, l); err != nil {
			return err
		}
	}
	return nil
}

func write(root *os.Root, f File) error {
	name := filepath.FromSlash(f.Name)
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if f.Mode&0o111 != 0 {
		mode = 0o755
	}
	out, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, f.Content)
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	return err
}

// link makes a symbolic link that stays within the source.
func link(root *os.Root, f File) error {
	if err := pep517.CheckLink(f.Name, f.Link); err != nil {
		return err
	}
	name := filepath.FromSlash(f.Name)
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return root.Symlink(f.Link, name)
}

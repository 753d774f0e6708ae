package builder

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
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
		if !fs.ValidPath(f.Name) || f.Name == "." {
			return fmt.Errorf("a source with a file %q", f.Name)
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
	target := path.Join(path.Dir(f.Name), f.Link)
	if path.IsAbs(f.Link) || !fs.ValidPath(target) {
		return fmt.Errorf("%s: a symbolic link that leads out of the source: %q", f.Name, f.Link)
	}
	name := filepath.FromSlash(f.Name)
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return root.Symlink(f.Link, name)
}

package pep517

import (
	"fmt"
	"io/fs"
	"path"
)

// CheckFile reports a file of a source whose name leads out of it.
func CheckFile(name string) error {
	if !fs.ValidPath(name) || name == "." {
		return fmt.Errorf("a source with a file %q", name)
	}
	return nil
}

// CheckLink reports a symbolic link of a source, at name, that leads out of it.
func CheckLink(name, link string) error {
	if err := CheckFile(name); err != nil {
		return err
	}
	if path.IsAbs(link) || !fs.ValidPath(path.Join(path.Dir(name), link)) {
		return fmt.Errorf("%s: a symbolic link that leads out of the source: %q", name, link)
	}
	return nil
}

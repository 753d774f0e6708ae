// Command rawcopy copies the compressed files of wheels into one zip archive, and does nothing else: it is what assembling an
// artifact is measured against.
//
//	rawcopy <archive> <wheel>...
package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: rawcopy archive wheel...")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "rawcopy:", err)
		os.Exit(1)
	}
}

func run(archive string, wheels []string) error {
	f, err := os.Create(archive)
	if err != nil {
		return err
	}
	w := zip.NewWriter(f)
	for _, wheel := range wheels {
		if err := add(w, wheel); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return errors.Join(w.Close(), f.Close())
}

func add(w *zip.Writer, wheel string) error {
	r, err := zip.OpenReader(wheel)
	if err != nil {
		return err
	}
	defer r.Close()
	for _, e := range r.File {
		if strings.HasSuffix(e.Name, "/") {
			continue
		}
		in, err := e.OpenRaw()
		if err != nil {
			return err
		}
		out, err := w.CreateRaw(&e.FileHeader)
		if err != nil {
			return err
		}
		if _, err := io.Copy(out, in); err != nil {
			return err
		}
	}
	return nil
}

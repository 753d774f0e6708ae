package wheel

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/monoplan/monoplan/packager/archive"
)

// Normalise writes the wheel in the file named in to the file named out, without the traces of where, when and by which
// tools it was built: files are sorted, have one fixed time and one of two modes, and are compressed by this package;
// METADATA does not tell where a path dependency was found; what is about an installation is left out; RECORD is made
// anew. Wheels of one content become equal bytes.
//
// A wheel that is refused is an [*Error]. After any error there is no file out. Temporary files are in out's directory.
func Normalise(in, out string) error {
	w, err := Open(in)
	if err != nil {
		return err
	}
	defer w.Close()
	file, err := os.Create(out)
	if err != nil {
		return err
	}
	n := &normaliser{wheel: w, out: archive.NewWriter(file), packer: &archive.Packer{Dir: filepath.Dir(out)}}
	err = w.refused(n.run())
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(out)
	}
	return err
}

type normaliser struct {
	wheel  *Wheel
	out    *archive.Writer
	packer *archive.Packer
	record [][]string
}

func (n *normaliser) run() error {
	inside := func(e archive.Entry) bool { return strings.HasPrefix(e.Name, n.wheel.distInfo+"/") }
	// The format asks for the directory that describes the wheel at the archive's end.
	entries := slices.Clone(n.wheel.archive.Entries)
	slices.SortStableFunc(entries, func(a, b archive.Entry) int {
		switch {
		case inside(a) == inside(b):
			return 0
		case inside(a):
			return 1
		}
		return -1
	})
	for _, e := range entries {
		if inside(e) && forInstaller(strings.TrimPrefix(e.Name, n.wheel.distInfo+"/")) {
			continue
		}
		if err := n.copy(e); err != nil {
			return err
		}
	}
	if err := n.writeRecord(); err != nil {
		return err
	}
	return n.out.Close()
}

func (n *normaliser) copy(e archive.Entry) error {
	if e.Name != n.wheel.distInfo+"/METADATA" {
		content := n.wheel.archive.Open(e)
		defer content.Close()
		return n.add(e, content)
	}
	metadata, err := n.wheel.distInfoFile("METADATA")
	if err != nil {
		return err
	}
	return n.add(e, bytes.NewReader(withoutPaths(metadata)))
}

func (n *normaliser) add(e archive.Entry, content io.Reader) error {
	packed, err := n.packer.Pack(content)
	if err != nil {
		return err
	}
	defer packed.Close()
	sum := "sha256=" + base64.RawURLEncoding.EncodeToString(packed.SHA256[:])
	n.record = append(n.record, []string{e.Name, sum, strconv.FormatInt(packed.Size, 10)})
	return n.out.Add(e.Name, e.Executable, packed)
}

func (n *normaliser) writeRecord() error {
	name := n.wheel.distInfo + "/RECORD"
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	if err := w.WriteAll(append(n.record, []string{name, "", ""})); err != nil {
		return err
	}
	packed, err := n.packer.Pack(&text)
	if err != nil {
		return err
	}
	defer packed.Close()
	return n.out.Add(name, false, packed)
}

// withoutPaths takes the URL from requirements that are files of the machine that built the wheel, and leaves their
// names. Which file it was is the lock's to say, and the file is another wheel by now.
func withoutPaths(metadata []byte) []byte {
	var out bytes.Buffer
	inHeaders := true
	for line := range bytes.Lines(metadata) {
		text := strings.TrimRight(string(line), "\r\n")
		inHeaders = inHeaders && text != ""
		key, value, _ := strings.Cut(text, ":")
		if inHeaders && strings.EqualFold(key, "Requires-Dist") {
			if requirement, ok := withoutPath(strings.TrimSpace(value)); ok {
				out.WriteString(key + ": " + requirement + "\n")
				continue
			}
		}
		out.Write(line)
	}
	return out.Bytes()
}

// withoutPath takes the URL from "name[extra] @ file:///path ; marker" (PEP 508), where a space ends the URL.
func withoutPath(requirement string) (string, bool) {
	name, rest, _ := strings.Cut(requirement, "@")
	name, rest = strings.TrimSpace(name), strings.TrimSpace(rest)
	if name == "" || strings.Contains(name, ";") {
		return "", false // no reference: what has no name is nothing, and behind ";" are markers
	}
	if len(rest) < len("file:") || !strings.EqualFold(rest[:len("file:")], "file:") {
		return "", false
	}
	requirement = name
	if end := strings.IndexAny(rest, " \t"); end >= 0 {
		if marker, ok := strings.CutPrefix(strings.TrimSpace(rest[end:]), ";"); ok {
			requirement += " ; " + strings.TrimSpace(marker)
		}
	}
	return requirement, true
}

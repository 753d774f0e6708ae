package gitdiff

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// unmerged is the status letter of a path that a merge left in conflict.
const unmerged = 'U'

// readRawChange reads one record of a raw difference with -z, as git-diff(1) has it under "RAW OUTPUT FORMAT":
// ":<old mode> <new mode> <old id> <new id> <status>", NUL, path, NUL.
func readRawChange(r *bufio.Reader) (tree.Change, byte, error) {
	head, err := readField(r)
	if err != nil {
		return tree.Change{}, 0, err
	}
	c, status, err := parseRawHead(head)
	if err != nil {
		return tree.Change{}, 0, err
	}
	path, err := readField(r)
	if err != nil {
		return tree.Change{}, 0, err
	}
	if len(path) == 0 {
		return tree.Change{}, 0, errors.New("a raw difference without a path")
	}
	c.Path = string(path)
	return c, status, nil
}

func parseRawHead(head []byte) (tree.Change, byte, error) {
	malformed := fmt.Errorf("a malformed raw difference %q", head)
	rest, ok := bytes.CutPrefix(head, []byte(":"))
	fields := bytes.Split(rest, []byte(" "))
	if !ok || len(fields) != 5 || len(fields[4]) != 1 {
		return tree.Change{}, 0, malformed
	}
	status := fields[4][0]
	if !strings.ContainsRune("ADMTU", rune(status)) {
		return tree.Change{}, 0, malformed
	}
	oldMode, ok1 := parseMode(fields[0])
	newMode, ok2 := parseMode(fields[1])
	oldID, newID := string(fields[2]), string(fields[3])
	if !ok1 || !ok2 || !isFullHex(oldID) || !isFullHex(newID) {
		return tree.Change{}, 0, malformed
	}
	if isZero(oldID) {
		oldID = ""
	}
	if isZero(newID) {
		newID = ""
	}
	return tree.Change{OldMode: oldMode, NewMode: newMode, OldID: oldID, NewID: newID}, status, nil
}

// readField reads to a NUL, and gives what is before it; it is valid until the next read. At the end of the input it
// is io.EOF, and in the middle of a field io.ErrUnexpectedEOF.
func readField(r *bufio.Reader) ([]byte, error) {
	field, err := r.ReadSlice(0)
	if errors.Is(err, bufio.ErrBufferFull) {
		long := bytes.Clone(field)
		field, err = r.ReadBytes(0)
		field = append(long, field...)
	}
	if errors.Is(err, io.EOF) && len(field) > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	return field[:len(field)-1], nil
}

// readRawChanges reads records to the end of the input.
func readRawChanges(r *bufio.Reader, yield func(c tree.Change, status byte) error) error {
	for {
		if _, err := r.Peek(1); errors.Is(err, io.EOF) {
			return nil
		}
		c, status, err := readRawChange(r)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // between the two fields of a record
		}
		if err != nil {
			return err
		}
		if err := yield(c, status); err != nil {
			return err
		}
	}
}

// parseMode reads an octal mode. Git's historic modes (664, and any other permissions) are those of today, as git
// itself takes them.
func parseMode(text []byte) (tree.Mode, bool) {
	if len(text) == 0 || len(text) > 6 {
		return tree.None, false
	}
	var mode uint32
	for _, digit := range text {
		if digit < '0' || digit > '7' {
			return tree.None, false
		}
		mode = mode<<3 | uint32(digit-'0')
	}
	return canonicalMode(mode)
}

func canonicalMode(mode uint32) (tree.Mode, bool) {
	switch mode & 0o170000 {
	case 0:
		return tree.None, mode == 0
	case 0o100000:
		if mode&0o100 != 0 {
			return tree.Exec, true
		}
		return tree.File, true
	case 0o120000:
		return tree.Symlink, true
	case 0o040000:
		return tree.Dir, true
	}
	return tree.Submodule, true // as git: whatever is nothing else
}

func isZero(id string) bool { return strings.Trim(id, "0") == "" }

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

// parseRawHead reads the fields before the path. Both IDs are of one length, 40 or 64 digits, so that every field has
// its place.
func parseRawHead(head []byte) (tree.Change, byte, error) {
	digits := (len(head) - len(":000000 000000   M")) / 2
	if len(head) != len(":000000 000000   M")+2*digits || digits != 40 && digits != 64 || head[0] != ':' ||
		head[7] != ' ' || head[14] != ' ' || head[15+digits] != ' ' || head[16+2*digits] != ' ' {
		return tree.Change{}, 0, fmt.Errorf("a malformed raw difference %q", head)
	}
	oldMode, ok1 := parseMode(head[1:7])
	newMode, ok2 := parseMode(head[8:14])
	oldID, ok3 := parseRawID(head[15 : 15+digits])
	newID, ok4 := parseRawID(head[16+digits : 16+2*digits])
	status := head[len(head)-1]
	if !ok1 || !ok2 || !ok3 || !ok4 || strings.IndexByte("ADMTU", status) < 0 {
		return tree.Change{}, 0, fmt.Errorf("a malformed raw difference %q", head)
	}
	return tree.Change{OldMode: oldMode, NewMode: newMode, OldID: oldID, NewID: newID}, status, nil
}

// parseRawID gives an ID, and nothing for the one of zeros: of a side that has not the path, or that git has not read.
func parseRawID(digits []byte) (id string, ok bool) {
	zero := true
	for _, d := range digits {
		if (d < '0' || d > '9') && (d < 'a' || d > 'f') {
			return "", false
		}
		zero = zero && d == '0'
	}
	if zero {
		return "", true
	}
	return string(digits), true
}

// eachField makes a reader of output whose fields end in NULs of what reads one, which is valid until the next.
func eachField(read func(field []byte) error) func(*bufio.Reader) error {
	return func(r *bufio.Reader) error {
		for {
			field, err := readField(r)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil {
				err = read(field)
			}
			if err != nil {
				return err
			}
		}
	}
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

package wheel

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/csv"
	"errors"
	"fmt"
	"hash"
	"hash/fnv"
	"io"
	"strconv"
	"strings"
)

// recorded is what RECORD says about a file.
type recorded struct {
	algorithm func() hash.Hash
	sum       []byte
	size      int64 // -1 where it is not said
}

// algorithms are the hashes that RECORD can have: sha256 or better, as the format demands.
func algorithm(name string) func() hash.Hash {
	switch name {
	case "sha256":
		return sha256.New
	case "sha384":
		return sha512.New384
	case "sha512":
		return sha512.New
	}
	return nil
}

// noHash is for a file that nothing is compared with.
func noHash() hash.Hash { return fnv.New32() }

// readRecord reads RECORD, and checks that it lists what is there.
func (w *Wheel) readRecord() (map[string]recorded, error) {
	content, err := w.distInfoFile("RECORD")
	if err != nil {
		return nil, err
	}
	if content == nil {
		return nil, fmt.Errorf("has no %s/RECORD", w.distInfo)
	}
	record, err := parseRecord(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%s/RECORD: %w", w.distInfo, err)
	}
	for name := range record {
		if _, ok := w.archive.Lookup(name); !ok && !strings.HasSuffix(name, "/") {
			return nil, fmt.Errorf("%s/RECORD: lists %s, which is not there", w.distInfo, name)
		}
	}
	for name, r := range record {
		if r.sum == nil && !w.unrecorded(name) && !strings.HasSuffix(name, "/") {
			return nil, fmt.Errorf("%s/RECORD: has no hash for %s", w.distInfo, name)
		}
	}
	return record, nil
}

// unrecorded reports whether a file is one of those that RECORD cannot have a hash of: itself and its signatures.
func (w *Wheel) unrecorded(name string) bool {
	switch strings.TrimPrefix(name, w.distInfo+"/") {
	case "RECORD", "RECORD.jws", "RECORD.p7s":
		return strings.HasPrefix(name, w.distInfo+"/")
	}
	return false
}

// parseRecord reads lines of a path, a hash and a size. The hash of a line is nil where it has none.
func parseRecord(in io.Reader) (map[string]recorded, error) {
	reader := csv.NewReader(in)
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	record := map[string]recorded{}
	for {
		fields, err := reader.Read()
		if err == io.EOF {
			return record, nil
		}
		if err != nil {
			return nil, errors.Unwrap(err)
		}
		line, _ := reader.FieldPos(0)
		if err := addRecorded(record, fields); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
}

func addRecorded(record map[string]recorded, fields []string) error {
	if len(fields) != 3 {
		return fmt.Errorf("has %d fields, and not a path, a hash and a size", len(fields))
	}
	name := strings.Clone(fields[0])
	r := recorded{size: -1}
	if fields[1] != "" {
		kind, text, _ := strings.Cut(fields[1], "=")
		r.algorithm = algorithm(kind)
		if r.algorithm == nil {
			return fmt.Errorf("%s has a hash of the kind %q, and sha256 or better is needed", name, kind)
		}
		sum, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
		if err != nil || len(sum) != r.algorithm().Size() {
			return fmt.Errorf("%s has a hash that is none: %q", name, fields[1])
		}
		r.sum = sum
	}
	if fields[2] != "" {
		size, err := strconv.ParseInt(fields[2], 10, 64)
		if err != nil || size < 0 {
			return fmt.Errorf("%s has the size %q", name, fields[2])
		}
		r.size = size
	}
	if before, ok := record[name]; ok && (!bytes.Equal(before.sum, r.sum) || before.size != r.size) {
		return fmt.Errorf("%s is listed twice, with two hashes", name)
	}
	record[name] = r
	return nil
}

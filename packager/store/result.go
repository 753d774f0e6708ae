package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// resultFormat is how every record of a result begins.
const resultFormat = "monoplan result 1\n"

// largestResult is how many bytes a result may have.
const largestResult = 1 << 20

// Result gives what was last set for a key with [Store.SetResult], here or in the remote store, and whether there is
// something. What is damaged counts as nothing. That a result names a file does not mean that the file is still there.
func (s *Store) Result(ctx context.Context, key string) (value []byte, ok bool, err error) {
	sum := hashText(key)
	value, ok, err = s.home.result(sum, key)
	if spare := s.spareDisk(); !ok && err == nil && spare != nil {
		value, ok, err = spare.result(sum, key)
	}
	if ok || err != nil || s.config.Remote == nil {
		return value, ok, err
	}
	value, ok = s.remoteResult(ctx, sum, key)
	if ok {
		err = s.keepResult(sum, key, value)
	}
	return value, ok, errors.Join(err, ctx.Err())
}

// SetResult keeps a value of at most a megabyte for a key, and offers it to the remote store, which keeps the first value
// that it gets for a key: whoever comes later finds what others already use.
func (s *Store) SetResult(ctx context.Context, key string, value []byte) error {
	if len(value) > largestResult {
		return fmt.Errorf("a result of %d bytes is too large for the store", len(value))
	}
	sum := hashText(key)
	if err := s.keepResult(sum, key, value); err != nil {
		return err
	}
	if s.config.Remote == nil {
		return nil
	}
	name := remoteResultName(sum)
	_, err := s.config.Remote.Put(ctx, name, s.replaced(name), bytes.NewReader(record(key, value)))
	if err != nil && ctx.Err() == nil {
		s.warn(&RemoteError{Doing: "writing", Err: err})
	}
	return ctx.Err()
}

func (s *Store) keepResult(sum, key string, value []byte) error {
	d, err := s.writable()
	if err != nil {
		return err
	}
	if err := d.replace(d.path(results, sum), record(key, value)); err != nil {
		return space(d.root, err)
	}
	d.markGrown()
	return nil
}

// result reads a record.
func (d *disk) result(sum, key string) (value []byte, ok bool, err error) {
	path := d.path(results, sum)
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, false, ignoreMissing(err)
	}
	value, ok = readRecord(content, key)
	if !ok {
		return nil, false, nil // the next SetResult replaces it
	}
	release, err := d.use(results, sum)
	if err != nil {
		return nil, false, err
	}
	release()
	return value, true, nil
}

func remoteResultName(sum string) string { return "v1/results/" + sum[:2] + "/" + sum }

// remoteResult asks the remote store for a record.
func (s *Store) remoteResult(ctx context.Context, sum, key string) (value []byte, ok bool) {
	var content limitedBuffer
	name := remoteResultName(sum)
	found, err := s.config.Remote.Get(ctx, name, &content)
	if err != nil {
		if ctx.Err() == nil {
			s.warn(&RemoteError{Doing: "reading", Err: err})
		}
		return nil, false
	}
	if found == "" {
		return nil, false
	}
	value, ok = readRecord(content.Bytes(), key)
	if !ok {
		s.warn(&DamageError{Name: s.config.Remote.String() + "/" + name, Got: hashText(content.String())})
		s.replace(name, found)
	}
	return value, ok
}

// record frames a value with its key and a checksum of both, so that what is damaged or another's is found out.
func record(key string, value []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s%d %d\n%s%s", resultFormat, len(key), len(value), key, value)
	return append(b.Bytes(), hashText(b.String())...)
}

// readRecord gives the value of a record that is whole and the key's.
func readRecord(content []byte, key string) (value []byte, ok bool) {
	if len(content) < 64 {
		return nil, false
	}
	framed, sum := string(content[:len(content)-64]), string(content[len(content)-64:])
	if hashText(framed) != sum {
		return nil, false
	}
	rest, ok := strings.CutPrefix(framed, resultFormat)
	if !ok {
		return nil, false
	}
	var k, v int
	header, rest, _ := strings.Cut(rest, "\n")
	if _, err := fmt.Sscanf(header, "%d %d", &k, &v); err != nil || k != len(key) || k+v != len(rest) || rest[:k] != key {
		return nil, false
	}
	return []byte(rest[k:]), true
}

func hashText(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// limitedBuffer takes no more than a record can have.
type limitedBuffer struct{ bytes.Buffer }

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > 2*largestResult {
		return 0, io.ErrShortWrite
	}
	return b.Buffer.Write(p)
}

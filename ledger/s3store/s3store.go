// Package s3store keeps the ledger in a bucket of S3: one object a stage, replaced by conditional writes.
//
// The object has the last change in it. Before it is replaced, that change is written to the log, an object of its own under its
// number, which is never replaced: so the log has nothing that did not happen, and a writer that is killed between the two leaves
// an entry that is right.
//
// A server that ignores conditions would lose updates, and nobody would notice. So the first write of a stage is
// followed by one that has to be refused.
package s3store

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/monoplan/monoplan/internal/bucket"
	"github.com/monoplan/monoplan/internal/durable"
	"github.com/monoplan/monoplan/ledger"
)

// Options say what this machine keeps.
type Options struct {
	// Copies is a directory for what was read last, for plans without the network; empty is for none.
	Copies string
	// Offline reads only from there.
	Offline bool
}

// Store is a ledger in a bucket.
type Store struct {
	bucket  *bucket.Bucket
	options Options
}

var _ ledger.Store = (*Store)(nil)

// patience is how long the server may take over one request, its repetitions included.
const patience = time.Minute

// ErrNoConditions says that a server does not refuse a write whose condition does not hold: a ledger cannot be kept there.
var ErrNoConditions = errors.New("the server ignores the conditions of writes (If-None-Match), on which a ledger depends")

// New makes a store of a place in a bucket. It sends nothing.
func New(b *bucket.Bucket, options Options) *Store { return &Store{bucket: b, options: options} }

// String is the URL.
func (s *Store) String() string { return s.bucket.String() }

func objectOf(stage string) string { return stage + ".json" }

func entryOf(stage string, serial int64) string {
	return fmt.Sprintf("%s.log/%012d.json", stage, serial)
}

// Read gives a stage as the bucket has it now, or as it was read last.
func (s *Store) Read(ctx context.Context, stage string) (*ledger.Stage, error) {
	if s.options.Offline {
		return s.copyOf(stage)
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	o, err := s.object(limited, stage)
	if err != nil {
		return nil, s.wrong(ctx, err)
	}
	read := &ledger.Stage{Name: stage}
	if o.version != "" {
		if read, err = s.decode(stage, o.body); err != nil {
			return nil, err
		}
	}
	s.keep(stage, o.body)
	read.Version, read.Now = o.version, o.now
	return read, nil
}

// object is an answer of the server.
type object struct {
	version string
	now     time.Time
	body    []byte
}

// object reads a stage's object. Some servers answer a reader with the entity tag of a write that happens meanwhile, and the
// content before it: whoever wrote with that would undo the write. So unless the tag is the content's own hash, as it mostly is, the
// same answer has to come twice.
func (s *Store) object(ctx context.Context, stage string) (object, error) {
	var before object
	for {
		var body bytes.Buffer
		version, now, err := s.bucket.GetAt(ctx, objectOf(stage), &body)
		if err != nil {
			return object{}, err
		}
		o := object{version, now, body.Bytes()}
		sum := md5.Sum(o.body)
		if version == "" || strings.Trim(version, `"`) == hex.EncodeToString(sum[:]) ||
			before.version == version && bytes.Equal(before.body, o.body) {
			return o, nil
		}
		before = o
		if err := pause(ctx); err != nil {
			return object{}, err
		}
	}
}

func (s *Store) decode(stage string, data []byte) (*ledger.Stage, error) {
	where := s.String() + "/" + objectOf(stage)
	read, err := ledger.Decode(where, ledger.Part{Text: string(data)})
	if err == nil && read.Name != stage {
		err = &ledger.CorruptError{Where: where, Err: fmt.Errorf("it is that of stage %q", read.Name)}
	}
	return read, err
}

// pause is longer than a server takes from one of the two to the other.
func pause(ctx context.Context) error {
	timer := time.NewTimer(50 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Write replaces the object of a stage, if it still is the one that was read.
func (s *Store) Write(ctx context.Context, next *ledger.Stage) (string, error) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.logPrevious(limited, next); err != nil {
		return "", s.wrong(ctx, err)
	}
	name, content := objectOf(next.Name), ledger.Encode(next)
	version, taken, err := s.bucket.PutVersion(limited, name, next.Version, bytes.NewReader(content))
	if err != nil {
		return "", s.wrong(ctx, err)
	}
	if !taken {
		return "", &ledger.MovedError{Store: s.String(), Stage: next.Name}
	}
	if next.Version == "" {
		if taken, err := s.bucket.Put(limited, name, "", bytes.NewReader(content)); err != nil || taken {
			return "", s.wrong(ctx, errors.Join(err, orNil(taken, ErrNoConditions)))
		}
	}
	s.keep(next.Name, content)
	return version, nil
}

func orNil(is bool, err error) error {
	if is {
		return err
	}
	return nil
}

// logPrevious writes the change that is about to be replaced to the log.
func (s *Store) logPrevious(ctx context.Context, next *ledger.Stage) error {
	if next.Previous == nil {
		return nil
	}
	entry := append(ledger.AppendChange(nil, *next.Previous), '\n')
	_, err := s.bucket.Put(ctx, entryOf(next.Name, next.Previous.Serial), "", bytes.NewReader(entry))
	return err
}

// Log gives the last change, and those in the log back to the first that is not there any more.
func (s *Store) Log(ctx context.Context, stage string) iter.Seq2[ledger.Change, error] {
	return func(yield func(ledger.Change, error) bool) {
		read, err := s.Read(ctx, stage)
		if err != nil {
			yield(ledger.Change{}, err)
			return
		}
		if read.Change.Serial == 0 || !yield(read.Change, nil) || s.options.Offline {
			return
		}
		for serial := read.Change.Serial - 1; serial > 0; serial-- {
			var body bytes.Buffer
			version, err := s.bucket.Get(ctx, entryOf(stage, serial), &body)
			if err != nil {
				yield(ledger.Change{}, s.wrong(ctx, err))
				return
			}
			if version == "" {
				return
			}
			change, err := ledger.DecodeChange(body.Bytes())
			if err != nil {
				yield(change, &ledger.CorruptError{Where: s.String() + "/" + entryOf(stage, serial), Err: err})
				return
			}
			if !yield(change, nil) {
				return
			}
		}
	}
}

// Stages lists the stages that have an object.
func (s *Store) Stages(ctx context.Context) ([]string, error) {
	if s.options.Offline {
		return nil, nil
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	names, err := s.bucket.ListDirectory(limited)
	if err != nil {
		return nil, s.wrong(ctx, err)
	}
	var stages []string
	for _, name := range names {
		if stage, ok := strings.CutSuffix(name, ".json"); ok {
			stages = append(stages, stage)
		}
	}
	return stages, nil
}

// wrong makes an error of the store of one of the bucket's.
func (s *Store) wrong(ctx context.Context, err error) error {
	var answer *bucket.AnswerError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, ErrNoConditions):
		return &ledger.RefusedError{Store: s.String(), Err: err}
	case errors.As(err, &answer) && answer.Status >= 400 && answer.Status < 500 && answer.Status != http.StatusTooManyRequests &&
		answer.Status != http.StatusRequestTimeout:
		return &ledger.RefusedError{Store: s.String(), Err: err}
	}
	return &ledger.UnreachableError{Store: s.String(), Err: err}
}

// copyPath is where what was read last is kept.
func (s *Store) copyPath(stage string) string {
	sum := sha256.Sum256([]byte(s.String()))
	return filepath.Join(s.options.Copies, "copy-"+stage+"-"+hex.EncodeToString(sum[:8])+".json")
}

// keep keeps a copy of what was read or written; one that could not be kept is missed by nobody but a plan without the network, which says so.
func (s *Store) keep(stage string, content []byte) {
	if s.options.Copies == "" {
		return
	}
	if os.MkdirAll(s.options.Copies, 0o777) != nil {
		return
	}
	if durable.Replace(s.copyPath(stage), content) != nil {
		_ = os.Remove(s.copyPath(stage)) // rather none than one that is older
	}
}

// copyOf reads the copy. An empty one is of a stage that was never written.
func (s *Store) copyOf(stage string) (*ledger.Stage, error) {
	data, err := os.ReadFile(s.copyPath(stage))
	if s.options.Copies == "" || errors.Is(err, fs.ErrNotExist) {
		return nil, &ledger.NotFetchedError{Store: s.String(), Stage: stage}
	}
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return &ledger.Stage{Name: stage}, nil
	}
	read, err := s.decode(stage, data)
	if err == nil {
		read.Version = "copy"
	}
	return read, err
}

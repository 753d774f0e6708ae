// Package gitstore keeps the ledger in git: one reference a stage, each write a commit.
//
// # Why commits
//
// A commit's tree is the ledger, and its parents are the write before it and the commits that the write recorded. So the
// history of the reference is a log of who changed what and when; a branch that is forced away leaves the deployed
// commits where a diff can still reach them, since the ledger leads there; and to replace a ledger only if it is still
// the one that was read is what git does with every reference.
//
// # What a write costs
//
// Services are spread over files by a hash of their paths, so that a write of one service in ten thousand writes one file
// of some forty, a tree, and a commit: the repository grows with what changes. Up to 128 services are in one file,
// which a person can read at once. How they are spread is the writer's choice: a reader takes whatever files there are.
//
// A read takes them all: they are inflated several at once, in process, and git reads what cannot be read so.
//
// # Sharing
//
// With a remote, that has the ledger: it is fetched before it is read, and pushed with a lease, which is the same
// comparison once more. This repository keeps what it saw last, for plans without the network.
package gitstore

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/ledger"
)

// Options say where the references are.
type Options struct {
	// Ref gives the reference of a stage.
	Ref func(stage string) string
	// Remote is the name or the URL of the remote that has the ledger; empty for this repository.
	Remote string
	// Offline reads what was fetched last.
	Offline bool
}

// Store is a ledger in a repository.
type Store struct {
	documents *gitdiff.Documents
	options   Options

	mutex sync.Mutex
	// last has of each stage what was read or written last: of most writes it is what they begin with.
	last map[string]written
	// withoutDeployed says that the remote takes no write that has the deployed commits for its parents.
	withoutDeployed bool
}

// written is a stage as it is in a commit.
type written struct {
	commit, tree string
	stage        *ledger.Stage
}

var _ ledger.Store = (*Store)(nil)

// New makes a store in a repository. It reads nothing. Who makes it closes the documents.
func New(documents *gitdiff.Documents, options Options) *Store {
	return &Store{documents: documents, options: options, last: map[string]written{}}
}

// String is the remote and the references.
func (s *Store) String() string {
	ref := s.options.Ref("<stage>")
	if s.options.Remote == "" {
		return "git " + ref
	}
	return "git " + gitdiff.RemoteName(s.options.Remote) + " " + ref
}

// mirror is where this repository keeps the reference of a stage: by its own name, or what a remote has of it.
func (s *Store) mirror(stage string) string {
	ref := s.options.Ref(stage)
	if s.options.Remote == "" {
		return ref
	}
	name := s.options.Remote
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		sum := sha256.Sum256([]byte(name))
		name = hex.EncodeToString(sum[:8])
	}
	return "refs/monoplan-remote/" + name + "/" + strings.TrimPrefix(ref, "refs/")
}

// Read gives a stage as the remote has it now, or as it was fetched last.
func (s *Store) Read(ctx context.Context, stage string) (*ledger.Stage, error) {
	tip, err := s.tip(ctx, stage)
	if err != nil {
		return nil, err
	}
	if tip == "" && s.options.Remote != "" && s.options.Offline {
		return nil, &ledger.NotFetchedError{Store: s.String(), Stage: stage}
	}
	return s.at(ctx, stage, tip)
}

// tip is the commit of a stage, empty for none.
func (s *Store) tip(ctx context.Context, stage string) (tip string, err error) {
	if s.options.Remote == "" || s.options.Offline {
		tip, err = s.documents.Tip(ctx, s.mirror(stage))
	} else {
		tip, err = s.documents.FetchTip(ctx, s.options.Remote, s.options.Ref(stage), s.mirror(stage))
	}
	return tip, s.wrong(err)
}

// at reads the stage of a commit.
func (s *Store) at(ctx context.Context, stage, tip string) (*ledger.Stage, error) {
	if tip == "" {
		return &ledger.Stage{Name: stage}, nil
	}
	if w, ok := s.remembered(stage); ok && w.commit == tip {
		return w.stage, nil
	}
	where := s.options.Ref(stage) + " at " + tip
	commit, err := s.documents.Commit(ctx, tip)
	var parts []ledger.Part
	if err == nil {
		err = s.documents.Files(ctx, commit.Tree, func(path string, data []byte) error {
			if strings.HasSuffix(path, ".json") {
				parts = append(parts, ledger.Part{Name: path, Text: string(data)})
			}
			return nil
		})
	}
	var object *gitdiff.ObjectError
	if errors.As(err, &object) {
		return nil, &ledger.CorruptError{Where: where, Err: err}
	}
	if err != nil {
		return nil, s.wrong(err)
	}
	read, err := ledger.Decode(where, parts...)
	if err != nil {
		return nil, err
	}
	if read.Name != stage {
		return nil, &ledger.CorruptError{Where: where, Err: errors.New("it is that of stage " + read.Name)}
	}
	read.Version = tip
	s.remember(stage, written{tip, commit.Tree, read})
	return read, nil
}

func (s *Store) remembered(stage string) (written, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	w, ok := s.last[stage]
	return w, ok
}

func (s *Store) remember(stage string, w written) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.last[stage] = w
}

// Write commits a stage on top of the one that it was made from, and moves the reference there. A remote that refuses the commits
// that were deployed gets the write without them: that it is recorded comes before that they are kept. One refuses them that lacks
// the history which a shallow clone lacks as well (git-config(1), receive.shallowUpdate).
func (s *Store) Write(ctx context.Context, next *ledger.Stage) (string, error) {
	before, _ := s.remembered(next.Name)
	if before.commit != next.Version {
		before = written{commit: next.Version}
	}
	deployed, err := s.deployed(ctx, next)
	if err != nil {
		return "", s.wrong(err)
	}
	w, err := s.writeOn(ctx, before, deployed, next)
	var remote *gitdiff.RemoteError
	if len(deployed) > 0 && errors.As(err, &remote) && remote.Kind == gitdiff.RemoteRejected {
		if w, err = s.writeOn(ctx, before, nil, next); err == nil {
			s.leaveDeployed()
		}
	}
	var moved *gitdiff.RefMovedError
	switch {
	case errors.As(err, &moved), errors.As(err, &remote) && remote.Kind == gitdiff.RemoteBusy:
		return "", &ledger.MovedError{Store: s.String(), Stage: next.Name}
	case err != nil:
		return "", s.wrong(err)
	}
	if s.options.Remote != "" {
		// What a plan without the network reads; should it not be moved, the next fetch does.
		_ = s.documents.Move(ctx, s.mirror(next.Name), next.Version, w.commit)
	}
	kept := *next
	kept.Version, kept.Previous = w.commit, nil
	w.stage = &kept
	s.remember(next.Name, w)
	return w.commit, nil
}

// writeOn commits a stage, whose parents are the write before and what was deployed, and moves the reference from the one to it.
func (s *Store) writeOn(ctx context.Context, before written, deployed []string, next *ledger.Stage) (w written, err error) {
	parents := deployed
	if before.commit != "" {
		parents = append([]string{before.commit}, deployed...)
	}
	w.commit, w.tree, err = s.documents.Write(ctx, gitdiff.NewDocument{
		Base: before.tree, Files: files(before.stage, next), Parents: parents, Message: message(next),
		Author: gitdiff.Author{Name: cmp.Or(next.Change.Who, "monoplan"), Email: "monoplan", When: next.Change.Time},
	})
	if err != nil {
		return w, err
	}
	ref := s.options.Ref(next.Name)
	if s.options.Remote == "" {
		return w, s.documents.Move(ctx, ref, before.commit, w.commit)
	}
	return w, s.documents.Push(ctx, s.options.Remote, ref, before.commit, w.commit)
}

// deployed are the commits that a write records, as far as the repository has them and the remote may take them.
func (s *Store) deployed(ctx context.Context, next *ledger.Stage) (deployed []string, err error) {
	s.mutex.Lock()
	without := s.withoutDeployed
	s.mutex.Unlock()
	if without {
		return nil, nil
	}
	commits := next.Change.Commits
	has, err := s.documents.Has(ctx, commits)
	if err != nil {
		return nil, err
	}
	for i, id := range commits {
		if has[i] {
			deployed = append(deployed, id)
		}
	}
	return deployed, nil
}

// leaveDeployed has the writes that follow not ask the remote again for what it refused.
func (s *Store) leaveDeployed() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.withoutDeployed = true
}

// wrong makes an error of the store of one of git's, or of the file system's.
func (s *Store) wrong(err error) error {
	var remote *gitdiff.RemoteError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &remote) && remote.Kind == gitdiff.RemoteUnreachable, errors.As(err, &remote) && remote.Kind == gitdiff.RemoteBusy:
		return &ledger.UnreachableError{Store: s.String(), Err: err}
	case errors.As(err, &remote):
		return &ledger.RefusedError{Store: s.String(), RefOnly: remote.Kind == gitdiff.RemoteRejected, Err: err}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return &ledger.RefusedError{Store: s.String(), Err: err}
	case errors.Is(err, syscall.ENOSPC), errors.As(err, new(*gitdiff.RefLockedError)):
		return &ledger.UnreachableError{Store: s.String(), Err: err}
	}
	return err
}

// Stages lists the stages that there are references of.
func (s *Store) Stages(ctx context.Context) ([]string, error) {
	before, after, _ := strings.Cut(s.options.Ref("\x00"), "\x00")
	var tips map[string]string
	var err error
	switch {
	case s.options.Remote == "":
		tips, err = s.documents.Tips(ctx, before[:strings.LastIndexByte(before, '/')+1])
	case s.options.Offline:
		before, after, _ = strings.Cut(s.mirror("\x00"), "\x00")
		tips, err = s.documents.Tips(ctx, before[:strings.LastIndexByte(before, '/')+1])
	default:
		tips, err = s.documents.RemoteTips(ctx, s.options.Remote, before+"*"+after)
	}
	if err != nil {
		return nil, s.wrong(err)
	}
	var stages []string
	for _, name := range slices.Sorted(maps.Keys(tips)) {
		stage, ok := strings.CutPrefix(name, before)
		if stage, hasEnd := strings.CutSuffix(stage, after); ok && hasEnd && stage != "" && !strings.Contains(stage, "/") {
			stages = append(stages, stage)
		}
	}
	return stages, nil
}

package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/monoplan/monoplan/internal/bucket"
	"github.com/monoplan/monoplan/ledger"
	"github.com/monoplan/monoplan/ledger/gitstore"
	"github.com/monoplan/monoplan/ledger/s3store"
	"github.com/monoplan/monoplan/workspace"
)

// ledgerOptions say how a command uses the ledger.
type ledgerOptions struct {
	// network says that it may be fetched and pushed.
	network bool
	// local says that the ledger may be on this machine alone, though that is a CI's.
	local bool
}

// stageLedger is the ledger of a repository, with where it is.
type stageLedger struct {
	*ledger.Ledger
	// remote is the git remote that has it, empty for another place; shared says that others see it.
	remote string
	shared bool
}

// openStageLedger opens the ledger that seed.yml names.
func (s *session) openStageLedger(c *workspace.Config, o ledgerOptions) (*stageLedger, error) {
	return s.openLedgerAt(context.Background(), c.Ledger, o)
}

// openLedgerAt opens the ledger of a place. Whether a file is shared is not known here: who names one says so.
func (s *session) openLedgerAt(ctx context.Context, at workspace.Ledger, o ledgerOptions) (*stageLedger, error) {
	l := &stageLedger{remote: at.Remote, shared: at.Backend != "git" || at.Remote != ""}
	store, err := s.ledgerStore(ctx, at, o)
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		s.log.Debug("this machine has no name", "error", err)
	}
	l.Ledger = ledger.New(store, ledger.Options{
		Now: time.Now, Who: s.app.owner(), Host: host, Dir: s.ledgerDir(),
		Warn: func(err error) { s.app.messages().warn("", 0, err.Error()) },
	})
	return l, nil
}

// ledgerDir is what this machine keeps of ledgers: the journal, and which runs live.
func (s *session) ledgerDir() string { return filepath.Join(s.repo.CommonDir, "monoplan", "ledger") }

func (s *session) ledgerStore(ctx context.Context, at workspace.Ledger, o ledgerOptions) (ledger.Store, error) {
	switch at.Backend {
	case "file":
		path := filepath.FromSlash(at.Path)
		if !filepath.IsAbs(path) {
			root := s.repo.WorkTree
			if root == "" {
				root = s.repo.CommonDir
			}
			path = filepath.Join(root, path)
		}
		return ledger.File(path), nil
	case "s3":
		b, err := bucket.Open(ctx, at.URL)
		if err != nil {
			return nil, err
		}
		return s3store.New(b, s3store.Options{Copies: s.ledgerDir(), Offline: !o.network}), nil
	default:
		documents := s.repo.Documents()
		s.closers = append(s.closers, documents.Close)
		return gitstore.New(documents, gitstore.Options{Ref: at.RefOf, Remote: at.Remote, Offline: !o.network}), nil
	}
}

// settle records what an earlier run could not.
func (l *stageLedger) settle(ctx context.Context, stage string) error { return l.Flush(ctx, stage) }

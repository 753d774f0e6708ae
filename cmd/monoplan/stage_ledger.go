package main

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/monoplan/monoplan/ledger"
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

func (s *session) openStageLedger(c *workspace.Config, o ledgerOptions) (*stageLedger, error) {
	dir := filepath.Join(s.repo.CommonDir, "monoplan", "ledger")
	if c == nil {
		return nil, errors.New("no config")
	}
	l := ledger.New(ledger.File(filepath.Join(dir, "ledger.json")), ledger.Options{Now: time.Now, Who: "me", Host: "here", Dir: dir})
	return &stageLedger{Ledger: l}, nil
}

// settle records what an earlier run could not.
func (l *stageLedger) settle(context.Context, string) error { return nil }

package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/monoplan/monoplan/internal/durable"
)

// liveness is a file that a run keeps locked while it lives. The system unlocks it when the process ends, however it ends, so
// whoever finds it on this machine and can lock it knows that the run is over.
type liveness struct {
	file *os.File
}

func (l *Ledger) livenessPath(run string) string {
	sum := sha256.Sum256([]byte(run))
	return filepath.Join(l.options.Dir, "runs", hex.EncodeToString(sum[:16]))
}

func (l *Ledger) live(run string) (*liveness, error) {
	if l.options.Dir == "" {
		return nil, nil
	}
	path := l.livenessPath(run)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, err
	}
	f, err := durable.Lock(path)
	if err != nil {
		return nil, err
	}
	return &liveness{file: f}, nil
}

// end says that the run is over. It may be called twice.
func (a *liveness) end() {
	if a == nil {
		return
	}
	_ = os.Remove(a.file.Name()) // one that stays tells the same, being unlocked
	_ = a.file.Close()
}

// leave says that the run is over, for whoever finds its lock: that could not be taken away.
func (a *liveness) leave() {
	if a != nil {
		_ = a.file.Close()
	}
}

// Alive is the file by whose lock others on this machine know that the run lives; nil where there is none. A process that has it
// open as well keeps the run's services from them, should the run itself be killed.
func (h *Hold) Alive() *os.File {
	if h.alive == nil {
		return nil
	}
	return h.alive.file
}

// isDead reports whether it is certain that a lock's holder has ended. A holder elsewhere has no file here, and of a
// directory that machines share the lock on the file may not be seen by others, so the host must be this one.
func (l *Ledger) isDead(lock Lock) bool {
	if l.options.Dir == "" || l.options.Host == "" || lock.Host != l.options.Host {
		return false
	}
	f, held, err := durable.TryExisting(l.livenessPath(lock.Run))
	if errors.Is(err, fs.ErrNotExist) || err != nil || held {
		return false
	}
	_ = f.Close()
	return true
}

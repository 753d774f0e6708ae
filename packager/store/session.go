package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/monoplan/monoplan/internal/durable"
)

// begin makes the directories and this session's file. The caller holds d.mutex.
func (d *disk) begin() error {
	if d.session != nil {
		return nil
	}
	for _, dir := range []string{blobs, seals, results, making, sessions} {
		if err := os.MkdirAll(filepath.Join(d.root, dir), 0o777); err != nil {
			return err
		}
	}
	// Together with whoever is not pruning: a session that is found without its lock is dead.
	release, err := d.together()
	if err != nil {
		return err
	}
	defer release()
	f, err := os.CreateTemp(filepath.Join(d.root, sessions), "")
	if err != nil {
		return err
	}
	if _, err := durable.TakeLock(f, true, true); err != nil {
		return errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	// Its time is the system's, which may be a few milliseconds behind the clock, and not the clock's: so no file that
	// this session makes is older than the session.
	d.session = f
	return nil
}

// end ends the session. What cannot be removed is found dead by the next that prunes.
func (d *disk) end() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.session != nil {
		_ = os.Remove(d.session.Name())
		_ = d.session.Close()
		d.session = nil
	}
	d.probed = false
	clear(d.used)
}

// never is later than any use of a file.
var never = time.Unix(1<<40, 0)

// oldestSession gives when the oldest live session began, never where there is none, and removes the files of dead ones.
// The caller is alone.
func (d *disk) oldestSession() (time.Time, error) {
	oldest := never
	entries, err := os.ReadDir(filepath.Join(d.root, sessions))
	if err != nil {
		return oldest, ignoreMissing(err)
	}
	for _, e := range entries {
		path := filepath.Join(d.root, sessions, e.Name())
		dead, began, err := abandoned(path)
		switch {
		case err != nil:
			return oldest, err
		case dead:
			if err := ignoreMissing(os.Remove(path)); err != nil {
				return oldest, err
			}
		case began.Before(oldest):
			oldest = began
		}
	}
	return oldest, nil
}

// abandoned reports whether no process has the lock of a file, and the file's time.
func abandoned(path string) (dead bool, modified time.Time, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, time.Now(), nil
	}
	if err != nil {
		return false, time.Time{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, time.Time{}, err
	}
	dead, err = durable.TakeLock(f, true, false)
	return dead, info.ModTime(), err
}

// together takes the store's lock as all but pruning do, for a moment.
func (d *disk) together() (release func(), err error) { return d.lock(false) }

// alone takes the store's lock so that no other process is in such a moment.
func (d *disk) alone() (release func(), err error) { return d.lock(true) }

func (d *disk) lock(alone bool) (release func(), err error) {
	f, err := os.OpenFile(filepath.Join(d.root, "lock"), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	if _, err := durable.TakeLock(f, alone, true); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil
}

// wait is how often a file that another process writes is looked at again.
const wait = 50 * time.Millisecond

func pause(ctx context.Context) error {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

package store

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Pruned says what pruning did.
type Pruned struct {
	// Files and Bytes are what was removed, Kept is how many bytes are left.
	Files       int
	Bytes, Kept int64
	// InUse is how many bytes would have been removed if no live session were using them.
	InUse int64
}

// Prune removes what was used longest ago until the store has at most limit bytes; with 0 it removes all that no live
// session, this one included, has used. It also removes what killed processes have left.
func (s *Store) Prune(ctx context.Context, limit int64) (Pruned, error) {
	return s.home.prune(ctx, limit)
}

// entry is a file of a store that may be pruned.
type entry struct {
	kind, sum string
	size      int64
	used      time.Time
}

// resumable is how long what is left of a download is kept.
const resumable = 24 * time.Hour

func (d *disk) prune(ctx context.Context, limit int64) (Pruned, error) {
	var p Pruned
	if _, err := os.Stat(d.root); errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	oldest, err := d.sweep()
	if err != nil {
		return p, err
	}
	entries, err := d.entries(ctx)
	if err != nil {
		return p, err
	}
	for _, e := range entries {
		p.Kept += e.size
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(a.used.Compare(b.used), strings.Compare(a.sum, b.sum))
	})
	for _, e := range entries {
		if p.Kept <= limit && limit > 0 || ctx.Err() != nil {
			break
		}
		removed, err := d.remove(e, oldest)
		switch {
		case err != nil:
			return p, err
		case removed:
			p.Files++
			p.Bytes += e.size
			p.Kept -= e.size
		default:
			p.InUse += e.size
		}
	}
	return p, ctx.Err()
}

// sweep removes what killed processes have left, and gives the beginning of the oldest live session.
func (d *disk) sweep() (time.Time, error) {
	release, err := d.alone()
	if err != nil {
		return time.Time{}, err
	}
	defer release()
	oldest, err := d.oldestSession()
	if err != nil {
		return oldest, err
	}
	// What is added from here on is marked anew.
	if err := ignoreMissing(os.Remove(d.grownMark())); err != nil {
		return oldest, err
	}
	return oldest, d.sweepMaking()
}

func (d *disk) sweepMaking() error {
	entries, err := os.ReadDir(filepath.Join(d.root, making))
	if err != nil {
		return ignoreMissing(err)
	}
	for _, e := range entries {
		path := filepath.Join(d.root, making, e.Name())
		age := resumable
		if strings.HasPrefix(e.Name(), "new-") {
			age = time.Hour
		}
		dead, modified, err := abandoned(path)
		if err != nil {
			return err
		}
		if dead && time.Since(modified) > age {
			if err := ignoreMissing(os.Remove(path)); err != nil {
				return err
			}
		}
	}
	return nil
}

// remove removes an entry unless it was used since it was listed, or since a live session began.
func (d *disk) remove(e entry, oldest time.Time) (bool, error) {
	release, err := d.alone()
	if err != nil {
		return false, err
	}
	defer release()
	used, err := d.lastUse(e.kind, e.sum)
	if err != nil || used.After(e.used) || !used.Before(oldest) {
		return false, ignoreMissing(err)
	}
	if e.kind == results {
		return true, ignoreMissing(os.Remove(d.path(results, e.sum)))
	}
	return true, d.removeBlob(e.sum)
}

// lastUse is the time of a blob's seal, of the blob where it has none, or of a result.
func (d *disk) lastUse(kind, sum string) (time.Time, error) {
	if kind == blobs {
		if info, err := os.Lstat(d.path(seals, sum)); err == nil {
			return info.ModTime(), nil
		}
	}
	info, err := os.Lstat(d.path(kind, sum))
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}

// entries lists blobs and results with their last use.
func (d *disk) entries(ctx context.Context) ([]entry, error) {
	var entries []entry
	for _, kind := range []string{blobs, results} {
		err := filepath.WalkDir(filepath.Join(d.root, kind), func(path string, e fs.DirEntry, err error) error {
			if err = errors.Join(ignoreMissing(err), ctx.Err()); err != nil || e == nil || checkSum(e.Name()) != nil {
				return err
			}
			info, err := e.Info()
			if err != nil {
				return ignoreMissing(err)
			}
			used, err := d.lastUse(kind, e.Name())
			if err == nil {
				entries = append(entries, entry{kind: kind, sum: e.Name(), size: info.Size(), used: used})
			}
			if err == nil && e.IsDir() { // one that has no business here
				return fs.SkipDir
			}
			return ignoreMissing(err)
		})
		if err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// grownMark is a file that says that something was added since the store was last pruned.
func (d *disk) grownMark() string { return filepath.Join(d.root, "grown") }

// markGrown leaves the mark. Without it only the session's own pruning is put off.
func (d *disk) markGrown() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.used[d.grownMark()] {
		return
	}
	d.used[d.grownMark()] = os.WriteFile(d.grownMark(), nil, 0o666) == nil
}

func (d *disk) grown() bool {
	_, err := os.Stat(d.grownMark())
	return err == nil
}

package deployer

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/durable"
	"github.com/monoplan/monoplan/internal/secret"
)

// logs is the directory of a run's logs; empty where none are kept.
type logs struct {
	dir string
	// running is a file in it that is locked while the run works, so that no other run removes it (ends with the process,
	// however that ends). It is nil on file systems without locks, where no run can lock another's either.
	running *os.File
	// stale is what kept the logs of old runs from being removed.
	stale error
}

// runningFile is the name of that file, which no service's log can have.
const runningFile = ".running"

// keptRuns is how many runs' logs are kept, this one among them.
const keptRuns = 10

// openLogs makes the directory of a run's logs, and removes those of old runs as far as it can.
func openLogs(c Config) (logs, error) {
	if c.Logs == "" {
		return logs{}, nil
	}
	l := logs{dir: filepath.Join(c.Logs, fileName(c.Run))}
	if err := os.MkdirAll(l.dir, 0o777); err != nil {
		return l, err
	}
	if c.Private != "" {
		if err := durable.KeepOut(c.Private); err != nil {
			return l, err
		}
	}
	if f, err := durable.Lock(filepath.Join(l.dir, runningFile)); err == nil {
		l.running = f
	}
	l.stale = sweep(c.Logs)
	return l, nil
}

// end says that the run is over. A file that cannot be removed tells the same, being unlocked.
func (l logs) end() {
	if l.running != nil {
		_ = os.Remove(l.running.Name())
		_ = l.running.Close()
	}
}

// open gives the log of a service. What goes wrong is told when it is closed.
func (l logs) open(service string, s *secret.Values) *logFile {
	file := newLogFile(s)
	if l.dir == "" {
		return file
	}
	file.path = filepath.Join(l.dir, fileName(service)+".log")
	file.file, file.err = os.OpenFile(file.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o666)
	return file
}

// sweep removes the logs of all runs but the latest, and those that still work.
func sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var runs []os.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.IsDir() {
			runs = append(runs, info)
		}
	}
	slices.SortFunc(runs, func(a, b os.FileInfo) int {
		return cmp.Or(b.ModTime().Compare(a.ModTime()), cmp.Compare(b.Name(), a.Name()))
	})
	var errs []error
	for _, old := range runs[min(keptRuns, len(runs)):] {
		if old := filepath.Join(dir, old.Name()); !isRunning(old) {
			errs = append(errs, os.RemoveAll(old))
		}
	}
	return errors.Join(errs...)
}

// isRunning reports whether the run of a directory still works, or may.
func isRunning(dir string) bool {
	f, held, err := durable.TryExisting(filepath.Join(dir, runningFile))
	if f != nil {
		f.Close()
	}
	return held || err != nil && !errors.Is(err, fs.ErrNotExist)
}

// fileName writes a name as that of a file, on any system and so that no two names are the same: what is no lower-case
// letter, digit, ".", "_" or "-" becomes "%" and two hex digits, and so does a first ".". Of a name that is too long for a
// file its hash is the end.
func fileName(name string) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		plain := c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("._-", c) >= 0
		if !plain || i == 0 && c == '.' {
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	const longest = 200 // of the 255 bytes that file systems give, some for an ending
	if b.Len() <= longest {
		return b.String()
	}
	sum := sha256.Sum256([]byte(name))
	return b.String()[:longest-len(sum)] + hex.EncodeToString(sum[:len(sum)/2])
}

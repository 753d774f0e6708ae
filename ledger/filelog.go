package ledger

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
)

// The log of a file store is a file beside it for each stage, of one line a change. The last change is in the ledger
// itself: so nothing is in the log that did not happen, and a writer that is killed half way leaves at most a line that is there
// already, or one that is torn, which the next writer takes away.

func (f *fileStore) logPath(stage string) string { return f.path + "." + stage + ".log" }

// logPrevious moves the change that made a stage what it is to the log. The caller holds the lock.
func (f *fileStore) logPrevious(stage, text string) error {
	change, err := decodeChangeOf(f.path+" stage "+stage, text)
	if err != nil {
		return err
	}
	if err := appendLine(f.logPath(stage), append(AppendChange(nil, change), '\n')); err != nil {
		return f.wrong(err)
	}
	return nil
}

// appendLine appends a line to a file, unless it is the last one already. A last line without an end is torn, and goes.
func appendLine(path string, line []byte) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer file.Close()
	end, last, err := lastLine(file, len(line))
	if err != nil {
		return err
	}
	if err := file.Truncate(end); err != nil || bytes.Equal(last, line) {
		return err
	}
	if _, err := file.WriteAt(line, end); err != nil {
		return err
	}
	return file.Sync()
}

// lastLine gives where the last line with an end does end, and up to n bytes before that.
func lastLine(file *os.File, n int) (end int64, last []byte, err error) {
	info, err := file.Stat()
	if err != nil {
		return 0, nil, err
	}
	const block = 1 << 16
	buffer := make([]byte, block)
	for end = info.Size(); end > 0; {
		start := max(0, end-block)
		part := buffer[:end-start]
		if _, err := file.ReadAt(part, start); err != nil {
			return 0, nil, err
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			end = start + int64(i) + 1
			break
		}
		end = start
	}
	last = make([]byte, min(end, int64(n)))
	_, err = file.ReadAt(last, end-int64(len(last)))
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return end, last, err
}

func (f *fileStore) Log(ctx context.Context, stage string) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		s, err := f.Read(ctx, stage)
		if err != nil {
			yield(Change{}, err)
			return
		}
		if s.Version == "" || !yield(s.Change, nil) {
			return
		}
		data, err := os.ReadFile(f.logPath(stage))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			yield(Change{}, f.wrong(err))
			return
		}
		for _, line := range slices.Backward(slices.Collect(bytes.Lines(data))) {
			if !bytes.HasSuffix(line, []byte("\n")) {
				continue // torn: it was never a change
			}
			change, err := DecodeChange(line)
			if err != nil {
				yield(Change{}, &CorruptError{Where: f.logPath(stage), Err: err})
				return
			}
			if change.ID != s.Change.ID && !yield(change, nil) {
				return
			}
		}
	}
}

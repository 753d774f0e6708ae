package gitdiff

import (
	"bytes"
	"compress/zlib"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
)

// looseWorthwhile is how many objects are worth to be looked for here.
const looseWorthwhile = 8

// looseBlobs reads those of some blobs that are files of their own in the repository (gitformat-loose(5)), several at once:
// most of the time that many blobs take goes into inflating them, and git and go-git do that one after another. For one that is
// not there, or not as it should be, it gives nil: whoever reads it then finds it elsewhere, or says what is wrong.
func (d *Documents) looseBlobs(ids []string) [][]byte {
	all := make([][]byte, len(ids))
	r := d.repository
	if len(ids) < looseWorthwhile || r.env.get("GIT_OBJECT_DIRECTORY") != "" {
		return all
	}
	next := make(chan int, len(ids))
	for i := range ids {
		next <- i
	}
	close(next)
	var readers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 1+len(ids)/looseWorthwhile) {
		readers.Go(func() {
			l := looseReader{location: r.location}
			for i := range next {
				all[i] = l.blob(ids[i])
			}
		})
	}
	readers.Wait()
	return all
}

// looseReader reads one loose object after another.
type looseReader struct {
	location *location
	inflater io.ReadCloser
	whole    bytes.Buffer
}

// blob gives the content of a blob, nil for one that is not here.
func (l *looseReader) blob(id string) []byte {
	file, err := os.ReadFile(filepath.Join(l.location.commonDir, "objects", id[:2], id[2:]))
	if err != nil {
		return nil
	}
	if l.inflater == nil {
		l.inflater, err = zlib.NewReader(bytes.NewReader(file))
	} else {
		err = l.inflater.(zlib.Resetter).Reset(bytes.NewReader(file), nil)
	}
	if err != nil {
		return nil
	}
	l.whole.Reset()
	if _, err := l.whole.ReadFrom(l.inflater); err != nil {
		return nil
	}
	head, content, _ := bytes.Cut(l.whole.Bytes(), []byte{0})
	if string(head) != "blob "+strconv.Itoa(len(content)) || hashObject(l.location.newHash(), "blob", content) != id {
		return nil
	}
	return append(make([]byte, 0, len(content)), content...)
}

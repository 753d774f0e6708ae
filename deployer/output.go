package deployer

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// background has the pipes of processes that outlive the command that started them: a hook may start a server for the
// next. They are read, so that nobody waits for a full pipe, until the run ends.
type background struct {
	mutex sync.Mutex
	pipes []*os.File
}

// end closes them.
func (b *background) end() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, pipe := range b.pipes {
		pipe.Close()
	}
	b.pipes = nil
}

// keep reads a pipe of which nobody wants to know more.
func (b *background) keep(pipe *os.File) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.pipes = append(b.pipes, pipe)
	_ = pipe.SetReadDeadline(time.Time{}) // a pipe has deadlines wherever it has had one
	go func() { _, _ = io.Copy(io.Discard, pipe) }()
}

// copying is what a process writes, on its way to a log.
type copying struct {
	pipe *os.File
	to   io.Writer
	done chan struct{}
}

// A pipe whose first writer has ended is left when it has been silent for so long while there is another writer, and after
// that time at the latest.
const (
	quiet   = 200 * time.Millisecond
	chatter = time.Second
)

func (b *background) copy(pipe *os.File, to io.Writer) *copying {
	c := &copying{pipe, to, make(chan struct{})}
	go func() {
		defer close(c.done)
		if c.read() {
			pipe.Close()
		} else {
			b.keep(pipe)
		}
	}()
	return c
}

// read copies until no process has the pipe any more, or until settle says that the one that counts has ended and what
// it wrote is read. It reports which it was.
func (c *copying) read() (all bool) {
	buffer := make([]byte, 32<<10)
	var end time.Time // set when the one that counts has ended
	for {
		n, err := c.pipe.Read(buffer)
		_, _ = c.to.Write(buffer[:n]) // a log remembers what it could not write
		late := errors.Is(err, os.ErrDeadlineExceeded)
		now := time.Now()
		switch {
		case late && end.IsZero():
			end = now.Add(chatter)
		case late, !end.IsZero() && now.After(end):
			return false
		case err != nil:
			return true
		}
		if !end.IsZero() {
			_ = c.pipe.SetReadDeadline(now.Add(quiet))
		}
	}
}

// settle waits for the rest of what a process wrote that has ended.
func (c *copying) settle() {
	_ = c.pipe.SetReadDeadline(time.Now()) // a pipe that is closed has been read to its end
	<-c.done
}

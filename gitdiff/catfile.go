package gitdiff

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// flushEvery is how many requests git answers in one go. It answers none before it is told to.
const flushEvery = 64

// request asks cat-file about one object: "contents" for all of it, "info" for its type and size.
type request struct {
	command string
	object  string
}

// answer is what cat-file says about an object. One that it has not, or not one of, has no type.
type answer struct {
	id        string
	kind      string
	size      int
	ambiguous bool
	data      []byte // valid until the next answer
}

func (a *answer) found() bool { return a.kind != "" }

// catFile is one long-lived git cat-file --batch-command: it resolves revisions and reads objects.
type catFile struct {
	command *command
	process *process
	buffer  []byte
}

// begin starts the process, if none is running.
func (c *catFile) begin() error {
	if c.process != nil {
		return nil
	}
	p, err := c.command.start(nil, "cat-file", "--batch-command", "--buffer")
	c.process = p
	return err
}

func (c *catFile) close() {
	if c.process != nil {
		c.process.stop()
		c.process = nil
	}
}

// ask calls receive with the answer to each request, in order. After an error of any kind the process is gone: the
// next round begins with a new one.
func (c *catFile) ask(ctx context.Context, requests []request, receive func(i int, a *answer) error) error {
	if len(requests) == 0 {
		return nil
	}
	if err := c.begin(); err != nil {
		return err
	}
	defer c.command.traced("git cat-file", time.Now())
	p := c.process
	unhook := context.AfterFunc(ctx, p.kill)
	written := make(chan struct{})
	go func() {
		defer close(written)
		writeRequests(p.in, requests)
	}()
	err := c.receive(p, requests, receive)
	if err != nil {
		c.close()
	}
	// The writer must have ended before the next round's begins to write to the same pipe.
	<-written
	if !unhook() && err == nil {
		c.close()
		err = ctx.Err()
	}
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// writeRequests writes until a write fails. Then the process has died, which the reader sees as well and reports.
func writeRequests(in io.Writer, requests []request) {
	w := bufio.NewWriterSize(in, 32<<10)
	for i, r := range requests {
		w.WriteString(r.command)
		w.WriteByte(' ')
		w.WriteString(r.object)
		w.WriteByte('\n')
		if (i+1)%flushEvery == 0 || i == len(requests)-1 {
			w.WriteString("flush\n")
			if w.Flush() != nil {
				return
			}
		}
	}
}

func (c *catFile) receive(p *process, requests []request, receive func(int, *answer) error) error {
	var a answer
	for i, r := range requests {
		line, err := readLine(p.out)
		if err != nil {
			return p.died(err)
		}
		if a, err = parseObjectHeader(line, r.object); err != nil {
			return p.died(err)
		}
		if r.command == "contents" && a.found() {
			if a.data, err = c.readBody(p.out, a.size); err != nil {
				return p.died(err)
			}
		}
		if err := receive(i, &a); err != nil {
			return err
		}
	}
	return nil
}

// readBody reads an object's content and the newline after it.
func (c *catFile) readBody(r *bufio.Reader, size int) ([]byte, error) {
	if cap(c.buffer) <= size {
		c.buffer = make([]byte, size+1)
	}
	body := c.buffer[:size+1]
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, err
	}
	if body[size] != '\n' {
		return nil, errors.New("an object longer than its header says")
	}
	return body[:size], nil
}

// parseObjectHeader reads the line before an object's content, "<id> <type> <size>", or the one that says there is
// none: what was asked for, echoed, and "missing" or "ambiguous" (git-cat-file(1), "BATCH OUTPUT").
func parseObjectHeader(line []byte, asked string) (answer, error) {
	if rest, ok := bytes.CutPrefix(line, []byte(asked)); ok {
		switch string(rest) {
		case " missing":
			return answer{}, nil
		case " ambiguous":
			return answer{ambiguous: true}, nil
		}
	}
	id, rest, _ := bytes.Cut(line, []byte(" "))
	kind, size, _ := bytes.Cut(rest, []byte(" "))
	if !isFullHex(string(id)) {
		return answer{}, fmt.Errorf("unexpected answer %q to %q", line, asked)
	}
	if string(rest) == "submodule" {
		return answer{}, nil // newer gits: a commit of another repository
	}
	n, err := strconv.Atoi(string(size))
	if err != nil || n < 0 || len(kind) == 0 {
		return answer{}, fmt.Errorf("unexpected answer %q to %q", line, asked)
	}
	return answer{id: string(id), kind: string(kind), size: n}, nil
}

// readLine reads to a newline, and gives what is before it; it is valid until the next read.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		long := bytes.Clone(line)
		line, err = r.ReadBytes('\n')
		line = append(long, line...)
	}
	if err != nil {
		return nil, err
	}
	return line[:len(line)-1], nil
}

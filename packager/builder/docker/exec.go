package docker

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"
)

// patience is how long the end of a process' output may come after the end of its answer, and removing how long a run waits
// for the engine to remove a container, which on a machine with much to do takes a while.
const (
	patience = 5 * time.Second
	removing = 30 * time.Second
)

// LostError says that a container or its engine went away while something ran.
type LostError struct {
	// What it was that was under way.
	What string
	Err  error
}

func (e *LostError) Error() string { return fmt.Sprintf("%s: %v", e.What, e.Err) }
func (e *LostError) Unwrap() error { return e.Err }

// failed says of a call of the engine's what it was about.
func (e *engine) failed(ctx context.Context, what string, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case client.IsErrConnectionFailed(err), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return e.stopped(what)
	}
	return fmt.Errorf("docker: %s: %w", what, err)
}

func (e *engine) stopped(what string) error {
	return &LostError{what, errors.New("the Docker engine at " + e.host + " has stopped answering")}
}

// process is one that the agent runs in a container.
type process struct {
	conn client.HijackedResponse
	id   string
	// out has its standard output, and over is closed at the end of what it says.
	out  *io.PipeReader
	over chan struct{}
	stop func() bool
}

// exec starts the agent for one piece of work, as a user; log takes its standard error. The process sees the end of its
// standard input when ctx ends.
func (c *running) exec(ctx context.Context, user int, log io.Writer, args ...string) (*process, error) {
	created, err := c.engine.ExecCreate(ctx, c.id, client.ExecCreateOptions{
		User: fmt.Sprintf("%d:%d", user, user), AttachStdin: true, AttachStdout: true, AttachStderr: true, WorkingDir: "/",
		Cmd: append([]string{"python3", "-I", "-S", "-c", agent}, args...),
	})
	if err != nil {
		return nil, c.lost(ctx, err)
	}
	attached, err := c.engine.ExecAttach(ctx, created.ID, client.ExecAttachOptions{})
	if err != nil {
		return nil, c.lost(ctx, err)
	}
	out, in := io.Pipe()
	p := &process{conn: attached.HijackedResponse, id: created.ID, out: out, over: make(chan struct{})}
	p.stop = context.AfterFunc(ctx, p.conn.Close)
	go func() {
		defer close(p.over)
		_, err := stdcopy.StdCopy(in, log, p.conn.Reader)
		_ = in.CloseWithError(errors.Join(err, io.EOF))
	}()
	return p, nil
}

// close ends a process, whose last words may still be on their way.
func (p *process) close() {
	go io.Copy(io.Discard, p.out)
	select {
	case <-p.over:
	case <-time.After(patience):
	}
	p.stop()
	p.conn.Close()
	<-p.over
}

// exit waits for a process that says nothing on its standard output, and gives its exit code.
func (p *process) exit(ctx context.Context, c *running) (int, error) {
	_, _ = io.Copy(io.Discard, p.out) // how it ended says more than how its output did
	inspected, err := c.engine.ExecInspect(ctx, p.id, client.ExecInspectOptions{})
	if err != nil {
		return 0, c.lost(ctx, err)
	}
	if inspected.Running {
		return 0, c.lost(ctx, io.ErrUnexpectedEOF)
	}
	return inspected.ExitCode, nil
}

// lost finds out what became of a container in which a process did not come to its end.
func (c *running) lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	what := "a build in a container of " + c.image.name
	found, inspectErr := c.inspectEnded(ctx)
	switch {
	case cerrdefs.IsNotFound(inspectErr):
		return &LostError{what, errors.New("the container was removed by somebody else")}
	case inspectErr != nil:
		return c.engine.failed(ctx, what, inspectErr)
	case found.Container.State != nil && found.Container.State.OOMKilled:
		return &MemoryError{c.inMemory}
	case found.Container.State != nil && !found.Container.State.Running:
		if c.engine.isEnding(ctx) {
			return c.engine.stopped(what)
		}
		return &LostError{what, fmt.Errorf("the container was ended (exit code %d)", found.Container.State.ExitCode)}
	}
	return &LostError{what, err}
}

// isEnding reports whether an engine takes no new connection. One that is being stopped ends its containers first, and answers for as long
// on the connections that it has.
func (e *engine) isEnding(ctx context.Context) bool {
	conn, err := e.Dialer()(ctx)
	if err != nil {
		return true
	}
	_ = conn.Close() // nothing was said on it
	return false
}

// inspectEnded looks at a container that has probably ended, which the engine may be a moment late to know.
func (c *running) inspectEnded(ctx context.Context) (client.ContainerInspectResult, error) {
	const looks, pause = 10, 100 * time.Millisecond
	for look := 0; ; look++ {
		found, err := c.engine.ContainerInspect(ctx, c.id, client.ContainerInspectOptions{})
		if err != nil || found.Container.State == nil || !found.Container.State.Running || look == looks {
			return found, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return found, nil
		}
	}
}

// task is what the agent is asked to run.
type task struct {
	Directory string            `json:"directory"`
	Unset     []string          `json:"unset"`
	Set       map[string]string `json:"set"`
	Path      string            `json:"path,omitempty"`
	Files     map[string]string `json:"files,omitempty"`
	Steps     []step            `json:"steps"`
	Pack      string            `json:"pack,omitempty"`
	Remove    []string          `json:"remove,omitempty"`
}

// addFile has a file written before the first step.
func (t *task) addFile(name, text string) {
	if t.Files == nil {
		t.Files = map[string]string{}
	}
	t.Files[name] = text
}

// step is one process of a task.
type step struct {
	Command []string          `json:"command"`
	Input   string            `json:"input,omitempty"`
	Result  string            `json:"result,omitempty"`
	Set     map[string]string `json:"set,omitempty"`
	Only    *string           `json:"only,omitempty"`
}

// status is how a task went.
type status struct {
	// Step is the number of the last one; Code its exit code, the negative number of a signal, or nil where it did not start.
	Step    int       `json:"step"`
	Code    *int      `json:"code"`
	Results []*string `json:"results"`
	Problem string    `json:"problem"`
	// Memory says that the kernel killed something for want of memory, Full that the work directory is full.
	Memory bool `json:"memory"`
	Full   bool `json:"full"`
}

// unknown is the step of a task that gave no answer.
const unknown = -1

// run does a task, and calls yield with each file of its result. A task that gave no answer has an unknown step.
func (c *running) run(ctx context.Context, user int, t task, log io.Writer, yield func(*tar.Header, io.Reader) error) (status, error) {
	lost := status{Step: unknown}
	p, err := c.exec(ctx, user, log, "run")
	if err != nil {
		return lost, err
	}
	defer p.close()
	if _, err := p.conn.Conn.Write(request(t)); err != nil {
		return lost, c.lost(ctx, err)
	}
	s, err := readAnswer(p.out, yield)
	var refused *answerError
	switch {
	case ctx.Err() != nil:
		return lost, context.Cause(ctx)
	case errors.As(err, &refused):
		return s, refused.err
	case err != nil:
		return lost, c.lost(ctx, err)
	}
	return s, s.failure(c.inMemory)
}

// answerError is what yield has against a file, and not what is wrong with the connection.
type answerError struct{ err error }

func (e *answerError) Error() string { return e.err.Error() }

// readAnswer reads what the agent gives at the end of a task.
func readAnswer(r io.Reader, yield func(*tar.Header, io.Reader) error) (status, error) {
	var s status
	answer := tar.NewReader(r)
	if _, err := answer.Next(); err != nil {
		return s, noAnswer(err)
	}
	if err := json.NewDecoder(answer).Decode(&s); err != nil {
		return s, noAnswer(err)
	}
	for {
		h, err := answer.Next()
		switch {
		case errors.Is(err, io.EOF):
			return s, nil
		case err != nil:
			return s, noAnswer(err)
		case yield == nil:
			continue
		}
		if err := yield(h, answer); err != nil {
			return s, &answerError{err}
		}
	}
}

// noAnswer is an answer that ended too early: at the end of what a process says, if nothing else is known.
func noAnswer(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ended without an answer")
	}
	return err
}

// MemoryError says that the kernel killed a process of a build for want of memory.
type MemoryError struct {
	// InMemory is how much of it the files of builds may take, in bytes.
	InMemory int64
}

func (e *MemoryError) Error() string { return "killed by the kernel: the container is out of memory" }

// SpaceError says that the work directory of builds is full.
type SpaceError struct {
	// InMemory is how large it is, in bytes; 0 for one on the engine's disk.
	InMemory int64
}

func (e *SpaceError) Error() string {
	if e.InMemory > 0 {
		return fmt.Sprintf("no space left in the container's work directory, %d MB of memory", e.InMemory>>20)
	}
	return "no space left on the disk of the Docker engine"
}

// failure says why the last step failed, where the container knows better than the step.
func (s status) failure(inMemory int64) error {
	ended := s.Code == nil || *s.Code != 0 || s.Problem != ""
	switch {
	case !ended:
		return nil
	case s.Memory:
		return &MemoryError{inMemory}
	case s.Full:
		return &SpaceError{inMemory}
	case s.Code != nil && *s.Code < 0:
		return fmt.Errorf("ended by signal %d", -*s.Code)
	case s.Code != nil && *s.Code > 0:
		return fmt.Errorf("exit code %d", *s.Code)
	}
	return errors.New(s.Problem)
}

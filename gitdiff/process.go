package gitdiff

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// pipeSize is what pipes to and from git are asked to hold: with it a process on either side is rarely waited for.
const pipeSize = 1 << 20

// command is how git is run for one repository: in the directory that the user named, so that git finds the repository
// itself. Naming it to git by GIT_DIR would switch the checks of safe.directory off.
type command struct {
	path  string
	dir   string
	env   environment
	trace func(step string, d time.Duration)
	// location is the repository, and network says that what it lacks may be fetched.
	location *location
	network  bool
	// foreground keeps git in our process group: what speaks to a remote may have to ask the user for a passphrase.
	foreground bool
}

// newCommand takes what would change git's answers, have it ask or fetch, or write to the repository out of the
// environment.
func newCommand(path string, l *location, env environment, opts Options) *command {
	return &command{path: path, dir: l.dir, trace: opts.Trace, location: l, network: opts.AllowNetwork, env: env.with(
		[]string{
			"GIT_DIFF_OPTS", "GIT_EXTERNAL_DIFF", "GIT_FLUSH", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS",
			"GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS", "LANGUAGE",
		},
		"LC_ALL=C",
		"GIT_OPTIONAL_LOCKS=0",
		"GIT_TERMINAL_PROMPT=0",
		// Each of the two forbids to fetch what a partial clone lacks: gits before 2.44 know the second only.
		"GIT_NO_LAZY_FETCH=1",
		"GIT_ALLOW_PROTOCOL=none",
	)}
}

// process is a running git.
type process struct {
	command *command
	name    string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	stderr  *tail
	ended   bool
}

// start starts a git whose name in errors is its first argument that is no option.
func (c *command) start(settings []string, args ...string) (*process, error) {
	cmd := exec.Command(c.path, args...)
	cmd.Dir = c.dir
	cmd.Env = append(c.env[:len(c.env):len(c.env)], settings...)
	cmd.WaitDelay = time.Second
	if !c.foreground {
		apart(cmd)
	}
	p := &process{command: c, name: commandName(args), cmd: cmd, stderr: &tail{}}
	cmd.Stderr = p.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	widenPipe(in)
	widenPipe(out)
	if err := cmd.Start(); err != nil {
		return nil, &ProcessError{Command: p.name, Err: err}
	}
	p.in = in
	p.out = bufio.NewReaderSize(out, 64<<10)
	return p, nil
}

func commandName(args []string) string {
	for i := 0; i < len(args); i++ {
		if args[i] == "-c" {
			i++
		} else if !strings.HasPrefix(args[i], "-") {
			return args[i]
		}
	}
	return ""
}

// run lets a git answer to read from its whole output, and is an error where either of them is.
func (c *command) run(ctx context.Context, input []byte, read func(*bufio.Reader) error, args ...string) error {
	_, err := c.said(ctx, input, read, args...)
	return err
}

// said is run with what git said on stderr, be it a warning of one that succeeded.
func (c *command) said(ctx context.Context, input []byte, read func(*bufio.Reader) error, args ...string) (words string, err error) {
	began := time.Now()
	p, err := c.start(nil, args...)
	if err != nil {
		return "", err
	}
	stop := p.kill
	if c.foreground {
		stop = p.terminate
	}
	defer context.AfterFunc(ctx, stop)()
	written := make(chan struct{})
	go func() {
		defer close(written)
		p.in.Write(input) // a git that does not want it ends in failure, or has all it needs
		p.in.Close()
	}()
	readErr := read(p.out)
	if readErr != nil && !errors.Is(readErr, io.ErrUnexpectedEOF) {
		p.kill()
	}
	waitErr := p.wait()
	<-written
	c.traced("git "+p.name, began)
	words = strings.TrimSpace(p.stderr.String())
	switch {
	case ctx.Err() != nil:
		return words, context.Cause(ctx)
	case readErr != nil && !errors.Is(readErr, io.ErrUnexpectedEOF):
		return words, readErr
	case waitErr != nil:
		return words, p.failure(waitErr)
	case readErr != nil:
		return words, p.failure(readErr)
	}
	return words, nil
}

// output is run for a short answer.
func (c *command) output(ctx context.Context, input []byte, args ...string) ([]byte, error) {
	var out []byte
	err := c.run(ctx, input, into(&out), args...)
	return out, err
}

// into makes a reader that keeps the whole output.
func into(out *[]byte) func(*bufio.Reader) error {
	return func(r *bufio.Reader) (err error) {
		*out, err = io.ReadAll(r)
		return err
	}
}

func (c *command) traced(step string, began time.Time) {
	if c.trace != nil {
		c.trace(step, time.Since(began))
	}
}

// kill ends the process, and what it has started if it is a script that runs git: that would keep the pipes open.
func (p *process) kill() {
	if p.cmd.Process.Kill() == nil {
		killGroup(p.cmd)
	}
}

// tidyTime is how long a process may take to take its lock files away.
const tidyTime = time.Second

// terminate is kill for a process that writes: git takes its lock files away when it is told to end, and leaves them when it is
// killed.
func (p *process) terminate() {
	if p.cmd.Process.Signal(syscall.SIGTERM) != nil { // it has ended, or there are no signals
		p.kill()
		return
	}
	time.AfterFunc(tidyTime, p.kill)
}

// wait waits for the end, once.
func (p *process) wait() error {
	if p.ended {
		return nil
	}
	p.ended = true
	return p.cmd.Wait()
}

// stop ends a process that is not needed any more. It only reads, so nothing depends on how it ends, or when: it is
// killed, and waited for beside the caller's work.
func (p *process) stop() {
	p.kill()
	go p.wait()
}

// died ends a process that answered wrongly or not at all, and tells why: by its own end where it has one.
func (p *process) died(cause error) error {
	p.in.Close()
	if !errors.Is(cause, io.EOF) && !errors.Is(cause, io.ErrUnexpectedEOF) {
		p.kill()
		p.wait()
		return p.failure(cause)
	}
	// Its output has ended, so it is about to end; should it not, it is no process to wait for.
	timer := time.AfterFunc(time.Second, p.kill)
	defer timer.Stop()
	if err := p.wait(); err != nil {
		return p.failure(err)
	}
	return p.failure(io.ErrUnexpectedEOF)
}

// failure makes a typed error of git's words.
func (p *process) failure(err error) error {
	words := strings.TrimSpace(p.stderr.String())
	failure := &ProcessError{Command: p.name, Err: err, Stderr: words}
	switch {
	case strings.Contains(words, "detected dubious ownership"), strings.Contains(words, "safe.bareRepository"):
		return &UnsafeError{Words: strings.TrimPrefix(words, "fatal: ")}
	case strings.Contains(words, "not a git repository"):
		return &wrapped{fact: ErrNotRepository, ProcessError: failure}
	case strings.Contains(words, "unknown option `batch-command"):
		return &wrapped{fact: ErrGitTooOld, ProcessError: failure}
	case strings.Contains(words, "could not fetch") && strings.Contains(words, "from promisor remote"):
		return &wrapped{fact: &PartialError{Missing: 1, Remote: p.command.location.promisor(), Asked: p.command.network}, ProcessError: failure}
	}
	return failure
}

// wrapped is a failure of git whose words stand for a fact.
type wrapped struct {
	*ProcessError
	fact error
}

func (w *wrapped) Error() string { return w.fact.Error() }

func (w *wrapped) Unwrap() []error { return []error{w.fact, w.ProcessError} }

// tail keeps the first of what git says on stderr: its reason comes first, usage and advice after.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

const tailSize = 4 << 10

func (t *tail) Write(data []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if room := tailSize - t.text.Len(); room > 0 {
		t.text.Write(data[:min(room, len(data))])
	}
	return len(data), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

package docker

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/monoplan/monoplan/internal/environ"
)

// sshDialer makes connections to an engine on another machine through the installed ssh, which starts Docker's command there.
type sshDialer struct {
	env  environment
	host string

	mu sync.Mutex
	// refused is why a connection last came to nothing: the client leaves that out of most of its errors.
	refused error
}

// dialer gives what makes connections, or nil for what the client does itself.
func (e endpoint) dialer(env environment) *sshDialer {
	if !e.isSSH() {
		return nil
	}
	return &sshDialer{env: env, host: e.host}
}

// refusal gives why a connection came to nothing, if any did.
func (d *sshDialer) refusal() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.refused
}

func (d *sshDialer) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	at, err := url.Parse(d.host)
	if err != nil {
		return nil, err
	}
	args := []string{"-o", "ConnectTimeout=30", "-T"}
	if user := at.User.Username(); user != "" {
		args = append(args, "-l", user)
	}
	if port := at.Port(); port != "" {
		args = append(args, "-p", port)
	}
	args = append(args, "--", at.Hostname(), "docker")
	if at.Path != "" {
		args = append(args, "--host", "unix://"+at.Path)
	}
	args = append(args, "system", "dial-stdio")
	program, err := environ.LookPath(d.env, "ssh")
	if err != nil {
		return nil, err
	}
	// The connection outlives the request that it is made for.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program, args...)
	cmd.Env = d.env
	c := &commandConn{cmd: cmd, dialer: d, said: make(chan struct{})}
	if c.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if c.out, err = cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	words, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_, _ = io.Copy(&c.words, words)
		close(c.said)
	}()
	return c, nil
}

// commandConn is a connection by way of a process.
type commandConn struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.ReadCloser
	words  lastWords
	said   chan struct{} // closed after the last of the words
	dialer *sshDialer
	once   sync.Once
}

// Read fails at the end with what the process had to say: its last line, before which come warnings.
func (c *commandConn) Read(b []byte) (int, error) {
	n, err := c.out.Read(b)
	if n > 0 || !errors.Is(err, io.EOF) {
		return n, err
	}
	select {
	case <-c.said:
	case <-time.After(time.Second):
	}
	lines := strings.FieldsFunc(c.words.String(), func(r rune) bool { return r == '\n' || r == '\r' })
	if len(lines) == 0 {
		return 0, io.EOF
	}
	c.dialer.mu.Lock()
	defer c.dialer.mu.Unlock()
	c.dialer.refused = errors.New("ssh: " + strings.TrimPrefix(lines[len(lines)-1], "ssh: "))
	return 0, c.dialer.refused
}

func (c *commandConn) Write(b []byte) (int, error) { return c.in.Write(b) }

// CloseWrite ends what the engine reads.
func (c *commandConn) CloseWrite() error { return c.in.Close() }

// Close ends the process. That it was ended is no error.
func (c *commandConn) Close() error {
	c.once.Do(func() {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
	})
	return nil
}

func (c *commandConn) LocalAddr() net.Addr              { return commandAddr{} }
func (c *commandConn) RemoteAddr() net.Addr             { return commandAddr{} }
func (c *commandConn) SetDeadline(time.Time) error      { return nil }
func (c *commandConn) SetReadDeadline(time.Time) error  { return nil }
func (c *commandConn) SetWriteDeadline(time.Time) error { return nil }

type commandAddr struct{}

func (commandAddr) Network() string { return "ssh" }
func (commandAddr) String() string  { return "ssh" }

// lastWords keeps the end of what a process says on standard error.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

func (w *lastWords) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	const enough = 1 << 10
	w.text = append(w.text, b...)
	w.text = w.text[max(0, len(w.text)-enough):]
	return len(b), nil
}

func (w *lastWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.text)
}

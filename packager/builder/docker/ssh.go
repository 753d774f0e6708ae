package docker

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"os/exec"
	"sync"
	"time"
)

// dialSSH speaks with an engine on another machine through the installed ssh, which starts Docker's command there.
func dialSSH(ctx context.Context, env environment, host string) (net.Conn, error) {
	at, err := url.Parse(host)
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
	// The connection outlives the request that it is made for.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "ssh", args...)
	cmd.Env = env
	c := &commandConn{cmd: cmd}
	if c.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if c.out, err = cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	cmd.Stderr = &c.words
	return c, cmd.Start()
}

// commandConn is a connection by way of a process.
type commandConn struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   io.ReadCloser
	words lastWords
	once  sync.Once
}

func (c *commandConn) Read(b []byte) (int, error) {
	n, err := c.out.Read(b)
	if words := c.words.String(); n == 0 && errors.Is(err, io.EOF) && words != "" {
		return 0, errors.New("ssh: " + words)
	}
	return n, err
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

package deployer

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
)

// forCommand gives the variables for a command that is about to run in a directory. A shell reads BASH_ENV's file by itself; what
// it is told there is known for a secret, too.
func (d *deployment) forCommand(ctx context.Context, c Command, dir string) ([]string, error) {
	exported, err := d.forTools(ctx, dir)
	if c.Shell != "" {
		return d.env.list(), err
	}
	return exported, err
}

// forTools gives the variables with what hooks have left in BASH_ENV's file, for programs that are no shell. What they left is a
// script, which may say another thing each time: a shell runs it and tells.
func (d *deployment) forTools(ctx context.Context, dir string) ([]string, error) {
	if left, err := d.env.isLeft(); err != nil || !left {
		return d.env.list(), err
	}
	told := d.env.file + ".told"
	defer os.Remove(told)
	var said bytes.Buffer
	p := d.process(d.shell.argv(`env -0 > "$1"`, told), dir, d.env.list(), &said)
	err := p.run(ctx)
	if errors.Is(err, errStopped) {
		return nil, errStopped
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(told)
	}
	if err != nil {
		return nil, &bashEnvError{err, d.env.secrets.Hide(strings.TrimSpace(said.String()))}
	}
	exported := strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
	d.env.secrets.Add(exported)
	return exported, nil
}

// bashEnvError is a BASH_ENV that could not be run.
type bashEnvError struct {
	err  error
	said string
}

func (e *bashEnvError) Error() string {
	text := "what the hooks left in BASH_ENV does not run: " + e.err.Error()
	if e.said != "" {
		text += ": " + e.said
	}
	return text
}

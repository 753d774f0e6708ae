package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// On a terminal text is as wide as that and in colour; NO_COLOR and a terminal that knows none take the colour away.
// A pipe gets whole lines without any.
func TestTerminal(t *testing.T) {
	dir := repositoryOfTwo(t)
	args := []string{"changed", "-C", dir, "--since", "none"}

	piped := runToString(t, args, nil)
	if strings.Contains(piped, "\x1b") || !strings.Contains(piped, "services/posts  first-deploy  there is nothing to compare it with") {
		t.Errorf("through a pipe: %q", piped)
	}
	for _, env := range [][]string{{"NO_COLOR=1"}, {"TERM=dumb"}} {
		if got := runOnTerminal(t, 200, args, env); strings.Contains(got, "\x1b") || !strings.Contains(got, "deploy  posts") {
			t.Errorf("%q: %q", env, got)
		}
	}
	if got := runOnTerminal(t, 200, args, []string{"NO_COLOR="}); !strings.Contains(got, "\x1b[32mdeploy\x1b[0m") {
		t.Errorf("no colour on a terminal: %q", got)
	}
	narrow := runOnTerminal(t, 60, args, []string{"NO_COLOR=1"})
	table, _, _ := strings.Cut(narrow, "\n\n")
	for line := range strings.Lines(table) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\r\n")); n > 60 {
			t.Errorf("%d columns on a terminal of 60: %q", n, line)
		}
	}
	if !strings.Contains(narrow, "…") {
		t.Errorf("nothing was cut to 60 columns: %q", narrow)
	}
	if got := runOnTerminal(t, 0, args, []string{"NO_COLOR=1", "COLUMNS=60"}); got != narrow {
		t.Errorf("a terminal that knows no width does not ask COLUMNS: %q", got)
	}
}

// runOnTerminal runs the command with a pseudo-terminal (pty(7)) of some width as standard output.
func runOnTerminal(t *testing.T, width int, args, env []string) string {
	t.Helper()
	controller, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer controller.Close()
	fd := int(controller.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(width), Row: 24}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = out.ReadFrom(controller) // ends with EIO when the other side is closed
	}()
	code := run(t.Context(), args, process{Stdout: tty, Stderr: os.Stderr, Env: append(testEnvironment("TERM=xterm"), env...), Dir: "/"})
	if err := tty.Close(); err != nil {
		t.Fatal(err)
	}
	<-done
	if code != exitFine {
		t.Fatalf("exit code %d", code)
	}
	return strings.ReplaceAll(out.String(), "\r\n", "\n")
}

func runToString(t *testing.T, args, env []string) string {
	t.Helper()
	var out bytes.Buffer
	code := run(t.Context(), args, process{Stdout: &out, Stderr: os.Stderr, Env: testEnvironment(env...), Dir: "/"})
	if code != exitFine {
		t.Fatalf("exit code %d", code)
	}
	return out.String()
}

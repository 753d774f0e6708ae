//go:build unix

package deployer

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// await waits until something is so. What is never so is found by the test's own limit of time.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for !is() {
		if t.Context().Err() != nil {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func exists(path string) func() bool {
	return func() bool {
		_, err := os.Stat(path)
		return err == nil
	}
}

// lives reports whether the process whose ID a file has runs.
func lives(t *testing.T, file string) bool {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err == nil && strings.Contains(string(stat), ") Z ") {
		return false // ended, and nobody asked how
	}
	return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

// interrupted runs one service, interrupts it when it has made the file ready, and gives its result.
func (b *bench) interrupted(script string, stop func(cancel, kill func())) Result {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	kill := make(chan struct{})
	b.config.Kill = kill
	done := make(chan Result, 1)
	s := b.service("posts", 0, script)
	go func() {
		results, err := Run(ctx, b.config, []Service{s})
		if err != nil {
			b.t.Error(err)
			results = []Result{{}}
		}
		done <- results[0]
	}()
	await(b.t, "the command is ready", exists(filepath.Join(b.config.Root, "services/posts/ready")))
	stop(cancel, func() { close(kill) })
	return <-done
}

func once(cancel, _ func())     { cancel() }
func twice(cancel, kill func()) { cancel(); kill() }

// Who is told to stop may tidy up, its children too, and is interrupted whatever status it ends with.
func TestInterruptReachesChildren(t *testing.T) {
	b := newBench(t)
	r := b.interrupted(`
		trap 'wait; echo tidied; exit 0' TERM
		sh -c 'trap "echo child tidied; exit 0" TERM; sh -c "echo \$\$ > grandchild; touch ready; exec sleep 600" & wait' &
		wait`, once)
	if r.Outcome != Interrupted || !errors.Is(r.Err, errStopped) {
		t.Errorf("%s, %v", r.Outcome, r.Err)
	}
	log := b.read(r.Log)
	if !strings.Contains(log, "child tidied\ntidied\n") {
		t.Errorf("the log is %q", log)
	}
	if lives(t, filepath.Join(b.config.Root, "services/posts/grandchild")) {
		t.Error("the grandchild lives")
	}
}

// A shell dies of SIGTERM while its child still writes down what it did: the child has the time that it needs.
func TestInterruptWaitsForChildren(t *testing.T) {
	b := newBench(t)
	r := b.interrupted(`
		sh -c 'trap "sleep 0.3; echo written; exit 0" TERM; touch ready; while :; do sleep 0.05; done'
		echo not reached`, once)
	if log := b.read(r.Log); r.Outcome != Interrupted || !strings.Contains(log, "written\n") || strings.Contains(log, "\nnot reached") {
		t.Errorf("%s\n%s", r.Outcome, log)
	}
}

const deaf = `
	sh -c 'trap "" TERM INT HUP; echo $$ > child; touch ready; while :; do sleep 1; done' &
	trap '' TERM INT HUP
	while :; do sleep 1; done`

// Who does not hear is killed after the time of grace.
func TestDeafAfterGrace(t *testing.T) {
	b := newBench(t)
	b.config.Grace = 50 * time.Millisecond
	b.expectDead(b.interrupted(deaf, once))
}

// Who does not hear is killed at once by a second interrupt, whatever the time of grace.
func TestDeafKilled(t *testing.T) {
	b := newBench(t)
	b.expectDead(b.interrupted(deaf, twice))
}

// The second interrupt alone is enough.
func TestKilledWithoutInterrupt(t *testing.T) {
	b := newBench(t)
	b.expectDead(b.interrupted(deaf, func(_, kill func()) { kill() }))
}

func (b *bench) expectDead(r Result) {
	b.t.Helper()
	var step *StepError
	if r.Outcome != Interrupted || !errors.As(r.Err, &step) || step.Signal != "killed" {
		b.t.Errorf("%s, %v", r.Outcome, r.Err)
	}
	child := filepath.Join(b.config.Root, "services/posts/child")
	await(b.t, "the child is dead", func() bool { return !lives(b.t, child) })
}

// A leader that ends leaves a child that does not hear: the child is killed after the time of grace.
func TestDeafChildOfGoodLeader(t *testing.T) {
	b := newBench(t)
	b.config.Grace = 300 * time.Millisecond
	r := b.interrupted(`
		sh -c 'trap "" TERM; echo $$ > child; touch ready; while :; do sleep 1; done' &
		trap 'exit 7' TERM
		wait`, once)
	var step *StepError
	if r.Outcome != Interrupted || !errors.As(r.Err, &step) || step.Status != 7 {
		t.Errorf("%s, %v", r.Outcome, r.Err)
	}
	child := filepath.Join(b.config.Root, "services/posts/child")
	await(t, "the child is dead", func() bool { return !lives(t, child) })
}

// What is paused hears, too.
func TestInterruptOfPaused(t *testing.T) {
	b := newBench(t)
	if r := b.interrupted(`touch ready; kill -STOP $$`, once); r.Outcome != Interrupted {
		t.Errorf("%s, %v", r.Outcome, r.Err)
	}
}

// A hook may leave a server behind that keeps its standard output: nobody waits for it, and it lives on.
func TestBackgroundProcess(t *testing.T) {
	b := newBench(t)
	b.config.Hooks.BeforeDeploy = []string{`(echo $BASHPID > server; while :; do echo serving; sleep 0.02; done) & echo begun`}
	s := b.service("posts", 0, `kill -0 "$(cat ../../server)" && echo it serves`)
	r := b.run(t.Context(), s)[0]
	server := filepath.Join(b.config.Root, "server")
	if r.Outcome != Succeeded || !strings.Contains(b.read(r.Log), "it serves") {
		t.Errorf("%v\n%s", r.Err, b.read(r.Log))
	}
	text := strings.TrimSpace(b.read(server))
	pid, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended of the pipe that is closed with the run
	await(t, "the server is dead", func() bool { return !lives(t, server) })
}

// Nobody can be asked anything: standard input is empty, and there is no terminal.
func TestNobodyToAsk(t *testing.T) {
	b := newBench(t)
	r := b.run(t.Context(), b.service("posts", 0, `cat; (: < /dev/tty) 2> /dev/null || echo nobody`))[0]
	if log := b.read(r.Log); r.Outcome != Succeeded || !strings.HasSuffix(log, "\nnobody\n") {
		t.Errorf("%v\n%s", r.Err, log)
	}
}

// A signal that nobody of ours sent is a failure, and has its name.
func TestEndedBySignal(t *testing.T) {
	b := newBench(t)
	r := b.run(t.Context(), b.service("posts", 0, `kill -SEGV $$`))[0]
	if got, want := r.Err.Error(), "posts: deploy: `kill -SEGV $$`: ended by signal: segmentation fault"; r.Outcome != Failed || got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

package dockertest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Private is an engine of a test's own, which the test may stop, kill and start again without harm to what else runs here.
type Private struct {
	// Host is where it answers, as DOCKER_HOST has it.
	Host string

	root     string
	flags    []string
	listener *os.File
	dockerd  *exec.Cmd
}

// patience is how long an engine may take to answer after its start.
const patience = 60 * time.Second

// NewPrivate starts an engine with files, a network namespace and a containerd of its own, and further flags. It ends with the test. A
// listener, where there is one, is handed to it: it answers there too, with TLS where the flags ask for that. A machine on which no engine
// can be started skips the test, or in CI fails it.
func NewPrivate(t testing.TB, listener *os.File, flags ...string) *Private {
	t.Helper()
	for _, program := range []string{"dockerd", "containerd"} {
		if _, err := exec.LookPath(program); err != nil || os.Getuid() != 0 {
			Missing(t, "no engine of the test's own can be started: that takes root, and "+program)
		}
	}
	root, err := os.MkdirTemp("", "engine-") // the path of a socket may have 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	p := &Private{Host: "unix://" + filepath.Join(root, "docker.sock"), root: root, flags: flags, listener: listener}
	t.Cleanup(func() { removeMounted(t, root) })
	p.startContainerd(t)
	t.Cleanup(func() { end(t, p.dockerd, syscall.SIGTERM) }) // not Start's, which a subtest may call
	p.Start(t)
	return p
}

// removeMounted removes a directory, in which an engine that was killed leaves what it mounted.
func removeMounted(t testing.TB, root string) {
	t.Helper()
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Error(err)
	}
	lines := strings.Split(string(mounts), "\n")
	slices.Reverse(lines) // what was mounted last first
	for _, line := range lines {
		if fields := strings.Fields(line); len(fields) > 1 && strings.HasPrefix(fields[1], root+"/") {
			if err := syscall.Unmount(fields[1], syscall.MNT_DETACH); err != nil {
				t.Errorf("%s: %v", fields[1], err)
			}
		}
	}
	if out, err := exec.Command("rm", "-rf", "--one-file-system", root).CombinedOutput(); err != nil {
		t.Errorf("removing an engine's files: %v\n%s", err, out)
	}
}

// startContainerd starts what runs the containers: a process beside the engine, as a system's packages have it, so that an engine that is
// killed leaves it, and the containers, as they are.
func (p *Private) startContainerd(t testing.TB) {
	t.Helper()
	config := filepath.Join(p.root, "containerd.toml")
	if err := os.WriteFile(config, []byte("version = 2\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("containerd", "--config", config, "--address", p.containerd(),
		"--root", filepath.Join(p.root, "containerd"), "--state", filepath.Join(p.root, "containerd-state"))
	p.launch(t, cmd)
	t.Cleanup(func() { end(t, cmd, syscall.SIGTERM) })
}

func (p *Private) containerd() string { return filepath.Join(p.root, "containerd.sock") }

// Start starts the engine, which has ended, and waits until it answers.
func (p *Private) Start(t testing.TB) {
	t.Helper()
	_ = os.Remove(filepath.Join(p.root, "pid")) // of one that was killed
	args := append([]string{
		"--containerd", p.containerd(), "--data-root", filepath.Join(p.root, "data"), "--exec-root", filepath.Join(p.root, "exec"),
		"--pidfile", filepath.Join(p.root, "pid"), "--host", p.Host, "--bridge=none", "--iptables=false", "--ip-masq=false",
	}, p.flags...)
	// It takes listeners as systemd hands them over, which wants the process' own number.
	script := `exec dockerd "$@"`
	if p.listener != nil {
		script = `LISTEN_PID=$$ LISTEN_FDS=1 exec dockerd --host fd:// "$@"`
	}
	p.dockerd = exec.Command("sh", append([]string{"-c", script, "sh"}, args...)...)
	if p.listener != nil {
		p.dockerd.ExtraFiles = []*os.File{p.listener}
	}
	// Without a network of its own an engine that has no bridge takes that of the machine's engine away.
	p.dockerd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	p.launch(t, p.dockerd)
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		if exec.CommandContext(t.Context(), "docker", "-H", p.Host, "version").Run() == nil {
			return
		}
		if time.Since(began) > patience {
			said, err := os.ReadFile(p.log())
			t.Fatalf("the test's own engine does not answer:\n%s%v", said[max(0, len(said)-4<<10):], err)
		}
	}
}

// End ends the engine by a signal, and waits until it is gone.
func (p *Private) End(t testing.TB, signal syscall.Signal) {
	t.Helper()
	end(t, p.dockerd, signal)
}

// SmallVolumes gives the volumes of the engine, which runs and has none, a disk of their own of a size such as "8m".
func (p *Private) SmallVolumes(t testing.TB, size string) {
	t.Helper()
	SmallDisk(t, filepath.Join(p.root, "data", "volumes"), size)
}

// SmallDisk mounts a file system of a size such as "8m" on a directory, in memory, for as long as the test takes. A machine on which that
// cannot be done skips the test, or in CI fails it.
func SmallDisk(t testing.TB, dir, size string) {
	t.Helper()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput(); err != nil {
		Missing(t, fmt.Sprintf("no file system can be mounted: %v: %s", err, out))
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "--lazy", dir).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

// Docker asks this engine through the docker command, which must succeed.
func (p *Private) Docker(t testing.TB, args ...string) string {
	t.Helper()
	return Docker(t, append([]string{"-H", p.Host}, args...)...)
}

// Load copies an image from the machine's engine.
func (p *Private) Load(t testing.TB, image string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `docker save "$0" | docker -H "$1" load -q`, image, p.Host)
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("Loaded")) {
		t.Fatalf("%v\n%s", err, out)
	}
}

// log has what the engine's processes write.
func (p *Private) log() string { return filepath.Join(p.root, "log") }

func (p *Private) launch(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	log, err := os.OpenFile(p.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// end ends a process that may have ended already.
func end(t testing.TB, cmd *exec.Cmd, signal syscall.Signal) {
	t.Helper()
	if cmd.ProcessState != nil {
		return
	}
	if err := cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Errorf("%s: %v", strings.Join(cmd.Args, " "), err)
	}
}

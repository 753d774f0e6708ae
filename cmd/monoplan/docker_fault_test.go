//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/monoplan/monoplan/internal/dockertest"
)

// buildRepository is a repository of one service, whose library has a backend of its own that needs nothing from an index and does what a
// test wants, in build_wheel. In seen it says what the wheel is to tell.
func buildRepository(t *testing.T, engine dockertest.Engine, settings, does string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"seed.yml":                    "package:\n  builder: docker\n  glibc: " + `"` + engine.Glibc + "\"\n" + settings,
		"services/api/serverless.yml": "service: api\nprovider: {name: aws, runtime: python" + engine.Python + "}\n",
		"services/api/handler.py":     "import lib\n",
		"services/api/pyproject.toml": "[project]\nname = \"api\"\nversion = \"1.0\"\nrequires-python = \">=3.9\"\ndependencies = [\"lib\"]\n[tool.uv.sources]\nlib = {path = \"../../lib\"}\n",
		"services/api/uv.lock": "version = 1\nrevision = 3\nrequires-python = \">=3.9\"\n\n[[package]]\nname = \"api\"\nversion = \"1.0\"\nsource = { virtual = \".\" }\n" +
			"dependencies = [\n    { name = \"lib\" },\n]\n\n[package.metadata]\nrequires-dist = [{ name = \"lib\", directory = \"../../lib\" }]\n\n" +
			"[[package]]\nname = \"lib\"\nversion = \"1.0\"\nsource = { directory = \"../../lib\" }\n",
		"lib/pyproject.toml":   "[project]\nname = \"lib\"\nversion = \"1.0\"\n[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\"tools\"]\n",
		"lib/tools/backend.py": strings.Replace(faultBackend, "DOES", strings.ReplaceAll(does, "\n", "\n    "), 1),
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	commitAll(t, dir)
	return dir
}

const faultBackend = `import base64, hashlib, os, socket, subprocess, sys, time, zipfile

def build_wheel(out, config_settings=None, metadata_directory=None):
    seen = ""
    DOES
    info = "lib-1.0.dist-info"
    files = {
        "lib.py": ("seen = %r\n" % seen).encode(),
        info + "/METADATA": b"Metadata-Version: 2.1\nName: lib\nVersion: 1.0\n",
        info + "/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join("%s,sha256=%s,%d\n" % (p, base64.urlsafe_b64encode(hashlib.sha256(d).digest()).decode().rstrip("="), len(d)) for p, d in files.items())
    files[info + "/RECORD"] = (record + info + "/RECORD,,\n").encode()
    with zipfile.ZipFile(os.path.join(out, "lib-1.0-py3-none-any.whl"), "w") as z:
        for p, d in files.items():
            z.writestr(p, d)
    return "lib-1.0-py3-none-any.whl"
`

// sleeps is a build under way, for as long as a test takes. It says so on its standard output, which goes to its log.
const sleeps = "print('asleep', flush=True)\ntime.sleep(120)"

// ownImage makes an image like the base that only this test uses, so that its containers can be told from those of others.
func ownImage(t *testing.T, engine dockertest.Engine) string {
	t.Helper()
	name := "monoplan-test/own:" + strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-"))
	cmd := exec.CommandContext(t.Context(), "docker", "build", "-q", "-t", name, "-")
	cmd.Stdin = strings.NewReader(fmt.Sprintf("FROM %s\nLABEL test=%q\n", engine.Base, fmt.Sprint(time.Now().UnixNano())))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("docker", "image", "rm", "-f", name).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	return name
}

// containersOf lists the containers of an image, with -a those that do not run, too. An engine that is just removing another container
// does not always answer.
func containersOf(t *testing.T, image string, flags ...string) ([]string, bool) {
	args := append([]string{"ps", "-q", "--filter", "ancestor=" + image}, flags...)
	out, err := exec.CommandContext(t.Context(), "docker", args...).Output()
	return strings.Fields(string(out)), err == nil
}

// noContainers reports whether an image has no containers.
func noContainers(t *testing.T, image string, flags ...string) bool {
	left, ok := containersOf(t, image, flags...)
	return ok && len(left) == 0
}

// packaging is a run of monoplan package as a process.
type packageProcess struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
}

func startPackage(t *testing.T, dir, cache string, env, args []string) *packageProcess {
	t.Helper()
	p := &packageProcess{Cmd: exec.CommandContext(t.Context(), "monoplan", append([]string{"package"}, args...)...)}
	p.Dir, p.Stdout, p.Stderr = dir, &p.stdout, &p.stderr
	p.Env = testEnvironment(append([]string{storeDirVariable + "=" + cache, "GORACE=atexit_sleep_ms=0"}, env...)...)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// end waits for the process, and gives its exit code.
func (p *packageProcess) end() int {
	_ = p.Wait()
	return p.ProcessState.ExitCode()
}

func (p *packageProcess) String() string { return p.stdout.String() + p.stderr.String() }

// failing packages a service that cannot be, and wants what is said of it. Nothing may be taken for an artifact, and no container be left.
func failing(t *testing.T, image, dir string, env, args []string, want ...string) {
	t.Helper()
	p := startPackage(t, dir, t.TempDir(), env, args)
	if code := p.end(); code != int(exitFailed) {
		t.Errorf("exit code %d\n%s", code, p)
	}
	for _, text := range want {
		if !strings.Contains(p.stderr.String(), text) {
			t.Errorf("it does not say %q:\n%s", text, p)
		}
	}
	leavesNothing(t, image, dir)
}

func leavesNothing(t *testing.T, image, dir string) {
	t.Helper()
	if left, err := filepath.Glob(filepath.Join(dir, ".monoplan", "artifacts", "*.zip")); err != nil || len(left) > 0 {
		t.Errorf("there is %v, %v", left, err)
	}
	if image == "" {
		return
	}
	waitFor(t, "the end of all containers", func() bool { return noContainers(t, image, "-a") })
}

func TestDockerFaults(t *testing.T) {
	engine := dockertest.New(t)
	t.Run("no engine", func(t *testing.T) {
		dir := buildRepository(t, engine, "  image: "+engine.Base+"\n", "pass")
		socket := "unix://" + filepath.Join(t.TempDir(), "docker.sock")
		failing(t, "", dir, []string{"DOCKER_HOST=" + socket, "DOCKER_CONTEXT="}, nil, "api: ", socket, "hint: ")
	})
	t.Run("too old", func(t *testing.T) {
		dir := buildRepository(t, engine, "  image: "+engine.Base+"\n", "pass")
		failing(t, "", dir, []string{"DOCKER_HOST=" + oldEngine(t), "DOCKER_CONTEXT="}, nil, "api: ", "1.38", "1.40")
	})
	t.Run("no image", func(t *testing.T) {
		for _, setting := range []string{"image", "base_image"} {
			dir := buildRepository(t, engine, "  "+setting+": example.invalid/absent:1\n", "pass")
			failing(t, "", dir, nil, nil, "api: ", "example.invalid/absent:1", "hint: ")
		}
	})
	t.Run("image cannot be made", func(t *testing.T) {
		const canary = "canary-5e0d9a41"
		image := ownImage(t, engine)
		dir := buildRepository(t, engine, "  base_image: "+image+"\n", "pass")
		env := []string{"PIP_INDEX_URL=https://user:" + canary + "@127.0.0.1:9/" + canary + "/", "PIP_RETRIES=0"}
		p := startPackage(t, dir, t.TempDir(), env, nil)
		if code := p.end(); code != int(exitFailed) || !strings.Contains(p.stderr.String(), "making it from "+image) || !strings.Contains(p.stderr.String(), "No matching distribution found for uv") {
			t.Errorf("exit code %d\n%s", code, p)
		}
		if strings.Contains(p.String(), canary) {
			t.Errorf("the secret is in what it says:\n%s", p)
		}
		leavesNothing(t, image, dir)
	})
	t.Run("no python", func(t *testing.T) {
		image := emptyImage(t)
		failing(t, image, buildRepository(t, engine, "  image: "+image+"\n", "pass"), nil, nil, "api: ", image, "no python3 in PATH")
	})
	t.Run("timeout", func(t *testing.T) {
		image := ownImage(t, engine)
		dir := buildRepository(t, engine, "  image: "+image+"\n", sleeps)
		failing(t, image, dir, nil, []string{"--timeout", "10s"}, "api: building lib 1.0 (path dependency lib)", "it was ended after 10s", "asleep")
	})
	t.Run("out of memory", func(t *testing.T) {
		image := ownImage(t, engine)
		dir := buildRepository(t, engine, "  image: "+image+"\n", sleepUntil+"waste = bytearray(512 << 20)")
		defer during(t, image, func(container string) {
			dockertest.Docker(t, "update", "--memory", "128m", "--memory-swap", "128m", container)
			dockertest.Docker(t, "exec", container, "touch", "/dev/shm/go")
		})()
		failing(t, image, dir, nil, nil, "api: building lib 1.0 (path dependency lib)", "out of memory")
	})
	t.Run("container killed", func(t *testing.T) {
		image := ownImage(t, engine)
		dir := buildRepository(t, engine, "  image: "+image+"\n", sleeps)
		defer during(t, image, func(container string) { dockertest.Docker(t, "kill", container) })()
		failing(t, image, dir, nil, nil, "api: building lib 1.0 (path dependency lib)", "container was ended (exit code 137)")
	})
	t.Run("container removed", func(t *testing.T) {
		image := ownImage(t, engine)
		dir := buildRepository(t, engine, "  image: "+image+"\n", sleeps)
		defer during(t, image, func(container string) { dockertest.Docker(t, "rm", "-f", container) })()
		failing(t, image, dir, nil, nil, "api: building lib 1.0 (path dependency lib)", "container was")
	})
}

// sleepUntil waits until a test has made a file in the container.
const sleepUntil = "print('asleep', flush=True)\nwhile not os.path.exists('/dev/shm/go'):\n    time.sleep(0.05)\n"

// during does something to the container of an image as soon as a build is under way in it; what it gives waits until that is done.
func during(t *testing.T, image string, do func(container string)) (wait func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 1200 {
			if container := building(t, image); container != "" {
				do(container)
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Error("no build began")
	}()
	return func() { <-done }
}

// building gives the container of an image in which a backend is at work.
func building(t *testing.T, image string) string {
	running, _ := containersOf(t, image)
	for _, id := range running {
		if out, err := exec.CommandContext(t.Context(), "docker", "top", id).Output(); err == nil && bytes.Contains(out, []byte("hook.py")) {
			return id
		}
	}
	return ""
}

// oldEngine is a server that says that it is an engine of 2018.
func oldEngine(t *testing.T) string {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "old.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", "1.38")
		w.Header().Set("Ostype", "linux")
		if strings.HasSuffix(r.URL.Path, "/_ping") {
			fmt.Fprint(w, "OK")
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"message":"client version is too new. Maximum supported API version is 1.38"}`)
	})}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return "unix://" + socket
}

// emptyImage has nothing in it but a directory.
func emptyImage(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `mkdir -p "$0/work" && tar -C "$0" -cf - work | docker import - monoplan-test/empty:1`, t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("docker", "image", "rm", "-f", "monoplan-test/empty:1").Run() })
	return "monoplan-test/empty:1"
}

// An interrupted build ends, with its container; and so does one whose user has no patience, or whose process is killed: its container ends by
// itself, and the next run removes it.
func TestDockerInterrupts(t *testing.T) {
	engine := dockertest.New(t)
	for name, c := range map[string]struct {
		signals []syscall.Signal
		code    int
		swept   bool
	}{
		"once":  {[]syscall.Signal{syscall.SIGINT}, int(exitInterrupted), false},
		"twice": {[]syscall.Signal{syscall.SIGINT, syscall.SIGINT}, 0, true},
		"term":  {[]syscall.Signal{syscall.SIGTERM}, int(exitInterrupted), false},
		"kill":  {[]syscall.Signal{syscall.SIGKILL}, -1, true},
	} {
		t.Run(name, func(t *testing.T) {
			image, cache := ownImage(t, engine), t.TempDir()
			dir := buildRepository(t, engine, "  image: "+image+"\n", sleeps)
			p := startPackage(t, dir, cache, nil, nil)
			waitFor(t, "a build", func() bool { return building(t, image) != "" })
			for _, s := range c.signals {
				if err := p.Process.Signal(s); err != nil {
					t.Fatal(err)
				}
			}
			code := p.end()
			if c.code != 0 && code != c.code || code == int(exitFine) {
				t.Errorf("exit code %d\n%s", code, p)
			}
			if c.swept {
				waitFor(t, "the end of the container", func() bool { return noContainers(t, image) })
				// Another service's build is what sweeps, whatever image it is in.
				other := buildRepository(t, engine, "  image: "+engine.Base+"\n", "pass")
				if p := startPackage(t, other, t.TempDir(), nil, nil); p.end() != int(exitFine) {
					t.Errorf("the next run: %s", p)
				}
			}
			leavesNothing(t, image, dir)
		})
	}
}

func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 1200 {
		if is() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("in a minute there was not %s", what)
}

// Two runs of one service at once do not get in each other's way.
func TestDockerTwoRuns(t *testing.T) {
	engine := dockertest.New(t)
	image, cache := ownImage(t, engine), t.TempDir()
	dir := buildRepository(t, engine, "  image: "+image+"\n", "time.sleep(1)")
	runs := []*packageProcess{startPackage(t, dir, cache, nil, nil), startPackage(t, dir, cache, nil, nil)}
	for _, p := range runs {
		if code := p.end(); code != int(exitFine) {
			t.Errorf("exit code %d\n%s", code, p)
		}
	}
	artifact := filepath.Join(dir, ".monoplan", "artifacts", "api.zip")
	if got := engine.Import(t, map[string]string{artifact: "var/task"}, "import lib; print('there')"); got != "there" {
		t.Errorf("the artifact says %q", got)
	}
	waitFor(t, "the end of all containers", func() bool { return noContainers(t, image, "-a") })
}

// A backend writes nowhere but in its own directories, has no rights, and offline reaches no network.
func TestDockerConfinement(t *testing.T) {
	engine := dockertest.New(t)
	const tries = `
def attempt(name, what):
    try:
        what()
        return [name]
    except Exception:
        return []
done = []
for path in ("/etc/evil", "/usr/lib/evil", "/opt/monoplan/evil", "/dev/shm/monoplan/evil", "/root/evil", "/monoplan/../evil"):
    done += attempt("write " + path, lambda: open(path, "w").write("evil"))
hook = os.path.abspath(sys.argv[0])
done += attempt("write the hook", lambda: open(hook, "a").write("evil"))
done += attempt("another user", lambda: os.setuid(0))
done += attempt("mount", lambda: subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=True, capture_output=True))
done += attempt("kill the first process", lambda: os.kill(1, 9))
done += attempt("a name", lambda: socket.getaddrinfo("pypi.org", 443))
done += attempt("a route", lambda: socket.create_connection(("172.17.0.1", 2375), 2))
done += attempt("a packet", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 53)))
seen = ", ".join(done) + "|%d" % os.getuid()`
	dir := buildRepository(t, engine, "  image: "+engine.Base+"\n", strings.TrimSpace(tries))
	p := startPackage(t, dir, t.TempDir(), nil, []string{"--offline"})
	if code := p.end(); code != int(exitFine) {
		t.Fatalf("exit code %d\n%s", code, p)
	}
	artifact := filepath.Join(dir, ".monoplan", "artifacts", "api.zip")
	got := engine.Import(t, map[string]string{artifact: "var/task"}, "import lib; print(lib.seen)")
	done, user, _ := strings.Cut(got, "|")
	if done != "" || user == "0" || user == "" {
		t.Errorf("it could do %q, as user %q", done, user)
	}
}

// A secret of the user's settings reaches who needs it, the installer, and is in no layer, no file and no log, and not in what the engine can tell.
func TestDockerSecrets(t *testing.T) {
	engine := dockertest.New(t)
	const canary = "canary-7d1f0c2e"
	base := ownImage(t, engine)
	dir := buildRepository(t, engine, "  base_image: "+base+"\n", "print(sorted(os.environ.items()), flush=True)\n"+sleepUntil+"raise Exception(str(os.environ))")
	env := []string{
		"PIP_INDEX_URL=https://user:" + canary + "@pypi.org/simple/", "UV_DEFAULT_INDEX=https://user:" + canary + "@pypi.org/simple/",
		"POETRY_HTTP_BASIC_OWN_USERNAME=user", "POETRY_HTTP_BASIC_OWN_PASSWORD=" + canary, "AWS_SECRET_ACCESS_KEY=" + canary, "PIP_FIND_LINKS=",
	}
	cache := t.TempDir()
	p := startPackage(t, dir, cache, env, []string{"--verbose"})
	var told []string
	waitFor(t, "a build", func() bool {
		container := ""
		for _, image := range strings.Fields(dockertest.Docker(t, "images", "-q", "monoplan-builder")) {
			if history := dockertest.Docker(t, "image", "inspect", image); !strings.Contains(history, ownLabel(t, base)) {
				continue
			}
			if container = building(t, image); container == "" {
				continue
			}
			t.Cleanup(func() { _ = exec.Command("docker", "image", "rm", "-f", image).Run() })
			told = append(told, dockertest.Docker(t, "inspect", container), dockertest.Docker(t, "top", container, "-ef"), dockertest.Docker(t, "history", "--no-trunc", image))
			contains(t, "a layer of the image", canary, exec.CommandContext(t.Context(), "docker", "save", image))
			contains(t, "a file of the container", canary, exec.CommandContext(t.Context(), "docker", "exec", "-u", "0", container, "sh", "-c", "tar -cf - /monoplan /tmp /dev/shm 2>/dev/null"))
			dockertest.Docker(t, "exec", container, "touch", "/dev/shm/go")
			return true
		}
		return p.ProcessState != nil
	})
	if code := p.end(); code != int(exitFailed) || !strings.Contains(p.stderr.String(), "building lib 1.0") {
		t.Errorf("exit code %d\n%s", code, p)
	}
	told = append(told, p.String())
	for i, text := range told {
		if strings.Contains(text, canary) {
			t.Errorf("the secret is in text %d:\n%s", i, text)
		}
	}
	for _, tree := range []string{dir, cache} {
		contains(t, tree, canary, exec.CommandContext(t.Context(), "tar", "-C", tree, "-cf", "-", "."))
	}
}

// ownLabel is what tells an image of a test from others, and those made from it.
func ownLabel(t *testing.T, image string) string {
	t.Helper()
	var labels map[string]string
	if err := json.Unmarshal([]byte(dockertest.Docker(t, "image", "inspect", "--format", "{{json .Config.Labels}}", image)), &labels); err != nil {
		t.Fatal(err)
	}
	return labels["test"]
}

// contains fails a test where a command's output has a text that must not be there.
func contains(t *testing.T, what, text string, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	buffer, kept, read := make([]byte, 1<<20), 0, 0
	for {
		n, err := out.Read(buffer[kept:])
		read += n
		have := buffer[:kept+n]
		if bytes.Contains(have, []byte(text)) {
			t.Errorf("%s has the secret", what)
			_ = cmd.Process.Kill()
			break
		}
		if err != nil {
			break
		}
		kept = copy(buffer, have[max(0, len(have)-len(text)):])
	}
	_ = cmd.Wait()
	if read < 1<<10 {
		t.Errorf("%s: only %d bytes were looked at", what, read)
	}
}

package docker

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	_ "embed" // for agent.py

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

//go:embed agent.py
var agent string

// The places in a container.
const (
	workDir   = "/monoplan"
	shareDir  = "/dev/shm/monoplan" // in memory, wherever the work is
	caFile    = shareDir + "/ca.pem"
	hookFile  = shareDir + "/hook/hook.py"
	imageEnvs = "/opt/monoplan/environments"
)

// label marks the containers and images of this builder.
const label = "dev.monoplan.builder"

// running is a container that waits for builds.
type running struct {
	engine *engine
	id     string
	image  image
	has    inventory
	// inMemory is how large its work directory is, in bytes; 0 for one on the disk.
	inMemory int64
	// first is the connection to the first process: with it the container ends.
	first client.HijackedResponse

	mu           sync.Mutex
	builds       int
	environments map[string]*environmentCall
}

// inventory is what the agent says that an image has.
type inventory struct {
	// Pythons has the path of each version.
	Pythons      map[string]string `json:"pythons"`
	UV           string            `json:"uv"`
	Poetry       string            `json:"poetry"`
	Environments []string          `json:"environments"`
	Machine      string            `json:"machine"`
}

// StartError says that a container of an image did not start.
type StartError struct {
	Image, Platform string
	// Foreign says that the image is for another machine than the engine's.
	Foreign bool
	// NoPython says that the image lacks what runs in the container first.
	NoPython bool
	Err      error
}

func (e *StartError) Error() string {
	if e.Foreign {
		return fmt.Sprintf("image %s is for %s, which this engine cannot run: %v", e.Image, e.Platform, e.Err)
	}
	return fmt.Sprintf("image %s: no container of it starts: %v", e.Image, e.Err)
}

func (e *StartError) Unwrap() error { return e.Err }

// start makes a container for builds of an image, with a work directory of so many bytes of memory, or of 0 on the disk.
func (e *engine) start(ctx context.Context, img image, s settings, python string, memory int64) (*running, error) {
	return e.startWith(ctx, img, s, python, hostConfig(s, memory), memory)
}

// startPlain makes a container that is to be committed.
func (e *engine) startPlain(ctx context.Context, img image, s settings, python string) (*running, error) {
	const memory = 1 // there is no work directory
	host := &container.HostConfig{NetworkMode: container.NetworkMode(s.network), Tmpfs: map[string]string{"/tmp": "exec,mode=1777"}}
	return e.startWith(ctx, img, s, python, host, memory)
}

// startWith makes a container, and waits until its first process says what is there.
func (e *engine) startWith(ctx context.Context, img image, s settings, python string, host *container.HostConfig, memory int64) (*running, error) {
	var check *container.HealthConfig
	if img.checked { // not always: Podman wants a systemd for what any container has of this, even for none
		check = &container.HealthConfig{Test: []string{"NONE"}}
	}
	created, err := e.ContainerCreate(ctx, client.ContainerCreateOptions{
		Config: &container.Config{
			Image: img.id, User: "0:0", Entrypoint: []string{"python3", "-I", "-S", "-c", agent, "idle"}, Labels: map[string]string{label: "container"},
			AttachStdin: true, AttachStdout: true, AttachStderr: true, OpenStdin: true, StdinOnce: true, WorkingDir: "/",
			Healthcheck: check,
		},
		HostConfig: host,
		Platform:   img.platform(),
	})
	if err != nil {
		return nil, e.failed(ctx, "making a container of "+img.name, err)
	}
	c := &running{engine: e, id: created.ID, image: img, inMemory: memory, environments: map[string]*environmentCall{}}
	if err := c.begin(ctx, s, python); err != nil {
		return nil, errors.Join(err, c.remove(ctx))
	}
	return c, nil
}

// hostConfig keeps a container's processes from all that they need not have.
func hostConfig(s settings, memory int64) *container.HostConfig {
	h := &container.HostConfig{
		NetworkMode: container.NetworkMode(s.network), ReadonlyRootfs: true, CapDrop: []string{"ALL"},
		SecurityOpt: []string{"no-new-privileges"},
	}
	if memory > 0 {
		h.Tmpfs = map[string]string{workDir: fmt.Sprintf("exec,mode=1777,size=%d", memory), "/tmp": "exec,mode=1777"}
		return h
	}
	for _, dir := range []string{workDir, "/tmp"} {
		h.Mounts = append(h.Mounts, mount.Mount{Type: mount.TypeVolume, Target: dir})
	}
	return h
}

// begin starts the first process, and asks it what the image has.
func (c *running) begin(ctx context.Context, s settings, python string) error {
	attached, err := c.engine.ContainerAttach(ctx, c.id, client.ContainerAttachOptions{Stream: true, Stdin: true, Stdout: true, Stderr: true})
	if err != nil {
		return c.engine.failed(ctx, "attaching to a container", err)
	}
	c.first = attached.HijackedResponse
	stop := context.AfterFunc(ctx, func() { c.first.Close() })
	defer stop()
	if _, err := c.engine.ContainerStart(ctx, c.id, client.ContainerStartOptions{}); err != nil {
		return c.notStarted(ctx, err, "")
	}
	var words lastWords
	out, answer := io.Pipe()
	go func() {
		_, err := stdcopy.StdCopy(answer, &words, c.first.Reader)
		_ = answer.CloseWithError(errors.Join(err, io.EOF))
	}()
	ask := map[string]any{"python": python, "files": s.shared(), "directories": []string{}}
	if c.inMemory == 0 {
		ask["directories"] = []string{workDir, "/tmp"}
	}
	// A container that is gone already says why on its standard error.
	_, writeErr := c.first.Conn.Write(request(ask))
	line, err := bufio.NewReader(out).ReadString('\n')
	go io.Copy(io.Discard, out)
	if err == nil {
		err = json.Unmarshal([]byte(line), &c.has)
	}
	if err != nil {
		return c.notStarted(ctx, errors.Join(writeErr, err), words.String())
	}
	return nil
}

// notStarted says why a container did not start.
func (c *running) notStarted(ctx context.Context, err error, words string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	text := strings.TrimSpace(words)
	if text == "" {
		text = err.Error()
	}
	foreign := c.image.arch != c.engine.arch
	switch {
	case strings.Contains(text, "exec format error"):
		return &StartError{Image: c.image.name, Platform: "linux/" + c.image.arch, Foreign: foreign, Err: errors.New("exec format error")}
	case strings.Contains(text, "python3") && (strings.Contains(text, "not found") || strings.Contains(text, "no such file")):
		return &StartError{Image: c.image.name, NoPython: true, Err: errors.New("it has no python3 in PATH")}
	case client.IsErrConnectionFailed(err):
		return c.engine.failed(ctx, "starting a container", err)
	}
	return &StartError{Image: c.image.name, Err: errors.New(text)}
}

// request frames a JSON object as the agent takes it.
func request(ask any) []byte {
	data, err := json.Marshal(ask)
	if err != nil {
		panic(err) // strings and lists of them have a JSON
	}
	return append(fmt.Appendf(nil, "%08d", len(data)), data...)
}

// remove ends a container, even where ctx is over.
func (c *running) remove(ctx context.Context) error {
	if c.first.Conn != nil {
		c.first.Close()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removing)
	defer cancel()
	return c.engine.removeContainer(ctx, c.id)
}

// removeContainer removes a container with its volumes. One that is gone, or going, is no error, nor is an engine that is. One that the engine
// does not get to in time has ended, and is for the next run to remove.
func (e *engine) removeContainer(ctx context.Context, id string) error {
	const tries, pause = 5, 200 * time.Millisecond
	for try := 1; ; try++ {
		_, err := e.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		if err == nil || cerrdefs.IsNotFound(err) || cerrdefs.IsConflict(err) || ctx.Err() != nil || client.IsErrConnectionFailed(err) {
			return nil
		}
		if try == tries {
			return fmt.Errorf("removing a container of %s: %w", label, err)
		}
		time.Sleep(pause) // Podman cannot remove what is just ending by itself
	}
}

// platform is what an image is for.
func (i image) platform() *ocispec.Platform {
	return &ocispec.Platform{OS: "linux", Architecture: i.arch}
}

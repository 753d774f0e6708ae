package docker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/monoplan/monoplan/packager/builder"
)

// Config is what the builder needs of the world outside.
type Config struct {
	// Env is the process environment: it says where the engine is, and how indexes are reached.
	Env []string
	// Offline keeps builds from every network, and the engine from fetching images. DryRun starts and fetches nothing.
	Offline, DryRun bool
	// NoPull has the engine take what images it has.
	NoPull bool
	// Memory is how much of the engine's memory the files of builds may take in a container, in bytes, and 0 has them on its disk;
	// nil is half of what there is, and none of little.
	Memory *int64
	// Now is the time when the run began.
	Now time.Time
	// Report is told what takes long, in words; it may be nil.
	Report func(what string)
}

// Docker builds in containers of an engine.
type Docker struct {
	config Config
	engine func(context.Context) (*engine, error)

	mu         sync.Mutex
	containers map[wanted]*started
	identities map[wanted]string
	all        []*running
	settings   *settings
	// opened is the engine, once it has answered.
	opened *engine
}

var _ builder.Builder = (*Docker)(nil)

// started is a container that is there, or is on its way.
type started struct {
	once sync.Once
	c    *running
	err  error
}

// New makes a builder. The engine is not asked before something has to be built.
func New(c Config) *Docker {
	if c.Report == nil {
		c.Report = func(string) {}
	}
	d := &Docker{config: c, containers: map[wanted]*started{}, identities: map[wanted]string{}}
	var once sync.Once
	var e *engine
	var err error
	d.engine = func(ctx context.Context) (*engine, error) {
		once.Do(func() {
			e, err = d.open(ctx)
			d.mu.Lock()
			defer d.mu.Unlock()
			d.opened = e
		})
		return e, err
	}
	return d
}

// open connects to the engine, and clears away what killed runs have left.
func (d *Docker) open(ctx context.Context) (*engine, error) {
	e, err := connect(ctx, d.config)
	if err != nil {
		return nil, err
	}
	s, err := readSettings(e.env, d.config.Offline, e.isHere())
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	d.settings = &s
	if d.config.DryRun {
		return e, nil
	}
	if err := e.sweep(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// Name gives "docker".
func (d *Docker) Name() string { return "docker" }

// Accept makes sure that the engine answers and that there is a container for each of the builds, which it starts. In a dry
// run it only asks the engine.
func (d *Docker) Accept(ctx context.Context, builds []builder.Build) error {
	if len(builds) == 0 {
		return nil
	}
	e, err := d.engine(ctx)
	if err != nil || d.config.DryRun {
		return err
	}
	for _, b := range builds {
		if _, err := d.container(ctx, e.wants(b)); err != nil {
			return foreign(err, e, builds)
		}
	}
	return nil
}

// foreign names the wheels that cannot be built where the engine cannot run the target's programs.
func foreign(err error, e *engine, builds []builder.Build) error {
	var start *StartError
	if !errors.As(err, &start) || !start.Foreign {
		return err
	}
	var names []string
	var first builder.Build
	for _, b := range builds {
		if e.wants(b).arch != e.arch {
			if len(names) == 0 {
				first = b
			}
			names = append(names, b.String())
		}
	}
	return &EmulationError{Wheels: names, Architecture: first.Architecture, Engine: e.arch, Err: err}
}

// EmulationError says that wheels have to be built on another machine than the engine's, which cannot emulate it.
type EmulationError struct {
	Wheels               []string
	Architecture, Engine string
	Err                  error
}

func (e *EmulationError) Error() string {
	return fmt.Sprintf("the Docker engine's machine is %s and does not run programs for %s, which these have to be built with: %s",
		e.Engine, e.Architecture, strings.Join(e.Wheels, ", "))
}

func (e *EmulationError) Unwrap() error { return e.Err }

// wants gives the image that a build is made in. What is the same on any machine is built on the engine's own.
func (e *engine) wants(b builder.Build) wanted {
	w := wanted{image: b.Image, base: b.BaseImage, python: b.Python, arch: machine(b.Architecture)}
	if b.Pure || w.arch == "" {
		w.arch = e.arch
	}
	return w
}

// Identity names the image that a build is made in, for the key of the wheel: what no image decides has none.
func (d *Docker) Identity(ctx context.Context, b builder.Build) (string, error) {
	e, err := d.engine(ctx)
	if err != nil {
		return "", err
	}
	return d.identity(ctx, e, e.wants(b))
}

func (d *Docker) identity(ctx context.Context, e *engine, w wanted) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if id, ok := d.identities[w]; ok {
		return id, nil
	}
	id, err := e.identity(ctx, w, d.config.DryRun)
	if err == nil {
		d.identities[w] = id
	}
	return id, err
}

// container gives the container of an image, started by whoever needs it first; one that has ended gives way to another.
func (d *Docker) container(ctx context.Context, w wanted) (*running, error) {
	d.mu.Lock()
	s := d.containers[w]
	if s == nil {
		s = &started{}
		d.containers[w] = s
	}
	d.mu.Unlock()
	s.once.Do(func() { s.c, s.err = d.start(ctx, w) })
	return s.c, s.err
}

func (d *Docker) start(ctx context.Context, w wanted) (*running, error) {
	e, err := d.engine(ctx)
	if err != nil {
		return nil, err
	}
	img, err := e.prepare(ctx, w, *d.settings)
	if err != nil {
		return nil, err
	}
	memory := workMemory(e.memory)
	if d.config.Memory != nil {
		memory = *d.config.Memory
	}
	d.config.Report("building in a container of " + img.name)
	c, err := e.start(ctx, img, *d.settings, w.python, memory)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, c)
	return c, nil
}

// workMemory is how much of the engine's memory the work directory may take, in bytes: half of it, and none of one that has
// little.
func workMemory(all int64) int64 {
	const little = 3 << 30
	if all < little {
		return 0
	}
	return all / 2
}

// forgetIfLost takes a container out of use that an error says is gone, so that the next build gets another.
func (d *Docker) forgetIfLost(w wanted, err error) {
	var lost *LostError
	var memory *MemoryError
	if !errors.As(err, &lost) && !errors.As(err, &memory) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.containers, w)
}

// Close ends and removes the containers, and gives up the connection to the engine.
func (d *Docker) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	for _, c := range d.all {
		errs = append(errs, c.remove(context.Background()))
	}
	if d.opened != nil {
		errs = append(errs, d.opened.Close())
	}
	d.all, d.opened = nil, nil
	clear(d.containers)
	return errors.Join(errs...)
}

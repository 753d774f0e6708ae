package docker

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/monoplan/monoplan/internal/secret"
	"github.com/monoplan/monoplan/packager/builder/pep517"
)

// wanted is an image that a build asks for.
type wanted struct {
	// image is one to take as it is, and base one to make it from, both by their names; empty for the usual one.
	image, base string
	// python is the version that it must have, arch the machine it is for, and poetry what to install besides.
	python, arch, poetry string
}

// image is one that the engine has.
type image struct {
	name, id, arch string
	// checked says that the image has a check of its health.
	checked bool
	// digest names what is in it, the same on every machine where that can be known.
	digest string
}

// ImageError is an image that cannot be had or made.
type ImageError struct {
	Image string
	// Step is what failed: pulling it, or a step of making it.
	Step string
	Err  error
	// Tail is the end of what was written meanwhile.
	Tail string
}

func (e *ImageError) Error() string {
	text := fmt.Sprintf("image %s: %s: %v", e.Image, e.Step, e.Err)
	if e.Tail != "" {
		text += "\n" + e.Tail
	}
	return text
}

func (e *ImageError) Unwrap() error { return e.Err }

// Unavailable marks the error of a builder that is not there at all, see builder.Unavailable.
func (e *ImageError) Unavailable() {}

// defaultBase is the public image in which AWS builds for a runtime.
func (w wanted) defaultBase() string {
	arch := "x86_64"
	if w.arch == "arm64" {
		arch = "arm64"
	}
	return fmt.Sprintf("public.ecr.aws/sam/build-python%s:latest-%s", w.python, arch)
}

// find gets an image that is there, or fetches it; with look it is not fetched, and is empty where it is not there.
func (e *engine) find(ctx context.Context, name, arch string, look bool) (image, error) {
	img, err := e.inspect(ctx, name)
	fits := img.id != "" && (arch == "" || img.arch == arch)
	if err != nil || fits || look && img.id == "" {
		return img, err
	}
	// The name of an image for several machines stands for the one that was fetched last.
	if !look {
		err = e.pull(ctx, name, arch)
	}
	var refused *ImageError
	if errors.As(err, &refused) && img.id != "" {
		err = nil // that it is for another machine says more
	}
	if err == nil {
		img, err = e.inspect(ctx, name)
	}
	if err == nil && arch != "" && img.arch != arch {
		err = &ImageError{name, "looking for it", fmt.Errorf("it is for %s, and the target needs %s", img.arch, arch), ""}
	}
	return img, err
}

// inspect looks at an image; one that is not there is empty.
func (e *engine) inspect(ctx context.Context, name string) (image, error) {
	found, err := e.ImageInspect(ctx, name)
	if cerrdefs.IsNotFound(err) {
		return image{}, nil
	}
	if err != nil {
		return image{}, e.failed(ctx, "looking for image "+name, err)
	}
	img := image{name: name, id: found.ID, arch: found.Architecture, digest: found.ID}
	img.checked = found.Config != nil && found.Config.Healthcheck != nil
	if len(found.RepoDigests) > 0 {
		_, img.digest, _ = strings.Cut(slices.Min(found.RepoDigests), "@")
	}
	return img, nil
}

// pull has the engine fetch an image.
func (e *engine) pull(ctx context.Context, name, arch string) error {
	if e.noPull {
		return &ImageError{name, "looking for it", errors.New("the engine does not have it, and none is pulled"), ""}
	}
	auth, err := registryAuth(ctx, e.env, name)
	if err != nil {
		return &ImageError{name, "the credentials of its registry", err, ""}
	}
	options := client.ImagePullOptions{RegistryAuth: auth}
	if arch != "" {
		options.Platforms = []ocispec.Platform{{OS: "linux", Architecture: arch}}
	}
	e.report("pulling image " + name)
	answer, err := e.ImagePull(ctx, name, options)
	if err == nil {
		err = answer.Wait(ctx)
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case client.IsErrConnectionFailed(err):
		return e.failed(ctx, "pulling image "+name, err)
	case err != nil:
		return &ImageError{name, "pulling it", err, ""}
	}
	return nil
}

// prepare gets the image that is wanted: one that is named, or one that is made of a base, once.
func (e *engine) prepare(ctx context.Context, w wanted, s settings) (image, error) {
	if w.image != "" {
		return e.find(ctx, w.image, "", false)
	}
	base, err := e.find(ctx, w.baseName(), w.arch, false)
	if err != nil {
		return image{}, err
	}
	stages, err := parseDockerfile(dockerfile)
	if err != nil {
		return image{}, err
	}
	img := base
	for _, st := range stages {
		if st.name == "poetry" && w.poetry == "" {
			continue
		}
		if img, err = e.make(ctx, img, base, st, w, s); err != nil {
			return image{}, err
		}
	}
	return img, nil
}

func (w wanted) baseName() string { return cmp.Or(w.base, w.defaultBase()) }

// identity names an image by what goes into it, without making or fetching it; it is empty where the engine does not have
// what decides that.
func (e *engine) identity(ctx context.Context, w wanted, look bool) (string, error) {
	name := cmp.Or(w.image, w.baseName())
	arch := w.arch
	if w.image != "" {
		arch = ""
	}
	img, err := e.find(ctx, name, arch, look)
	if err != nil || img.id == "" || w.image != "" {
		return img.digest, err
	}
	return img.digest + " " + w.digest(img.digest), nil
}

// arguments are the Dockerfile's.
func (w wanted) arguments() map[string]string {
	var environments []string
	for _, requires := range pep517.Common() {
		environments = append(environments, strings.Join(requires, "+"))
	}
	return map[string]string{"PYTHON": w.python, "UV": uvVersion, "ENVIRONMENTS": strings.Join(environments, " "), "POETRY": w.poetry}
}

// uvVersion is the uv of the image.
const uvVersion = "0.13.8"

// digest names an image by everything that goes into it.
func (w wanted) digest(base string) string {
	h := sha256.New()
	args := w.arguments()
	for _, part := range []string{"image 2", base, dockerfile, args["PYTHON"], args["UV"], args["ENVIRONMENTS"], args["POETRY"]} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// make runs a stage of the Dockerfile in a container of the image before it, and commits that.
func (e *engine) make(ctx context.Context, from, base image, st stage, w wanted, s settings) (image, error) {
	if st.name == "wheels" {
		w.poetry = ""
	}
	name := fmt.Sprintf("monoplan-builder:python%s-%s-%s", w.python, w.arch, w.digest(base.id))
	if img, err := e.find(ctx, name, w.arch, true); err != nil || img.id != "" {
		return img, err
	}
	e.report("making image " + name)
	c, err := e.startPlain(ctx, from, s, w.python)
	if err != nil {
		return image{}, err
	}
	tail := pep517.NewTail(nil)
	err = c.runStage(ctx, st, w, s, tail)
	if err == nil {
		err = c.commit(ctx, name)
	} else if ctx.Err() == nil {
		err = &ImageError{name, "making it from " + base.name, err, tail.String()}
	}
	if err = errors.Join(err, c.remove(ctx)); err != nil {
		return image{}, err
	}
	return e.find(ctx, name, w.arch, true)
}

// runStage runs a stage's commands with the settings of this machine, which only their processes have.
func (c *running) runStage(ctx context.Context, st stage, w wanted, s settings, tail *pep517.Tail) error {
	t := task{Directory: "/", Unset: pep517.Unset(), Set: s.variables()}
	for _, arg := range st.args {
		t.Set[arg] = w.arguments()[arg]
	}
	t.Set["HOME"], t.Set["TMPDIR"] = "/tmp", "/tmp"
	s.installer(0, &t)
	for _, command := range st.commands {
		t.Steps = append(t.Steps, step{Command: []string{"/bin/sh", "-c", command}})
	}
	log := secret.NewWriter(tail, s.secrets)
	_, err := c.run(ctx, 0, t, log, nil)
	return errors.Join(err, log.Flush())
}

// commit makes an image of a container, with nothing of how the container was run.
func (c *running) commit(ctx context.Context, name string) error {
	_, err := c.engine.ContainerCommit(ctx, c.id, client.ContainerCommitOptions{
		Reference: name, Comment: "monoplan",
		// An empty list takes the entry point away, where none would leave the container's.
		Config: &container.Config{Entrypoint: []string{}, Cmd: []string{"/bin/sh"}, Labels: map[string]string{label: "image"}},
	})
	if err != nil {
		return c.engine.failed(ctx, "committing "+name, err)
	}
	return nil
}

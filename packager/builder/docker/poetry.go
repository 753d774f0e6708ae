package docker

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/builder/pep517"
)

var _ builder.Poetry = (*Docker)(nil)

// poetryOf gives what is installed for a series of Poetry, with the plugins that go with it.
func poetryOf(series, python string) string {
	switch {
	case series == "1.8":
		return "poetry==1.8.5+poetry-plugin-export==1.8.0+poetry-plugin-pypi-mirror==0.4.2"
	case python == "3.9": // the last that runs on it
		return "poetry==2.2.1+poetry-plugin-export==1.9.0+poetry-plugin-pypi-mirror==0.6.5"
	}
	return "poetry==2.5.1+poetry-plugin-export==1.10.1+poetry-plugin-pypi-mirror==0.6.5"
}

// wantsPoetry gives the image that Poetry runs in.
func (e *engine) wantsPoetry(p builder.PoetryProject) wanted {
	w := e.wants(p.Build)
	w.poetry = poetryOf(p.Series, p.Python)
	return w
}

// PoetryIdentity names the image that Poetry runs in.
func (d *Docker) PoetryIdentity(ctx context.Context, p builder.PoetryProject) (string, error) {
	e, err := d.engine(ctx)
	if err != nil {
		return "", err
	}
	return d.identity(ctx, e, e.wantsPoetry(p))
}

// Lock runs poetry lock, which keeps the versions that still do.
func (d *Docker) Lock(ctx context.Context, p builder.PoetryProject) (string, error) {
	command := []string{"lock", "--no-interaction"}
	if p.Series == "1.8" {
		command = append(command, "--no-update")
	}
	text := ""
	err := d.poetry(ctx, p, func(r *run, t *task) {
		lock := path.Join(t.Directory, "poetry.lock")
		t.Steps = []step{{Command: append([]string{r.has.Poetry}, command...), Result: lock}}
	}, "poetry lock", func(_ *run, s status) {
		if len(s.Results) > 0 && s.Results[0] != nil {
			text = *s.Results[0]
		}
	}, nil)
	if err == nil && text == "" {
		err = errors.New("poetry lock left no lock")
	}
	return text, err
}

// Install runs poetry install in a virtual environment.
func (d *Docker) Install(ctx context.Context, p builder.PoetryProject, yield func(builder.File) error) error {
	return d.poetry(ctx, p, func(r *run, t *task) {
		venv := r.dir + "/work/venv"
		command := []string{r.has.Poetry, "install", "--no-interaction", "--no-root", "--only", strings.Join(append([]string{"main"}, p.Groups...), ",")}
		if len(p.Extras) > 0 {
			command = append(command, "--extras", strings.Join(p.Extras, " "))
		}
		t.Steps = []step{
			{Command: []string{r.has.Pythons[p.Python], "-I", "-m", "venv", "--without-pip", venv}},
			{Command: command, Set: map[string]string{"VIRTUAL_ENV": venv}},
		}
		t.Path, t.Pack = venv+"/bin", venv
	}, "poetry install", nil, func(h *tar.Header, content io.Reader) error {
		if h.Typeflag != tar.TypeReg {
			return nil // an environment's own links
		}
		return yield(builder.File{Name: h.Name, Mode: fs.FileMode(h.Mode & 0o777), Content: content})
	})
}

// poetry stages a project and runs a task in it, which prepare fills in and done looks at.
func (d *Docker) poetry(ctx context.Context, p builder.PoetryProject, prepare func(*run, *task), name string,
	done func(*run, status), yield func(*tar.Header, io.Reader) error) error {
	e, err := d.engine(ctx)
	if err != nil {
		return err
	}
	w := e.wantsPoetry(p)
	c, err := d.container(ctx, w)
	if err != nil {
		return foreign(err, e, []builder.Build{p.Build})
	}
	r := c.newRun(p.Build, *d.settings)
	switch {
	case c.has.Poetry == "":
		return &builder.UnfitError{Builder: d.Name(), Build: p.Build, Reason: fmt.Sprintf("image %s has no Poetry in PATH", c.image.name)}
	case c.has.Pythons[p.Python] == "":
		return &builder.UnfitError{Builder: d.Name(), Build: p.Build, Reason: fmt.Sprintf("image %s has no Python %s", c.image.name, p.Python)}
	}
	if r.settings.agent != "" {
		r.user = 0 // ssh asks who it is run by, and only root has a name in every image
	}
	if err := r.stage(ctx); err != nil {
		return err
	}
	t := task{
		Directory: path.Join(r.dir, "source", p.Project), Unset: pep517.Unset(), Set: r.settings.variables(), Remove: []string{r.dir},
	}
	for _, setting := range pep517.Settings() {
		variable, value, _ := strings.Cut(setting, "=")
		t.Set[variable] = value
	}
	t.Set["HOME"], t.Set["TMPDIR"] = r.dir+"/work", r.dir+"/work"
	r.settings.installer(r.user, &t)
	prepare(r, &t)
	if r.settings.agent != "" {
		relay, err := r.relay(ctx, &t)
		if err != nil {
			return r.failed(name, err)
		}
		defer relay.close()
	}
	s, err := r.running.run(ctx, r.user, t, r.log, yield)
	if err = errors.Join(err, r.log.Flush()); err != nil {
		d.forgetIfLost(w, err)
		return r.failed(name, err)
	}
	if done != nil {
		done(r, s)
	}
	return nil
}

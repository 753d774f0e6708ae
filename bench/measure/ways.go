//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// way is a way to package a service.
type way struct {
	label string
	// dir is its copy of the repository, in the lab, and in the directory there that it is run in.
	dir, in string
	// files are those that it needs besides the sample's own.
	files map[string]string
	words []string
	env   []string
	// prepare makes what Docker keeps, before anything counts; it may be nil.
	prepare func(ctx context.Context) error
	// forget removes all that earlier runs have left, downloads included: all but images of Docker's and installed programs.
	forget func() error
	// artifact gives the zip that it has made.
	artifact func(ctx context.Context) (string, error)
}

func monoplanWay(a *againstLab, s sample) *way {
	dir := filepath.Join("against", "monoplan", s.name)
	top, store := filepath.Join(a.dir, dir), filepath.Join(a.dir, "against", "store")
	words, env := []string{a.program("monoplan"), "package", s.name, "--worktree"}, []string{"MONOPLAN_CACHE_DIR=" + store}
	return &way{
		label: "`monoplan package`", dir: dir, words: words, env: env,
		prepare: func(ctx context.Context) error {
			_, err := a.output(ctx, top, env, words[0], words[1:]...)
			return err
		},
		files:  map[string]string{"seed.yml": fmt.Sprintf("services: [services/%s]\npackage: {builder: docker, python: %q, base_image: %q}\n", s.name, samplePython, a.base)},
		forget: a.remover(store, filepath.Join(top, ".monoplan"), filepath.Join(top, ".git", "monoplan")),
		artifact: func(context.Context) (string, error) {
			return filepath.Join(top, ".monoplan", "artifacts", s.name+".zip"), nil
		},
	}
}

// copiedWay copies the repository into a container, installs there, and takes a zip out. The container runs already, and the
// environment in it is kept from run to run, without the libraries: Poetry takes one whose version has not moved for installed.
func copiedWay(a *againstLab, s sample) *way {
	const script = `set -eu
tar --exclude=.git -cf - . | docker exec -i "$CONTAINER" sh -euc '
	mkdir -p "/work/$0" && cd "/work/$0"
	rm -rf services libs && tar -xf -
	cd "services/$0"
	sed -i "s/^develop = true/develop = false/" poetry.lock
	for library in /work/$0/libs/*; do rm -rf /work/.venv/lib/python*/site-packages/"$(basename "$library")"*; done
	VIRTUAL_ENV=/work/.venv /poetry/bin/poetry install -q -n --only main --no-root
	rm -rf /work/out && cp -r /work/.venv/lib/python*/site-packages /work/out && cp *.py /work/out
	cd /work/out && python3 -c "import shutil; shutil.make_archive(\"/work/out\", \"zip\", \".\")" && cat /work/out.zip' "$SAMPLE" >"$OUT"
`
	dir := filepath.Join("against", "copied", s.name)
	zip := filepath.Join(a.dir, "against", "copied", s.name+".zip")
	return &way{
		label: "copy, `poetry install` and zip in a container", dir: dir,
		words: []string{"sh", "-c", script}, env: []string{"CONTAINER=" + a.container, "SAMPLE=" + s.name, "OUT=" + zip},
		forget: func() error {
			_, err := a.output(context.Background(), "", nil, "docker", "exec", a.container, "sh", "-c", "rm -rf /work /root/.cache; mkdir /work; python3 -m venv --without-pip /work/.venv")
			return errors.Join(err, remove(zip))
		},
		artifact: func(context.Context) (string, error) { return zip, nil },
	}
}

// exportedWay needs no container.
func exportedWay(a *againstLab, s sample) *way {
	const script = `set -eu
rm -rf .build && mkdir .build
poetry export -q -f requirements.txt --without-hashes -o .build/requirements.txt
sed -i 's/^-e //' .build/requirements.txt
"python$PYTHON" -m pip install -q --disable-pip-version-check --no-compile -t .build/out -r .build/requirements.txt
cp *.py .build/out && cd .build/out && zip -q -r ../out.zip .
`
	dir := filepath.Join("against", "exported", s.name)
	in := filepath.Join("services", s.name)
	build, cache := filepath.Join(a.dir, dir, in, ".build"), filepath.Join(a.dir, "against", "exported", "cache")
	return &way{
		label: "`poetry export`, `pip install -t` and `zip` on this machine", dir: dir, in: in,
		words:    []string{"sh", "-c", script},
		env:      []string{"PATH=" + a.poetry + ":" + os.Getenv("PATH"), "PYTHON=" + samplePython, "PIP_CACHE_DIR=" + cache},
		forget:   a.remover(build, cache),
		artifact: func(context.Context) (string, error) { return filepath.Join(build, "out.zip"), nil },
	}
}

// oslsWay has the repository mounted where it is on this machine, since the plugin's container finds no path dependency otherwise.
func oslsWay(a *againstLab, s sample) *way {
	dir := filepath.Join("peers", "osls", s.name) // below its packages, where it looks for its plugin
	in := filepath.Join("services", s.name)
	top, cache := filepath.Join(a.dir, dir), filepath.Join(a.dir, "against", "osls-cache")
	mounts := append(a.containerSettings(), "-e", "PIP_BREAK_SYSTEM_PACKAGES=1", "-v", top+":"+top)
	config := fmt.Sprintf(`service: %s
provider: {name: aws, runtime: python%s}
plugins: [serverless-python-requirements]
custom:
  pythonRequirements:
    dockerizePip: true
    dockerImage: %q
    cacheLocation: %q
    pythonBin: python3
    dockerRunCmdExtraArgs: ["%s"]
package: {patterns: ["!node_modules/**"]}
functions: {handle: {handler: handler.handle}}
`, s.name, samplePython, a.base, cache, strings.Join(mounts, `", "`))
	out := filepath.Join(top, in, ".serverless")
	return &way{
		label: "serverless-python-requirements, `dockerizePip`", dir: dir, in: in, files: map[string]string{in + "/serverless.yml": config},
		words:    []string{filepath.Join(a.node, ".bin", "osls"), "package"},
		env:      append(quiet, "PATH="+a.poetry+":"+os.Getenv("PATH")),
		forget:   a.remover(out, cache),
		artifact: func(context.Context) (string, error) { return filepath.Join(out, s.name+".zip"), nil },
	}
}

// samWay builds on this machine. What it makes is a directory, and to zip that is not timed: it is a part of deploying there.
func samWay(a *againstLab, s sample) *way {
	const script = `set -eu
poetry export -q -f requirements.txt --without-hashes -o requirements.txt
sed -i 's/^-e //' requirements.txt
sam build --cached
`
	dir := filepath.Join("against", "sam", s.name)
	in := filepath.Join("services", s.name)
	here, cache := filepath.Join(a.dir, dir, in), filepath.Join(a.dir, "against", "sam", "cache")
	template := fmt.Sprintf(`Transform: AWS::Serverless-2016-10-31
Resources:
  Handle:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., Handler: handler.handle, Runtime: python%s}
`, samplePython)
	return &way{
		label: "`sam build --cached` on this machine", dir: dir, in: in, files: map[string]string{in + "/template.yaml": template},
		words:  []string{"sh", "-c", script},
		env:    append(quiet, "PATH="+a.poetry+":"+a.sam+":"+os.Getenv("PATH"), "SAM_CLI_TELEMETRY=0", "PIP_CACHE_DIR="+cache),
		forget: a.remover(filepath.Join(here, ".aws-sam"), cache),
		artifact: func(ctx context.Context) (string, error) {
			zip := filepath.Join(a.dir, "against", "sam", s.name+".zip")
			if err := remove(zip); err != nil {
				return "", err
			}
			_, err := a.output(ctx, filepath.Join(here, ".aws-sam", "build", "Handle"), nil, "zip", "-q", "-1", "-r", zip, ".")
			return zip, err
		},
	}
}

// remover removes files and directories.
func (a *againstLab) remover(paths ...string) func() error {
	return func() error {
		var errs []error
		for _, p := range paths {
			errs = append(errs, os.RemoveAll(p))
		}
		return errors.Join(errs...)
	}
}

//go:build unix

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// requirements is what the service of this part depends on, besides two libraries of its repository.
const requirements = "bench/packaging/requirements.txt"

// measurePackaging packages a service of 19 dependencies, and a hundred small ones. What is fetched and built stays in a store of
// the lab's own, and is there when the turns begin.
func measurePackaging(ctx context.Context, l *lab, w io.Writer) error {
	p := &packagingLab{lab: l, env: []string{"MONOPLAN_CACHE_DIR=" + filepath.Join(l.dir, "store")}}
	var err error
	if p.requirements, err = os.ReadFile(requirements); err != nil {
		return err
	}
	one, size, err := p.oneService(ctx)
	if err != nil {
		return err
	}
	hundred, err := p.hundredServices(ctx)
	if err != nil {
		return err
	}
	for _, commands := range [][]*command{one, hundred} {
		if err := l.compare(ctx, commands); err != nil {
			return err
		}
		if err := weigh(ctx, commands); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "One service of %d dependencies and two libraries, %s MB; and a hundred services of five dependencies and a library each. Medians of\nup to %d turns; the peak is that of the process alone.\n\n",
		strings.Count(string(p.requirements), "=="), megabytes(size), l.turns)
	t := &table{columns: []string{"", "ms", "10 % to 90 %", "processor, ms", "peak, MB"}}
	for _, c := range slices.Concat(one, hundred) {
		t.add(c.label, milliseconds(c.median()), milliseconds(quantile(c.times, 0.1))+" to "+milliseconds(quantile(c.times, 0.9)), milliseconds(quantile(c.cpu, 0.5)), megabytes(c.peak))
	}
	t.write(w)
	return nil
}

// packagingLab is the lab with what this part needs besides.
type packagingLab struct {
	*lab
	env          []string
	requirements []byte
}

// The files of a library that hatchling builds, and of a service.
const (
	libraryManifest = "[project]\nname = %q\nversion = \"1.0.0\"\n[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n"
	serviceMarker   = "service: %s\nprovider: {name: aws, runtime: python3.12}\n"
	serviceCode     = "def handle(event, context): return 1\n"
)

func library(files map[string]string, name string) {
	files["libs/"+name+"/pyproject.toml"] = fmt.Sprintf(libraryManifest, name)
	files["libs/"+name+"/"+name+"/__init__.py"] = "VALUE = 1\n"
}

// service adds a service of the requirements that wanted lets pass, and of libraries.
func (p *packagingLab) service(files map[string]string, name string, wanted func(requirement string) bool, libraries ...string) {
	dir := "services/" + name + "/"
	files[dir+"serverless.yml"] = fmt.Sprintf(serviceMarker, name)
	files[dir+"handler.py"] = serviceCode
	for line := range strings.Lines(string(p.requirements)) {
		if requirement, _, ok := strings.Cut(line, "=="); ok && wanted(requirement) {
			files[dir+"requirements.txt"] += line
		}
	}
	for _, l := range libraries {
		files[dir+"requirements.txt"] += "../../libs/" + l + "\n"
	}
}

// oneService gives the commands about the one service, and the length of its artifact.
func (p *packagingLab) oneService(ctx context.Context) ([]*command, int64, error) {
	files := map[string]string{"seed.yml": "services: [services/api, {path: services/slim, package: {slim: true}}]\n"}
	library(files, "etl")
	library(files, "models")
	all := func(string) bool { return true }
	p.service(files, "api", all, "etl", "models")
	p.service(files, "slim", all, "etl", "models")
	dir, err := p.commit(ctx, "packaged", files)
	if err != nil {
		return nil, 0, err
	}
	artifact := filepath.Join(dir, ".monoplan", "artifacts", "api.zip")
	info, err := os.Stat(artifact)
	if err != nil {
		return nil, 0, err
	}
	tree, zipped, raw := filepath.Join(p.dir, "tree"), filepath.Join(p.dir, "tree.zip"), filepath.Join(p.dir, "raw.zip")
	if err := os.RemoveAll(tree); err != nil {
		return nil, 0, err
	}
	if _, err := p.output(ctx, "", nil, "unzip", "-q", artifact, "-d", tree); err != nil {
		return nil, 0, err
	}
	wheels, err := p.wheels(filepath.Join(dir, ".monoplan", "artifacts", "api", "manifest.json"))
	if err != nil {
		return nil, 0, err
	}
	first, changed, slim := filepath.Join(p.dir, "first"), filepath.Join(p.dir, "changed"), filepath.Join(p.dir, "changed-slim")
	return []*command{
		{label: "`zip -6` of the same tree", dir: tree, words: []string{"zip", "-q", "-6", "-r", zipped, "."}, before: func() error { return remove(zipped) }},
		{label: "raw copy of the same wheels", words: append([]string{p.program("rawcopy"), raw}, wheels...), before: func() error { return remove(raw) }},
		{label: "no artifact, wheels in the store", before: func() error { return os.RemoveAll(first) }, dir: dir, env: p.env, words: p.packageWords("api", "-o", first)},
		{label: "one line of code changed", before: p.change(dir, "api"), dir: dir, env: p.env, words: p.packageWords("api", "--worktree", "-o", changed)},
		{label: "the same, `slim: true`", before: p.change(dir, "slim"), dir: dir, env: p.env, words: p.packageWords("slim", "--worktree", "-o", slim)},
		{label: "nothing changed", dir: dir, env: p.env, words: p.packageWords("api")},
	}, info.Size(), nil
}

// hundredServices gives the commands about the many.
func (p *packagingLab) hundredServices(ctx context.Context) ([]*command, error) {
	files := map[string]string{}
	library(files, "models")
	few := func(requirement string) bool {
		return slices.Contains([]string{"requests", "urllib3", "idna", "certifi", "charset-normalizer"}, requirement)
	}
	for i := range 100 {
		p.service(files, fmt.Sprintf("s%d", i), few, "models")
	}
	dir, err := p.commit(ctx, "packaged-hundred", files)
	if err != nil {
		return nil, err
	}
	return []*command{
		{label: "100 services, `git status`", dir: dir, words: []string{"git", "status", "--porcelain"}},
		{label: "100 services, nothing changed", dir: dir, env: p.env, words: p.packageWords()},
	}, nil
}

func (p *packagingLab) packageWords(args ...string) []string {
	return append([]string{p.program("monoplan"), "package"}, args...)
}

// change adds a line to a service's code.
func (p *packagingLab) change(dir, service string) func() error {
	n := 0
	return func() error {
		n++
		f, err := os.OpenFile(filepath.Join(dir, "services", service, "handler.py"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(f, "# %d\n", n)
		return errors.Join(err, f.Close())
	}
}

// commit makes a repository of one commit with files, and packages it once.
func (p *packagingLab) commit(ctx context.Context, name string, files map[string]string) (string, error) {
	dir := filepath.Join(p.dir, name)
	if err := p.commitFiles(ctx, name, files); err != nil {
		return "", err
	}
	p.logf("packaging %s for the first time", name)
	_, err := p.output(ctx, dir, p.env, p.program("monoplan"), "package")
	return dir, err
}

// wheels gives the files in the store of which an artifact was made.
func (p *packagingLab) wheels(manifest string) ([]string, error) {
	data, err := os.ReadFile(manifest)
	if err != nil {
		return nil, err
	}
	var made struct {
		Packages []struct{ SHA256 string }
	}
	if err := json.Unmarshal(data, &made); err != nil {
		return nil, err
	}
	var files []string
	for _, w := range made.Packages {
		found, err := filepath.Glob(filepath.Join(p.dir, "store", "*", "blobs", "*", w.SHA256))
		if err != nil || len(found) != 1 {
			return nil, fmt.Errorf("the store has %d files of hash %s: %w", len(found), w.SHA256, cmp.Or(err, fs.ErrNotExist))
		}
		files = append(files, found...)
	}
	return files, nil
}

// remove removes a file that need not be there.
func remove(file string) error {
	if err := os.Remove(file); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

package packager

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/monoplan/monoplan/packager/assemble"
	"github.com/monoplan/monoplan/packager/builder"
)

// layer is a layer's archive with what it is made of. It is remembered beside it, under the key of its content.
type layer struct {
	Archive archiveFile     `json:"archive"`
	Report  assemble.Report `json:"report"`
}

// assemble writes the archives of an artifact, its manifest, and its bill of materials.
func (r *resolver) assemble(ctx context.Context, p *parts, wheels []openWheel) (made, error) {
	m := made{Key: p.key, Inputs: p.inputs}
	spec, err := r.spec(ctx, p, wheels)
	if err != nil {
		return made{}, err
	}
	if r.service.Options.Requirements {
		if err := r.unpackRequirements(ctx, spec); err != nil {
			return made{}, err
		}
	}
	var reports []assemble.Report
	if p.layerKey != "" {
		l, err := r.layer(ctx, p.layerKey, spec)
		if err != nil {
			return made{}, err
		}
		m.Layer = &l.Archive
		reports = append(reports, l.Report)
		spec.Wheels = nil
	}
	m.Code, err = r.write(ctx, fileName(r.service.Name), spec, func(report assemble.Report) error {
		reports = append(reports, report)
		return assemble.CheckLimits(reports, len(reports)-1)
	})
	if err != nil {
		return made{}, err
	}
	return m, r.describe(p, wheels, m, reports)
}

// spec says what goes into a bundle.
func (r *resolver) spec(ctx context.Context, p *parts, wheels []openWheel) (assemble.Spec, error) {
	o := r.service.Options
	spec := assemble.Spec{Slim: o.Slim, Exclude: o.SlimPatterns, Temp: r.Temp}
	for _, f := range p.files {
		spec.Code = append(spec.Code, assemble.CodeFile{
			Path: f.Path, Executable: f.Executable, Open: func() (io.ReadCloser, error) { return f.open(ctx) },
		})
	}
	for _, w := range wheels {
		d := assemble.Dependency{Wheel: w.wheel, By: w.by}
		if o.Slim {
			var err error
			if d.Stripped, err = r.strippedOf(ctx, w); err != nil {
				return assemble.Spec{}, err
			}
		}
		spec.Wheels = append(spec.Wheels, d)
	}
	if o.Bytecode {
		compiler, err := r.compiler(ctx)
		if err != nil {
			return assemble.Spec{}, err
		}
		spec.Compile = compiler
	}
	return spec, nil
}

// layer makes a layer once for all services that have the same.
func (r *resolver) layer(ctx context.Context, key string, spec assemble.Spec) (layer, error) {
	return r.layers.do(ctx, key, func() (layer, error) {
		record := r.output.path(layersDir + "/" + key + ".json")
		l, ok := readLayer(record)
		if ok && l.Archive.isThere(r.Output) {
			return l, nil
		}
		spec.Code, spec.Layer = nil, true
		var err error
		l.Archive, err = r.write(ctx, layersDir, spec, func(report assemble.Report) error {
			l.Report = report
			return nil
		})
		if err != nil {
			return layer{}, err
		}
		data, err := json.Marshal(l)
		if err != nil {
			return layer{}, err
		}
		return l, writeFile(record, data)
	})
}

// readLayer reads what is remembered of a layer.
func readLayer(record string) (layer, bool) {
	var l layer
	data, err := os.ReadFile(record)
	return l, err == nil && json.Unmarshal(data, &l) == nil
}

// write writes an archive into a directory of artifacts, under the name that its hash gives it, if check has nothing against it.
func (r *resolver) write(ctx context.Context, dir string, spec assemble.Spec, check func(assemble.Report) error) (archiveFile, error) {
	f, err := os.CreateTemp(r.output.path(dir), temporary)
	if err != nil {
		return archiveFile{}, err
	}
	defer os.Remove(f.Name()) // it is gone where all went well
	report, err := assemble.Write(ctx, f, spec)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = check(report)
	}
	if err != nil {
		return archiveFile{}, err
	}
	name := path.Join(dir, report.SHA256+".zip")
	file := r.output.path(name)
	if err := os.Rename(f.Name(), file); err != nil {
		return archiveFile{}, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return archiveFile{}, err
	}
	return archiveFile{File: name, ManifestArchive: assemble.NewManifestArchive(name, report), Modified: info.ModTime().UnixNano()}, nil
}

// describe writes the manifest and the bill of materials.
func (r *resolver) describe(p *parts, wheels []openWheel, m made, reports []assemble.Report) error {
	s := r.service
	manifest := assemble.Manifest{
		Service: s.Name, Path: s.Path, Format: string(s.Options.Format), Code: besideManifest(m.Code),
		Provided: p.provided, Key: p.key, Inputs: manifestInputs(p.inputs), Packages: manifestPackages(wheels, reports),
	}
	if s.Options.Target.Python != "" {
		manifest.Runtime, manifest.Architecture = "python"+s.Options.Target.Python, s.Options.Target.Architecture
	}
	if m.Layer != nil {
		manifest.Layers = []assemble.ManifestArchive{besideManifest(*m.Layer)}
	}
	if err := placeFile(r.output.path(serviceFile(s.Name, manifestFile)), manifest.Encode); err != nil {
		return err
	}
	var direct []string
	isDirect := r.direct()
	for _, w := range wheels {
		if isDirect(w.Name) {
			direct = append(direct, w.Name)
		}
	}
	return placeFile(r.output.path(serviceFile(s.Name, sbomFile)), func(w io.Writer) error {
		return assemble.WriteSBOM(w, s.Name, components(wheels), direct)
	})
}

// besideManifest gives an archive with its file as it is seen from the manifest.
func besideManifest(a archiveFile) assemble.ManifestArchive {
	m := a.ManifestArchive
	m.File = path.Base(a.File)
	if strings.HasPrefix(a.File, layersDir+"/") {
		m.File = "../" + a.File
	}
	return m
}

// manifestPackages lists the wheels, with what each brought to the archives.
func manifestPackages(wheels []openWheel, reports []assemble.Report) []assemble.ManifestPackage {
	var list []assemble.ManifestPackage
	for _, w := range wheels {
		entry := assemble.ManifestPackage{Name: w.Name, Version: w.wheel.Version, Wheel: w.name, SHA256: w.sha256, By: w.by}
		for _, report := range reports {
			for _, share := range report.Shares {
				if share.Name == w.wheel.Name && share.Version == w.wheel.Version {
					entry.Files += share.Files
					entry.Unpacked += share.Unpacked
					entry.Packed += share.Packed
				}
			}
		}
		list = append(list, entry)
	}
	return list
}

// sizeOf gives a file's size, 0 where it cannot be looked at.
func sizeOf(file string) int64 {
	info, err := os.Stat(filepath.Clean(file))
	if err != nil {
		return 0
	}
	return info.Size()
}

// compiler gives what makes bytecode for the service's Python; services of one Python share it.
func (r *resolver) compiler(ctx context.Context) (*builder.Compiler, error) {
	python := r.service.Options.Target.Python
	return r.compilers.do(ctx, python, func() (*builder.Compiler, error) {
		c, err := builder.NewCompiler(ctx, r.Env, r.Temp, python)
		if err == nil {
			r.atEnd(c.Close)
		}
		return c, err
	})
}

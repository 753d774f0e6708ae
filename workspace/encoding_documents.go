package workspace

import (
	"encoding/binary"
	"maps"
	"slices"
	"sort"

	"github.com/monoplan/monoplan/internal/python"
)

// The documents of an index, each under its form and the ID of its content. Every field of a document is here: one that
// is left out would come back empty, which TestDocumentsKeepEveryField finds.

// encodeDocuments writes the documents in the order of their keys, and then where each begins.
func encodeDocuments(e *encoder, parsed map[documentKey]*document) {
	keys := slices.SortedFunc(maps.Keys(parsed), documentKey.compare)
	var begins []byte
	e.part(func(e *encoder) {
		first := len(e.buf)
		for _, k := range keys {
			begins = binary.LittleEndian.AppendUint32(begins, uint32(len(e.buf)-first))
			e.string(string(k.Form))
			e.string(k.ID)
			encodeDocument(e, parsed[k])
		}
	})
	e.string(string(begins))
}

// storedDocuments are documents as they are in the cache. Each is unpacked when it is asked for.
type storedDocuments struct {
	rows, begins string
}

func decodeDocuments(d *decoder) storedDocuments {
	return storedDocuments{rows: d.part().rest, begins: d.string()}
}

func (s storedDocuments) len() int { return len(s.begins) / 4 }

// at gives the key of a document, and the row of the rest.
func (s storedDocuments) at(i int) (documentKey, *decoder) {
	begin := binary.LittleEndian.Uint32([]byte(s.begins[4*i : 4*i+4]))
	d := &decoder{rest: s.rows[min(int(begin), len(s.rows)):]}
	return documentKey{form(d.string()), d.string()}, d
}

// get gives a document, nil if there is none of that name.
func (s storedDocuments) get(k documentKey) *document {
	i, found := sort.Find(s.len(), func(i int) int {
		at, _ := s.at(i)
		return k.compare(at)
	})
	if !found {
		return nil
	}
	_, doc := s.unpack(i)
	return doc
}

// unpack gives a document; it is nil where no encoder wrote what is there.
func (s storedDocuments) unpack(i int) (documentKey, *document) {
	k, d := s.at(i)
	doc := decodeDocument(d)
	if d.err != nil {
		return k, nil
	}
	return k, &doc
}

// all gives every document.
func (s storedDocuments) all() map[documentKey]*document {
	documents := make(map[documentKey]*document, s.len())
	for i := range s.len() {
		if k, doc := s.unpack(i); doc != nil {
			documents[k] = doc
		}
	}
	return documents
}

func encodeDocument(e *encoder, doc *document) {
	encodePointer(e, doc.Manifest, encodeManifest)
	encodePointer(e, doc.Lock, encodeLock)
	encodePointer(e, doc.Template, encodeTemplate)
	encodePointer(e, doc.Package, encodePackageManifest)
	encodePointer(e, doc.Lerna, encodeLerna)
	encodePointer(e, doc.Pnpm, encodePnpm)
	encodeList(e, doc.Lines, (*encoder).string)
	e.bool(doc.SAM)
	e.int(doc.UpLine)
	e.string(doc.Broken)
	e.int(doc.Line)
	e.int(doc.Column)
}

func decodeDocument(d *decoder) document {
	return document{
		Manifest: decodePointer(d, decodeManifest),
		Lock:     decodePointer(d, decodeLock),
		Template: decodePointer(d, decodeTemplate),
		Package:  decodePointer(d, decodePackageManifest),
		Lerna:    decodePointer(d, decodeLerna),
		Pnpm:     decodePointer(d, decodePnpm),
		Lines:    decodeList(d, (*decoder).string),
		SAM:      d.bool(), UpLine: d.int(),
		Broken: d.string(), Line: d.int(), Column: d.int(),
	}
}

func encodeManifest(e *encoder, m python.Manifest) {
	e.string(m.Name)
	encodeList(e, m.References, encodeReference)
	encodeList(e, m.Variables, encodeVariable)
	encodeList(e, m.Dependencies, encodeDependency)
	encodeList(e, m.PoetryDependencies, encodeDependency)
	e.bool(m.Dynamic)
	encodeList(e, m.Sources, func(e *encoder, s python.Source) {
		e.string(s.Name)
		e.string(s.Path)
		e.string(s.Subdirectory)
		e.bool(s.Workspace)
		e.int(s.Line)
	})
	encodePointer(e, m.UVWorkspace, func(e *encoder, w python.UVWorkspace) {
		encodeList(e, w.Members, (*encoder).string)
		encodeList(e, w.Exclude, (*encoder).string)
		e.int(w.Line)
		encodeList(e, w.Shared.References, encodeReference)
		encodeList(e, w.Shared.Variables, encodeVariable)
		encodeList(e, w.Shared.Dependencies, encodeDependency)
	})
}

func decodeManifest(d *decoder) python.Manifest {
	return python.Manifest{
		Name:               d.string(),
		References:         decodeList(d, decodeReference),
		Variables:          decodeList(d, decodeVariable),
		Dependencies:       decodeList(d, decodeDependency),
		PoetryDependencies: decodeList(d, decodeDependency),
		Dynamic:            d.bool(),
		Sources: decodeList(d, func(d *decoder) python.Source {
			return python.Source{Name: d.string(), Path: d.string(), Subdirectory: d.string(), Workspace: d.bool(), Line: d.int()}
		}),
		UVWorkspace: decodePointer(d, func(d *decoder) python.UVWorkspace {
			return python.UVWorkspace{
				Members: decodeList(d, (*decoder).string), Exclude: decodeList(d, (*decoder).string), Line: d.int(),
				Shared: python.UVShared{
					References:   decodeList(d, decodeReference),
					Variables:    decodeList(d, decodeVariable),
					Dependencies: decodeList(d, decodeDependency),
				},
			}
		}),
	}
}

func encodeReference(e *encoder, r python.Reference) {
	e.string(r.Path)
	e.string(r.Subdirectory)
	e.int(int(r.Kind))
	e.int(r.Line)
	e.bool(r.Dev)
	e.string(r.Name)
}

func decodeReference(d *decoder) python.Reference {
	return python.Reference{
		Path: d.string(), Subdirectory: d.string(), Kind: python.Kind(d.int()), Line: d.int(), Dev: d.bool(), Name: d.string(),
	}
}

func encodeVariable(e *encoder, v python.Variable) {
	e.int(v.Line)
	e.bool(v.Dev)
}

func decodeVariable(d *decoder) python.Variable { return python.Variable{Line: d.int(), Dev: d.bool()} }

func encodeDependency(e *encoder, n python.Dependency) {
	e.string(n.Name)
	e.int(n.Line)
	e.bool(n.Dev)
}

func decodeDependency(d *decoder) python.Dependency {
	return python.Dependency{Name: d.string(), Line: d.int(), Dev: d.bool()}
}

func encodeLock(e *encoder, l python.Lock) {
	encodeList(e, l.Packages, func(e *encoder, p python.LockPackage) {
		e.string(p.Name)
		e.int(p.Line)
		e.string(p.Path)
		e.string(p.Subdirectory)
		e.int(int(p.Kind))
		encodeList(e, p.Needs, (*encoder).int)
		encodeList(e, p.DevNeeds, (*encoder).int)
		e.int(int(p.Use))
	})
	encodeList(e, l.Roots, (*encoder).int)
	encodeList(e, l.DevRoots, (*encoder).int)
}

func decodeLock(d *decoder) python.Lock {
	return python.Lock{
		Packages: decodeList(d, func(d *decoder) python.LockPackage {
			return python.LockPackage{
				Name: d.string(), Line: d.int(), Path: d.string(), Subdirectory: d.string(), Kind: python.Kind(d.int()),
				Needs: decodeList(d, (*decoder).int), DevNeeds: decodeList(d, (*decoder).int), Use: python.Use(d.int()),
			}
		}),
		Roots: decodeList(d, (*decoder).int), DevRoots: decodeList(d, (*decoder).int),
	}
}

func encodeTemplate(e *encoder, t template) {
	e.string(t.Service)
	e.bool(t.Renamed)
	e.bool(t.SAM)
	encodeRuntime(e, t.Runtime)
	e.int(t.Requirements.Line)
	e.string(t.Requirements.Name)
	e.bool(t.Requirements.Elsewhere)
	encodeList(e, t.Scalars, func(e *encoder, c candidate) {
		e.string(c.Path)
		e.int(c.Line)
		e.int(int(c.Form))
		e.bool(c.Cut)
		e.string(c.Name)
	})
	encodeList(e, t.Modules, func(e *encoder, m module) {
		e.int(m.Line)
		e.string(m.Path)
	})
	encodeList(e, t.Programs, func(e *encoder, p program) {
		e.int(p.Line)
		e.string(p.Text)
	})
}

func decodeTemplate(d *decoder) template {
	return template{
		Service: d.string(), Renamed: d.bool(), SAM: d.bool(), Runtime: decodeRuntime(d),
		Requirements: namedRequirements{Line: d.int(), Name: d.string(), Elsewhere: d.bool()},
		Scalars: decodeList(d, func(d *decoder) candidate {
			return candidate{Path: d.string(), Line: d.int(), Form: candidateForm(d.int()), Cut: d.bool(), Name: d.string()}
		}),
		Modules:  decodeList(d, func(d *decoder) module { return module{Line: d.int(), Path: d.string()} }),
		Programs: decodeList(d, func(d *decoder) program { return program{Line: d.int(), Text: d.string()} }),
	}
}

func encodeRuntime(e *encoder, r Runtime) {
	e.string(r.Name)
	e.string(r.Architecture)
}

func decodeRuntime(d *decoder) Runtime { return Runtime{Name: d.string(), Architecture: d.string()} }

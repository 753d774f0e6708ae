package workspace

// encodeFindings writes the findings of all nodes, in the order of these.
func encodeFindings(e *encoder, all []*findings) { encodeList(e, all, encodeFindingsOf) }

func encodeFindingsOf(e *encoder, f *findings) {
	encodeExpansion(e, f.of)
	encodeList(e, f.edges, func(e *encoder, a arc) {
		e.string(a.to)
		encodePlace(e, a.place)
		e.bool(a.packaged)
		e.bool(a.noScripts)
	})
	encodeList(e, f.next, encodeExpansion)
	encodeList(e, f.warnings, encodeWarning)
	encodeList(e, f.doubts, encodeDoubt)
	encodeList(e, f.programs, encodeDoubt)
	encodeList(e, f.names, encodeVariableName)
	encodeList(e, f.absent, func(e *encoder, a absence) {
		e.string(a.path)
		encodePlace(e, a.place)
	})
	encodeList(e, f.resolved, encodePlace)
	encodeList(e, f.uses, (*encoder).string)
	encodeList(e, f.members, (*encoder).string)
	encodeList(e, f.linked, (*encoder).string)
	encodePlace(e, f.leadsUp)
	e.string(f.declared)
	encodeRequirements(e, f.requirements)
}

func encodeRequirements(e *encoder, r Requirements) {
	e.string(r.Name)
	e.bool(r.Unknown)
	e.string(r.File)
	e.int(r.Line)
	encodeList(e, r.Modules, func(e *encoder, m ModuleRequirements) {
		e.string(m.Path)
		e.string(m.File)
		e.int(m.Line)
	})
}

func decodeRequirements(d *decoder) Requirements {
	return Requirements{
		Name: d.string(), Unknown: d.bool(), File: d.string(), Line: d.int(),
		Modules: decodeList(d, func(d *decoder) ModuleRequirements {
			return ModuleRequirements{Path: d.string(), File: d.string(), Line: d.int()}
		}),
	}
}

// decodeFindings reads the findings of all nodes, with few allocations for the lists that every node has.
func decodeFindings(d *decoder) []*findings {
	var edges []arc
	var next []expansion
	var uses []string
	all := make([]findings, d.count())
	pointers := make([]*findings, len(all))
	for i := range all {
		f := &all[i]
		pointers[i] = f
		f.of = decodeExpansion(d)
		f.edges = decodePiece(d, &edges, func(d *decoder) arc {
			return arc{f.of.node, d.string(), declaration{decodePlace(d), d.bool(), d.bool()}}
		})
		f.next = decodePiece(d, &next, decodeExpansion)
		f.warnings = decodeList(d, decodeWarning)
		f.doubts = decodeList(d, decodeDoubt)
		f.programs = decodeList(d, decodeDoubt)
		f.names = decodeList(d, decodeVariableName)
		f.absent = decodeList(d, func(d *decoder) absence { return absence{d.string(), decodePlace(d)} })
		f.resolved = decodeList(d, decodePlace)
		f.uses = decodePiece(d, &uses, (*decoder).string)
		f.members = decodeList(d, (*decoder).string)
		f.linked = decodeList(d, (*decoder).string)
		f.leadsUp = decodePlace(d)
		f.declared = d.string()
		f.requirements = decodeRequirements(d)
		if d.err != nil {
			return nil
		}
	}
	return pointers
}

// pieceSize is how many elements are allocated at once for the lists of many nodes.
const pieceSize = 1024

// decodePiece reads what encodeList wrote, into what is left of a larger piece of memory.
func decodePiece[T any](d *decoder, free *[]T, element func(*decoder) T) []T {
	n := d.count()
	if n > cap(*free)-len(*free) {
		*free = make([]T, 0, max(n, pieceSize))
	}
	from := len(*free)
	for range n {
		if d.err != nil {
			return nil
		}
		*free = append(*free, element(d))
	}
	return (*free)[from:len(*free):len(*free)]
}

func encodeExpansion(e *encoder, x expansion) {
	e.string(x.node)
	e.string(string(x.form))
}

func decodeExpansion(d *decoder) expansion { return expansion{d.string(), form(d.string())} }

func encodePlace(e *encoder, p place) {
	e.string(p.file)
	e.int(p.line)
}

func decodePlace(d *decoder) place { return place{d.string(), d.int()} }

func encodeDoubt(e *encoder, d doubt) {
	encodePlace(e, d.place)
	e.string(d.text)
}

func decodeDoubt(d *decoder) doubt { return doubt{decodePlace(d), d.string()} }

func encodeVariableName(e *encoder, n variableName) {
	e.string(n.dir)
	e.string(n.name)
}

func decodeVariableName(d *decoder) variableName { return variableName{d.string(), d.string()} }

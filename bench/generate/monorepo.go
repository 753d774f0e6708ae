package main

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
)

// size says how large a monorepo is, and what it looks like.
type size struct {
	files, services, libraries, changes int
	shape                               string
	seed                                uint64
}

// monorepo is a repository before it is written: the paths of its directories, and what goes into them.
type monorepo struct {
	size
	random    *rand.Rand
	services  []string
	libraries []string
	// modules has the Python files, those of services and libraries first, then as many as documents are in neither.
	modules   []string
	documents int
}

// Each service and each library has two files beside its modules; one file in fifty belongs to neither.
const (
	manifests = 2
	aside     = 50
)

func newMonorepo(s size) (*monorepo, error) {
	if s.services < 1 || s.libraries < 1 || s.changes < 1 {
		return nil, errors.New("there must be a service, a library and a change")
	}
	m := &monorepo{size: s, random: rand.New(rand.NewPCG(s.seed, 0))}
	for i := range s.services {
		path, err := m.servicePath(i)
		if err != nil {
			return nil, err
		}
		m.services = append(m.services, path)
	}
	for i := range s.libraries {
		m.libraries = append(m.libraries, fmt.Sprintf("libs/lib-%04d", i))
	}
	m.documents = s.files / aside
	rest := s.files - m.documents - manifests*(s.services+s.libraries)
	if rest < s.changes {
		return nil, fmt.Errorf("%d files are too few for %d services, %d libraries and %d changes", s.files, s.services, s.libraries, s.changes)
	}
	for i := range rest {
		m.modules = append(m.modules, m.modulePath(i))
	}
	for i := range m.documents {
		m.modules = append(m.modules, fmt.Sprintf("docs/part-%03d/page-%05d.md", i%40, i))
	}
	return m, nil
}

func (m *monorepo) servicePath(i int) (string, error) {
	switch m.shape {
	case "flat":
		return fmt.Sprintf("services/svc-%05d", i), nil
	case "areas":
		return fmt.Sprintf("services/area-%02d/svc-%05d", i%40, i), nil
	case "nested":
		if i%4 == 3 {
			return fmt.Sprintf("%s/parts/svc-%05d", m.services[i-1], i), nil
		}
		return fmt.Sprintf("services/svc-%05d", i), nil
	}
	return "", fmt.Errorf("no shape is called %q", m.shape)
}

// modulePath puts one module in ten into a library, the others into services.
func (m *monorepo) modulePath(i int) string {
	owner := m.services[m.random.IntN(len(m.services))]
	if i%10 == 0 {
		owner = m.libraries[m.random.IntN(len(m.libraries))]
	}
	return fmt.Sprintf("%s/src/part_%d/module_%06d.py", owner, i%3, i)
}

// write writes the input of git fast-import.
func (m *monorepo) write(w *bufio.Writer) {
	m.commit(w, "base", 1_700_000_000)
	for i, path := range m.services {
		m.file(w, path+"/serverless.yml", serverless(i))
		m.file(w, path+"/pyproject.toml", m.pyproject(fmt.Sprintf("svc-%05d", i), path, 1+m.random.IntN(4), len(m.libraries)))
	}
	for i, path := range m.libraries {
		// A library leads to earlier ones only, so that chains end.
		m.file(w, path+"/pyproject.toml", m.pyproject(fmt.Sprintf("lib-%04d", i), path, min(i, m.random.IntN(3)), i))
		m.file(w, path+"/README.md", fmt.Sprintf("# lib-%04d\n", i))
	}
	for i, path := range m.modules {
		m.file(w, path, m.module(i))
	}
	m.commit(w, "head", 1_700_000_060)
	m.change(w)
	w.WriteString("reset refs/heads/main\nfrom refs/tags/head\n\ndone\n")
}

func (m *monorepo) commit(w *bufio.Writer, tag string, when int) {
	const who = "A <a@example.com>"
	fmt.Fprintf(w, "commit refs/tags/%s\nauthor %s %d +0000\ncommitter %s %d +0000\ndata %d\n%s\n", tag, who, when, who, when, len(tag), tag)
	if tag == "head" {
		w.WriteString("from refs/tags/base\n")
	}
}

func (m *monorepo) file(w *bufio.Writer, path, text string) {
	fmt.Fprintf(w, "M 100644 inline %s\ndata %d\n%s\n", path, len(text), text)
}

// change makes the second commit: of ten changes eight modify a module, one adds and one deletes one.
func (m *monorepo) change(w *bufio.Writer) {
	modules := m.modules[:len(m.modules)-m.documents]
	for i, n := range m.random.Perm(len(modules))[:m.changes] {
		path := modules[n]
		switch i % 10 {
		case 8:
			m.file(w, strings.TrimSuffix(path, ".py")+"_new.py", m.module(n))
		case 9:
			fmt.Fprintf(w, "D %s\n", path)
		default:
			m.file(w, path, m.module(n)+"changed = True\n")
		}
	}
}

func serverless(i int) string {
	return fmt.Sprintf(`service: svc-%05d
provider:
  name: aws
  runtime: python3.12
functions:
  main:
    handler: src/part_0/handler.main
    environment:
      TABLE: ${self:service}-table
`, i)
}

// pyproject is a manifest with dependencies on some of the first libraries.
func (m *monorepo) pyproject(name, path string, edges, libraries int) string {
	up := strings.Repeat("../", strings.Count(path, "/")+1)
	var b strings.Builder
	fmt.Fprintf(&b, "[tool.poetry]\nname = %q\nversion = \"0.1.0\"\ndescription = \"\"\nauthors = []\n\n", name)
	b.WriteString("[tool.poetry.dependencies]\npython = \"^3.12\"\nboto3 = \"^1.34\"\n")
	used := map[int]bool{}
	for range edges {
		lib := m.random.IntN(libraries)
		if !used[lib] {
			fmt.Fprintf(&b, "lib-%04d = {path = \"%s%s\", develop = true}\n", lib, up, m.libraries[lib])
		}
		used[lib] = true
	}
	b.WriteString("\n[build-system]\nrequires = [\"poetry-core\"]\nbuild-backend = \"poetry.core.masonry.api\"\n")
	return b.String()
}

// module is a file of some hundred bytes that is like no other.
func (m *monorepo) module(i int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "NUMBER = %d\n", i)
	for range 2 + m.random.IntN(8) {
		fmt.Fprintf(&b, "\n\ndef f_%08x(event, context):\n    return %d\n", m.random.Uint32(), m.random.Uint32())
	}
	return b.String()
}

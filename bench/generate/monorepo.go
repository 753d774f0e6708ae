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
	files, services, libraries, baselines int
	// changes are the paths that differ between base and head, and manifests how many of them are services' pyproject.toml.
	changes, manifests int
	shape              string
	seed               uint64
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
	besides = 2
	aside   = 50
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
	if s.manifests > min(s.changes, s.services) {
		return nil, fmt.Errorf("%d manifests are more than there are changes or services", s.manifests)
	}
	m.documents = s.files / aside
	rest := s.files - m.documents - besides*(s.services+s.libraries)
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
	case "deep":
		return fmt.Sprintf("services/a-%d/b-%d/c-%d/d-%d/svc-%05d", i%2, i/2%3, i/6%5, i/30%7, i), nil
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

// expected is left to the planner's own tests: they know the rules.
func (m *monorepo) expected() []string { return nil }

func (m *monorepo) write(w *bufio.Writer) {
	commit(w, m.release(m.baselines), "")
	for i, path := range m.services {
		file(w, path+"/serverless.yml", serverless(i))
		file(w, path+"/pyproject.toml", m.serviceManifest(i))
	}
	for i, path := range m.libraries {
		// A library leads to earlier ones only, so that chains end.
		file(w, path+"/pyproject.toml", m.pyproject(fmt.Sprintf("lib-%04d", i), path, min(i, m.random.IntN(3)), i))
		file(w, path+"/README.md", fmt.Sprintf("# lib-%04d\n", i))
	}
	for i, path := range m.modules {
		file(w, path, m.module(i))
	}
	for i := range m.baselines {
		commit(w, m.release(m.baselines-i-1), m.release(m.baselines-i))
		for range 10 {
			n := m.random.IntN(len(m.modules) - m.documents)
			file(w, m.modules[n], m.module(n))
		}
	}
	commit(w, "head", "base")
	m.change(w)
	end(w)
}

// release gives the tag of the n-th commit before head's parent, which is base itself.
func (m *monorepo) release(n int) string {
	if n == 0 {
		return "base"
	}
	return fmt.Sprintf("base-%d", n)
}

// commit begins a commit with a tag, on top of the one with another tag.
func commit(w *bufio.Writer, tag, parent string) {
	const who = "A <a@example.com> 1700000000 +0000"
	fmt.Fprintf(w, "commit refs/tags/%s\nauthor %s\ncommitter %s\ndata %d\n%s\n", tag, who, who, len(tag), tag)
	if parent != "" {
		fmt.Fprintf(w, "from refs/tags/%s\n", parent)
	}
}

func file(w *bufio.Writer, path, text string) {
	fmt.Fprintf(w, "M 100644 inline %s\ndata %d\n%s\n", path, len(text), text)
}

// end makes head the end of main.
func end(w *bufio.Writer) { w.WriteString("reset refs/heads/main\nfrom refs/tags/head\n\ndone\n") }

// change makes the second commit: of ten changes of modules eight modify one, one adds and one deletes one. A manifest that
// changes has other dependencies.
func (m *monorepo) change(w *bufio.Writer) {
	modules := m.modules[:len(m.modules)-m.documents]
	for i, n := range m.random.Perm(len(modules))[:m.changes-m.manifests] {
		path := modules[n]
		switch i % 10 {
		case 8:
			file(w, strings.TrimSuffix(path, ".py")+"_new.py", m.module(n))
		case 9:
			fmt.Fprintf(w, "D %s\n", path)
		default:
			file(w, path, m.module(n)+"changed = True\n")
		}
	}
	if m.manifests > 0 {
		for _, i := range m.random.Perm(len(m.services))[:m.manifests] {
			file(w, m.services[i]+"/pyproject.toml", m.serviceManifest(i)+"\n[tool.changed]\n")
		}
	}
}

func (m *monorepo) serviceManifest(i int) string {
	return m.pyproject(fmt.Sprintf("svc-%05d", i), m.services[i], 1+m.random.IntN(4), len(m.libraries))
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

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/history"
)

// generator makes random histories of monorepos. Names come from small pools, so that what one commit removes another
// one names, and prefixes, nesting and cycles come by themselves.
type generator struct {
	*rand.Rand
	tree history.Tree
	ops  []history.Op
}

var (
	serviceDirs = []string{
		"services/a", "services/b", "services/ab", "services/a/in", "services/a/in/deep", "services/b/x", "apps/web",
		"apps/web/api", "apps/Web", "libs/x/svc", "services/o dd\n\xff", ".",
	}
	libraryDirs = []string{
		"libs/x", "libs/y", "libs/z", "libs/x/inner", "libs", "shared", "services/a/lib", "services/common", "services/b/x/lib",
		"tools/gen", "libs/caf\xc3\xa9",
	}
	fileNames = []string{"x.py", "y.py", "README.md", "KEEP.md", "data/x.txt", "docs/a.md", "sp ace.py", "q\"uote", "n\newline", "\xfe"}
	markers   = []struct{ name, content string }{
		{"serverless.yml", "service: %s\n"}, {"serverless.yml", "service: ${self:custom.x}\n"}, {"serverless.json", `{"service": {"name": "%s"}}` + "\n"},
		{"serverless.json", `{/* no comments */ "%s": "../../libs/x"}` + "\n"},
		{"cdk.json", "{}\n"}, {"sst.json", "{}\n"}, {"serverless.ts", "export {}\n"},
		{"template.yaml", "Transform: AWS::Serverless-2016-10-31\n"}, {"template.yaml", "Resources: {}\n"},
	}
)

// randomHistory makes a history of one to five commits after the first.
func randomHistory(seed uint64) *history.History {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1)), tree: history.Tree{}}
	h := &history.History{Comment: fmt.Sprintf("Seed %d.", seed)}
	var trees []history.Tree
	for i := range 2 + g.IntN(5) {
		switch {
		case i == 0:
			g.monorepo()
		case i > 1 && g.oneIn(12):
			g.revert(trees[g.IntN(len(trees))])
		default:
			for range 1 + g.IntN(4) {
				g.edit()
			}
		}
		c := history.Commit{Name: fmt.Sprintf("c%d", i), Ops: g.ops}
		if i > 0 {
			c.Parents = []string{fmt.Sprintf("c%d", i-1)}
		}
		h.Commits = append(h.Commits, c)
		g.ops = nil
		trees = append(trees, maps.Clone(g.tree))
	}
	return h
}

func (g *generator) oneIn(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g *generator, of []T) T { return of[g.IntN(len(of))] }

// do makes a change, where the tree allows it.
func (g *generator) do(verb, p, arg string) {
	op := history.Op{Verb: verb, Path: p, Arg: arg}
	if err := g.tree.Apply(op); err == nil {
		g.ops = append(g.ops, op)
	}
}

func (g *generator) monorepo() {
	for range 1 + g.IntN(8) {
		g.service(pick(g, serviceDirs[:len(serviceDirs)-1]))
	}
	if g.oneIn(12) {
		g.service(".")
	}
	for range g.IntN(6) {
		g.library()
	}
	g.do("put", "config/common.yml", "a: 1\n")
	if g.oneIn(3) {
		g.do("symlink", "current", pick(g, libraryDirs))
	}
	if g.oneIn(3) {
		g.do("submodule", "vendor/dep", fmt.Sprint(1+g.IntN(9)))
	}
	if g.oneIn(2) {
		g.seed()
	}
}

func (g *generator) service(dir string) {
	m := pick(g, markers)
	name := "same"
	if !g.oneIn(6) {
		name = fmt.Sprintf("n%d", g.IntN(100))
	}
	content := m.content
	if strings.Contains(content, "%s") {
		content = fmt.Sprintf(content, name)
	}
	g.do("put", path.Join(dir, m.name), content)
	if m.name == "serverless.yml" && g.oneIn(2) {
		g.serverless(dir, content)
	}
	g.do("put", path.Join(dir, "handler.py"), g.line())
	if g.oneIn(8) {
		g.opening(dir)
	}
	if !g.oneIn(5) {
		g.manifest(dir)
	}
}

// opening adds something that opens a service, or nearly.
func (g *generator) opening(dir string) {
	name, content := "index.js", g.line()
	switch g.IntN(6) {
	case 0:
		name, content = pick(g, []string{"Makefile", "main.tf", "app.dockerfile"}), "all:\n\tcp ../x .\n"
	case 1:
		name, content = "Makefile", "all:\n\techo 1..2 .../x\n"
	case 2:
		name, content = "lib/run.sh", "cd ..\n"
	case 3:
		name = "node_modules/m/index.ts"
	}
	g.do("put", path.Join(dir, name), content)
}

func (g *generator) library() {
	dir := pick(g, libraryDirs)
	g.do("put", path.Join(dir, "x.py"), g.line())
	if g.oneIn(2) {
		g.manifest(dir)
	}
	if g.oneIn(10) {
		g.do("symlink", path.Join(dir, "link"), g.relative(dir, g.target()))
	}
	if g.oneIn(5) {
		g.do("put", path.Join(dir, pick(g, []string{"setup.py", "Makefile"})), pick(g, []string{"cd ../x\n", "echo\n"}))
	}
}

func (g *generator) line() string { return fmt.Sprintf("x = %d\n", g.IntN(1000)) }

// target is where a path dependency may lead: to libraries and services, into them, above them, to files, through links,
// into submodules, to nothing, out of the repository.
func (g *generator) target() string {
	switch g.IntN(16) {
	case 0, 1:
		return pick(g, serviceDirs)
	case 2:
		return pick(g, []string{".", "services", "libs"})
	case 3:
		return path.Join(pick(g, libraryDirs), "x.py")
	case 4:
		return pick(g, []string{"current", "current/inner"})
	case 5:
		return pick(g, []string{"vendor/dep", "vendor/dep/pkg"})
	case 6:
		return pick(g, []string{"libs/gone", "config/common.yml", "config"})
	case 7:
		return "../outside"
	case 8:
		return path.Join(pick(g, serviceDirs), pick(g, []string{"handler.py", "serverless.yml", "lib"}))
	default:
		return pick(g, libraryDirs)
	}
}

func (g *generator) relative(dir, target string) string {
	if outside, ok := strings.CutPrefix(target, "../"); ok {
		return strings.Repeat("../", 1+len(strings.Split(dir, "/"))) + outside
	}
	rel, err := filepath.Rel("/"+dir, "/"+target)
	if err != nil {
		panic(err)
	}
	if !strings.HasPrefix(rel, ".") {
		rel = "./" + rel
	}
	return rel
}

// manifest writes a Python manifest with a few paths in one of the forms that the oracle reads.
func (g *generator) manifest(dir string) {
	if g.oneIn(8) {
		dir = path.Join(dir, pick(g, []string{"sub", "node_modules/m"}))
	}
	var paths []string
	for range g.IntN(4) {
		if p := g.relative(dir, g.target()); !strings.ContainsAny(p, " \n") {
			paths = append(paths, p)
		}
	}
	name, content := "pyproject.toml", ""
	switch g.IntN(9) {
	case 0:
		content = "[tool.poetry.dependencies]\npython = \"^3.12\"\n" + each(paths, "p%d = {path = %q, develop = true}\n")
	case 1:
		group := pick(g, []string{"main", "dev", "test", "deploy"})
		content = "[tool.poetry.group." + group + ".dependencies]\n" + each(paths, "p%d = {path = %q}\n")
	case 2:
		content = "[project]\nname = \"p\"\ndependencies = [\n" + each(paths, "  \"p%d @ file:%s\",\n") + "]\n"
	case 3:
		content = "[project]\nname = \"p\"\ndependencies = [\"p0\", \"p1>=1\"]\n[dependency-groups]\ndev = [\"p2\"]\n[tool.uv.sources]\n" +
			each(paths, "p%d = {path = %q, editable = true}\n")
	case 4:
		name, content = "setup.cfg", "[options]\ninstall_requires =\n    requests\n"+each(paths, "    p%d @ file:%s\n")
	case 5:
		table := pick(g, []string{"packages", "dev-packages"})
		name, content = "Pipfile", "["+table+"]\n"+each(paths, "p%d = {path = %q}\n")
	case 6:
		if g.oneIn(4) {
			content = "[tool.poetry\n"
			break
		}
		content = "[tool.poetry]\npackages = [\n" + each(paths, "  {include = \"x%d\", from = %q},\n") + "]\n"
	default:
		name, content = "requirements.txt", "requests\n"+each(paths, "# %d\n-e %s\n")
		if g.oneIn(5) {
			g.do("put", "reqs/base.txt", "requests\n-e ../libs/x\n")
			content += "-r " + g.relative(dir, "reqs/base.txt") + "\n"
		}
	}
	g.do("put", path.Join(dir, name), content)
}

func each(paths []string, format string) string {
	var b strings.Builder
	for i, p := range paths {
		fmt.Fprintf(&b, format, i, p)
	}
	return b.String()
}

// serverless adds paths to a serverless.yml.
func (g *generator) serverless(dir, content string) {
	up := func(target string) string {
		p := g.relative(dir, target)
		if strings.ContainsAny(p, " \n\"") {
			return "x"
		}
		return p
	}
	content += "custom:\n"
	for range 1 + g.IntN(3) {
		key := fmt.Sprintf("k%d", g.IntN(1_000_000))
		value := ""
		switch g.IntN(12) {
		case 9, 10:
			code := path.Join(pick(g, libraryDirs), "x")
			if g.oneIn(3) {
				code = path.Join(g.target(), pick(g, []string{"handler", "gone", "${opt:x}/x"}))
			}
			value = "\n    handler: " + up(code) + ".main"
		case 8:
			value = "'" + up(pick(g, []string{"config/common.yml", "libs/x/x.yml", dir + "/own.yml"})) + "#/a'"
		case 6:
			value = "\"run -C" + up(g.target()) + " file://" + up(g.target()) + "\""
		case 7:
			value = "dist/../" + up(g.target())
		case 0:
			value = "${file(" + up("config/common.yml") + "):a}"
			if g.oneIn(2) {
				g.do("put", "config/common.yml", "a: "+g.relative("config", pick(g, []string{"libs/x", "libs/y", "shared", "libs/gone"}))+"\n")
			}
		case 1:
			value = "${file(" + up("config/common.yml") + "):a}/${file(" + up("libs/gone") + "/x.yml)}"
			if g.oneIn(2) {
				value = "${file(" + up(pick(g, []string{"config/${opt:stage}", dir + "/${opt:a}-${opt:b}", "libs/${opt:c}", "shared/common-${opt:d}"})) + ".yml)}"
			}
			if g.oneIn(3) {
				in := pick(g, []string{"config", dir, dir + "/in", "libs/x", "shared"})
				name := pick(g, []string{"dev", "common-b", "common/x-y"}) + ".yml"
				g.do("put", path.Join(in, name), "a: "+g.relative(path.Dir(path.Join(in, name)), g.target())+"\n")
			}
		case 2:
			value = "\"!" + up(g.target()) + "/**\""
		case 3:
			value = "\"cp -r " + up(g.target()) + " . && echo " + up(g.target()) + "/*.py\""
		case 4:
			value = up(g.target())
		case 5:
			value = "${file(" + pick(g, []string{"./x.py", "./${opt:stage}", "./x.${opt:stage}.yml", "${env:LIBS}/x.yml", "x.js"}) + ")}"
		default:
			value = up(pick(g, libraryDirs)) + "/${opt:stage}/x"
		}
		content += "  " + key + ": " + value + "\n"
	}
	if g.oneIn(4) {
		name := pick(g, []string{"prod.txt", "req/prod.txt", up("libs/x/prod.txt"), up("libs/x/requirements.txt"), "${opt:x}.txt"})
		content += "  pythonRequirements: {fileName: " + name + "}\n"
		if named := path.Join(dir, name); !strings.HasPrefix(named, "..") && g.oneIn(2) {
			g.do("put", named, "-e "+g.relative(dir, pick(g, libraryDirs))+"\n")
		}
	}
	g.do("put", path.Join(dir, "serverless.yml"), content)
}

// seed writes a seed.yml, as JSON: that is YAML too.
func (g *generator) seed() {
	doc := map[string]any{}
	if g.oneIn(2) {
		doc["orphans"] = "open"
	}
	if g.oneIn(12) {
		doc["path_dependencies"] = false
	}
	if g.oneIn(6) {
		doc["dev_edges"] = true
	}
	if g.oneIn(12) {
		doc["package"] = map[string]any{"groups": []string{"dev"}}
	}
	if g.oneIn(12) {
		doc["check_code_change"] = pick(g, []any{true, false, "git"})
	}
	if g.oneIn(3) {
		doc["ignore"] = pick(g, [][]string{{"*.md"}, {"*.md", "!KEEP.md"}, {"docs/"}, {"/libs/y"}, {"data"}, {"services/*/sub/"}, {"seed.yml"}})
	}
	if g.oneIn(2) {
		doc["services"] = g.register()
	}
	text, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	if file := "config/seed.yml"; g.oneIn(10) {
		g.do("put", file, string(text)+"\n")
		g.do("symlink", "seed.yml", file)
		return
	}
	g.do("put", "seed.yml", string(text)+"\n")
}

func (g *generator) register() []any {
	services := []any{pick(g, []string{"services/*", "services/**", "**"})}
	if g.oneIn(3) {
		services = []any{"apps/*"}
	}
	dirs := slices.Clone(serviceDirs)
	g.Shuffle(len(dirs), func(i, j int) { dirs[i], dirs[j] = dirs[j], dirs[i] })
	for _, dir := range dirs[:2+g.IntN(5)] {
		if strings.Contains(dir, "\n") || dir == "." && !g.oneIn(3) {
			continue
		}
		entry := map[string]any{"path": dir}
		if g.oneIn(4) {
			entry["nested"] = "isolate"
		}
		if g.oneIn(8) {
			entry["check_code_change"] = g.oneIn(2)
		}
		if g.oneIn(5) {
			entry["depends_on"] = pick(g, [][]string{{}, {"libs/x"}, {"libs/*"}, {"libs/y", "config/common.yml"}, {"*.yml"}, {"libs/gone"}, {"services/b"}})
		}
		if g.oneIn(8) {
			entry["name"] = fmt.Sprintf("r%d", g.IntN(3))
		}
		if g.oneIn(6) {
			entry["package"] = map[string]any{"groups": pick(g, [][]string{{"deploy"}, {"deploy", "test"}})}
		}
		services = append(services, entry)
	}
	return services
}

// edit makes one random change of the tree.
func (g *generator) edit() {
	files := slices.Sorted(maps.Keys(g.tree))
	if len(files) == 0 {
		g.monorepo()
		return
	}
	f := pick(g, files)
	somewhere := path.Join(pick(g, append(serviceDirs, libraryDirs...)), pick(g, fileNames))
	switch g.IntN(24) {
	case 0, 1, 2, 3:
		g.do("put", somewhere, g.line())
	case 4, 5:
		g.touch(f)
	case 6:
		g.do("delete", f, "")
	case 7:
		g.do("move", f, somewhere)
	case 8:
		g.do("delete", pick(g, serviceDirs[:len(serviceDirs)-1]), "")
	case 9:
		g.do("move", pick(g, serviceDirs[:len(serviceDirs)-1]), pick(g, []string{"moved/a", "apps/api", "services/c"}))
	case 10:
		g.do("delete", pick(g, libraryDirs), "")
	case 11:
		g.do("move", pick(g, libraryDirs), pick(g, []string{"libs/w", "libs/y", "other/lib"}))
	case 12:
		g.service(pick(g, serviceDirs))
	case 13, 14:
		g.do("delete", path.Join(pick(g, serviceDirs), pick(g, markers).name), "")
	case 15:
		g.library()
	case 16:
		g.manifest(pick(g, append(serviceDirs, libraryDirs...)))
	case 17:
		g.seed()
	case 18:
		g.do(pick(g, []string{"exec", "noexec"}), f, "")
	case 19:
		g.do("symlink", pick(g, []string{"current", "services/a/link", "libs/x/link"}), pick(g, []string{"libs/x", "../../libs/y", "../z", "../../shared/x.py"}))
	case 20:
		g.do("submodule", pick(g, []string{"vendor/dep", "vendor/dep", "services/a/sub", "services/b"}), fmt.Sprint(1+g.IntN(9)))
	case 21:
		g.opening(pick(g, serviceDirs))
	case 22:
		g.do("put", pick(g, []string{"README.md", ".github/ci.yml", "config/other.json"}), g.line())
	default:
		g.touch(pick(g, files))
	}
}

// touch changes a file's content, and nothing of what it says where it is a manifest.
func (g *generator) touch(f string) {
	file := g.tree[f]
	switch ext := path.Ext(f); {
	case file.Mode == "120000" || file.Mode == "160000" || ext == ".json" || f == "seed.yml":
		return
	default:
		g.do("put", f, file.Content+fmt.Sprintf("# %d\n", g.IntN(1000)))
	}
}

// revert makes the tree another one.
func (g *generator) revert(to history.Tree) {
	for _, p := range slices.Sorted(maps.Keys(g.tree)) {
		if _, stays := to[p]; !stays {
			g.do("delete", p, "")
		}
	}
	for _, p := range slices.Sorted(maps.Keys(to)) {
		file := to[p]
		if g.tree[p] == file {
			continue
		}
		switch file.Mode {
		case "120000":
			g.do("symlink", p, file.Content)
		case "160000":
			g.do("submodule", p, file.Content)
		default:
			g.do("put", p, file.Content)
			switch {
			case file.Mode == "100755":
				g.do("exec", p, "")
			case g.tree[p].Mode == "100755":
				g.do("noexec", p, "")
			}
		}
	}
}

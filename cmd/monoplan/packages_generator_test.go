package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/history"
)

// packageGenerator makes random histories of JavaScript workspaces, for one of the tools that list packages. Every
// directory that may be a package is a service too, so that a plan tells of each whether it is listed.
type packageGenerator struct {
	generator
	tool packageTool
	kept map[string]any
	// quoted says that files' names may have quotes, and that lerna.json has no ignoreChanges then: Lerna matches those with
	// names as git quotes them, as TestDocumentedDifferences shows.
	quoted bool
}

var (
	packageDirs = []string{
		"packages/a", "packages/b", "packages/ab", "packages/a/in", "packages/a/in/deep", "services/x", "services/y",
		"services/x/sub", "libs/u", "apps/My App", "apps/caf\xc3\xa9", "other/z", "packages/.hid/p", "packages/b/node_modules/n",
		"packages/bower_components/q", "packages/ignored",
	}
	packageVersions = []string{"1.0.0", "1.2.3", "2.0.0-beta.1", "0.3.1", "1.0.0+build", "10.0.0", "2.1.0", "0.0.4"}
	packageRanges   = []string{
		"^1.0.0", "~1.2.0", ">=1 <3", "1.x", "*", "", "latest", "^2.0.0-beta.0", ">=2.0.0-alpha", "1.0.0", "=1.2.3", "^0.3.0", "||", "1 || 2",
		"^9.9.9", "x", "v1.0.0", " ^1.0.0 ", "1.0.0 - 2.0.0", ">=0.0.0-0", "^0.0.4", "<2", "next", "not a range", "~0.3",
	}
	packageFiles = []string{
		"index.js", "lib/x.js", "README.md", "KEEP.md", "docs/a.md", "a.test.js", "test/x.js", "src/deep/er/y.ts", "sp ace.js",
		"\xc3\xa9t\xc3\xa9.js", "q\"uote.js", ".dot/f.js", ".env", "dist/o.js",
	}
	rootFiles = []string{
		"README.md", "yarn.lock", "tsconfig.json", "scripts/x.js", "docs/b.md", "other/loose.js", "packages/loose.md", "services/x.js",
		".github/ci.yml", "apps/\xc3\xbcber.md",
	}
)

// randomWorkspace makes a history of two to five commits.
func randomWorkspace(tool packageTool, seed uint64) *history.History {
	g := &packageGenerator{generator: generator{Rand: rand.New(rand.NewPCG(seed, 2)), tree: history.Tree{}}, tool: tool}
	g.quoted = tool.algorithm != "lerna" || g.oneIn(4)
	h := &history.History{Comment: fmt.Sprintf("Seed %d of %s.", seed, tool.name), Worktree: []history.Op{}}
	for i := range 2 + g.IntN(4) {
		if i == 0 {
			g.workspace()
		} else {
			for range 1 + g.IntN(3) {
				g.editPackages()
			}
		}
		c := history.Commit{Name: fmt.Sprintf("c%d", i), Ops: g.ops}
		if i > 0 {
			c.Parents = []string{fmt.Sprintf("c%d", i-1)}
		}
		h.Commits, g.ops = append(h.Commits, c), nil
	}
	return h
}

func (g *packageGenerator) workspace() {
	dirs := slices.Clone(packageDirs)
	g.Shuffle(len(dirs), func(i, j int) { dirs[i], dirs[j] = dirs[j], dirs[i] })
	for _, dir := range dirs[:3+g.IntN(8)] {
		g.pkg(dir)
	}
	g.do("put", "alone/serverless.yml", "service: alone\n")
	g.do("put", "packages/a/svc/serverless.yml", "service: svc\n")
	g.do("put", ".gitignore", pick(&g.generator, []string{"node_modules\n", "/packages/ignored\n", "dist\n.nx\n", "ignored/\n*.log\n"}))
	if g.oneIn(8) {
		g.do("put", "packages/.gitignore", pick(&g.generator, []string{"!ignored\n", "/a/in\n", "b/\n!ignored/\n"}))
	}
	if g.tool.algorithm == "lerna" && g.oneIn(8) {
		g.do("put", ".nxignore", pick(&g.generator, []string{"libs\n", "packages/b\n", "*.md\n", "!/packages/ignored\n"}))
	}
	g.root()
	if g.tool.algorithm == "lerna" {
		g.lernaJSON()
	}
	g.pnpmWorkspace()
}

// pkg writes a manifest.
func (g *packageGenerator) pkg(dir string) {
	m, named := map[string]any{}, map[string]bool{}
	if !g.oneIn(25) {
		m["name"] = g.packageNameOf(dir)
	}
	if !g.oneIn(12) {
		m["version"] = pick(&g.generator, packageVersions)
	}
	if g.oneIn(4) {
		m["private"] = true
	}
	for _, section := range []string{"dependencies", "devDependencies", "optionalDependencies", "peerDependencies"} {
		if !g.oneIn(2) {
			continue
		}
		specs := map[string]string{}
		for range 1 + g.IntN(3) {
			target := pick(&g.generator, packageDirs)
			name, spec := g.spec(dir, target)
			if g.tool.name == "pnpm-12" && named[name] {
				continue // of two specs it sees one alone, be the other of a catalog that changed
			}
			specs[name], named[name] = spec, true
		}
		m[section] = specs
	}
	g.json(path.Join(dir, "package.json"), m)
	if g.tool.algorithm == "lerna" && g.oneIn(20) {
		g.json(path.Join(dir, "project.json"), pick(&g.generator, []any{
			map[string]any{}, map[string]any{"name": g.packageNameOf(dir) + "-nx"}, map[string]any{"implicitDependencies": []string{"*"}},
			map[string]any{"name": g.packageNameOf(pick(&g.generator, packageDirs))},
		}))
	}
	g.do("put", path.Join(dir, "serverless.yml"), "service: "+strings.Map(plain, dir)+"\n")
	if g.oneIn(2) {
		g.do("put", path.Join(dir, g.packageFile()), g.line())
	}
}

func (g *packageGenerator) packageFile() string {
	file := pick(&g.generator, packageFiles)
	if !g.quoted {
		file = strings.ReplaceAll(file, `"`, "'")
	}
	return file
}

func plain(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r
	}
	return '-'
}

// packageNameOf is nearly always the same for a directory.
func (g *packageGenerator) packageNameOf(dir string) string {
	i := slices.Index(packageDirs, dir)
	if g.oneIn(150) {
		i = g.IntN(len(packageDirs))
	}
	if i%3 == 0 {
		return fmt.Sprintf("@s/p%d", i)
	}
	return fmt.Sprintf("p%d", i)
}

// spec is what one package's manifest may say of another.
func (g *packageGenerator) spec(dir, target string) (name, spec string) {
	name = g.packageNameOf(target)
	relative := g.relative(dir, target)
	if target == dir {
		relative = "."
	}
	r := pick(&g.generator, packageRanges)
	if g.tool.name == "pnpm-12" && r == "||" {
		r = "*" // to it that is no range
	}
	switch g.IntN(18) {
	case 0, 1:
		spec = "workspace:" + pick(&g.generator, []string{"*", "^", "~"})
	case 2, 3:
		spec = "workspace:" + g.registryRange(pick(&g.generator, []string{"^1.0.0", "9.9.9", "1.x", ">=0", "^2.0.0-beta.0", r}))
		if g.tool.name != "pnpm-12" && slices.Contains([]string{"workspace:latest", "workspace:next", "workspace:not a range"}, spec) {
			spec = "workspace:^1.0.0" // of packages without a version they are for pnpm 12 alone, as TestDocumentedDifferences shows
		}
	case 4:
		spec = "workspace:" + relative
	case 5:
		spec = "workspace:" + name + "@" + pick(&g.generator, []string{"*", "^1.0.0", "^"})
		name = "alias-" + fmt.Sprint(g.IntN(3))
	case 6:
		spec = "file:" + relative
	case 7:
		spec = pick(&g.generator, []string{"link:", "portal:", ""}) + relative
	case 8:
		if g.tool.name == "pnpm-10" {
			name = "elsewhere" // it follows no alias, as TestDocumentedDifferences shows
		}
		spec = "npm:" + name + "@" + g.registryRange(r)
		switch g.IntN(4) {
		case 0, 1:
			name = "alias-" + fmt.Sprint(g.IntN(3))
		case 2:
			spec = "npm:" + g.registryRange(r)
		}
	case 9:
		if g.tool.name == "pnpm-10" {
			name = "elsewhere" // nor does it look into catalogs
		}
		spec = pick(&g.generator, []string{"catalog:", "catalog:default", "catalog:named"})
	case 10:
		spec = pick(&g.generator, []string{"github:u/r#main", "git+https://example.com/r.git#v1.0.0", "https://example.com/x.tgz", "u/r"})
	case 11:
		spec = pick(&g.generator, []string{"file:" + relative + "/", "file:./" + relative, "link:./" + relative + "/"})
	default:
		spec = r
	}
	if g.tool.name == "pnpm-10" && (strings.HasPrefix(spec, "link:") || strings.HasPrefix(spec, "workspace:.")) {
		spec = "file:" + relative // pnpm 10 follows neither, as TestDocumentedDifferences shows
	}
	return name, spec
}

// registryRange is a range behind a protocol: of those that are all versions pnpm 12 takes "*" alone to have prereleases.
func (g *packageGenerator) registryRange(r string) string {
	if r = strings.TrimSpace(r); g.tool.name == "pnpm-12" && slices.Contains([]string{"x", ">=0", ""}, r) {
		return "*"
	}
	return r
}

func (g *packageGenerator) json(file string, value any) {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		panic(err) // strings are always JSON
	}
	g.do("put", file, string(text)+"\n")
}

func (g *packageGenerator) globs() []string {
	globs := slices.Clone(pick(&g.generator, [][]string{
		{"packages/*"}, {"packages/**"}, {"packages/*", "services/*", "libs/*"}, {"packages/*", "apps/*", "services/**"}, {"**"}, {"packages/*/"},
		{"{packages,services}/*"}, {"packages/[ab]", "apps/*"}, {"./packages/*", "services/?"}, {"*/*"}, {"packages/a", "packages/*/in", "libs/u"},
		{"packages/@(a|b)", "services/!(y)"}, {"packages/[!b]*", "services//*"}, {"./services/./*", "packages/[^b]*"},
	}))
	if g.tool.name == "pnpm-12" && strings.ContainsAny(globs[0]+globs[1%len(globs)], "(^") {
		globs = []string{"packages/*"} // it fails on groups, and knows no "^"
	}
	if g.oneIn(3) {
		globs = append(globs, pick(&g.generator, []string{"!packages/b", "!**/in", "!packages/a/**", "!services/x", "!**/deep/**", "!./packages/b", "!services//x"}))
	}
	return globs
}

// root writes the root's package.json, which pnpm takes for a project.
func (g *packageGenerator) root() {
	m := map[string]any{"name": "root", "version": "1.0.0", "private": true}
	globs := g.globs()
	if g.oneIn(6) {
		globs = append(globs, "none/*")
	}
	m["workspaces"] = globs
	if g.oneIn(4) {
		m["workspaces"] = map[string]any{"packages": globs}
	}
	if g.oneIn(4) {
		name, spec := g.spec(".", pick(&g.generator, packageDirs))
		m["devDependencies"] = map[string]string{name: spec}
	}
	g.json("package.json", m)
}

func (g *packageGenerator) lernaJSON() {
	m := map[string]any{"version": pick(&g.generator, []string{"independent", "1.0.0"})}
	if g.oneIn(2) {
		m["packages"] = g.globs()
	}
	if g.oneIn(4) {
		m["npmClient"] = pick(&g.generator, []string{"yarn", "npm", "pnpm"})
	}
	if m["npmClient"] == "pnpm" {
		delete(m, "packages") // both are refused
	}
	list := map[string]any{}
	if g.oneIn(3) && !g.quoted {
		patterns := pick(&g.generator, [][]string{
			{"*.md"}, {"**/*.md"}, {"packages/a/**"}, {"**/test/**", "*.test.js"}, {"*.md", "!KEEP.md"}, {"docs/*"}, {"**/{index,x}.js"},
			{"@(index|lib)*"}, {".env"}, {"package.json"}, {"**/.dot/**"}, {"packages/*/index.js", "serverless.yml"}, {"\xc3\xa9t\xc3\xa9.js"},
		})
		if g.oneIn(2) {
			list["ignoreChanges"] = patterns
		} else {
			m["ignoreChanges"] = patterns
		}
	}
	if g.oneIn(8) {
		list["forcePublish"] = pick(&g.generator, []any{true, []string{"p1"}, "p1,@s/p0", "*", []string{"none"}})
	}
	if g.oneIn(6) {
		if g.oneIn(2) {
			list["includeDependencies"] = !g.oneIn(4)
		} else {
			m["includeDependencies"] = true
		}
	}
	if len(list) > 0 {
		m["command"] = map[string]any{"list": list, "version": map[string]any{"ignoreChanges": []string{"**"}}}
	}
	g.json("lerna.json", m)
}

// pnpmWorkspace writes pnpm's settings, as JSON: that is YAML too. What is true there may have capitals.
func (g *packageGenerator) pnpmWorkspace() {
	m := map[string]any{"packages": g.globs()}
	if g.oneIn(4) {
		m["linkWorkspacePackages"] = pick(&g.generator, []any{true, false, "deep"})
	}
	if g.oneIn(4) {
		patterns := pick(&g.generator, [][]string{
			{"**/*.md"}, {"*.md"}, {"packages/a/**"}, {"**/test/**", "**/*.test.js"}, {"**/README.md", "!**/KEEP.md"}, {"**/{index,x}.js"}, {"**/.dot/**"},
			{"{packages,libs}/*/package.json"}, {"packages/*/*.js"}, {"caf\xc3\xa9"}, {"**/\xc3\xa9t\xc3\xa9.js"},
		})
		if g.tool.name == "pnpm-12" { // it knows no negation here, and fails
			patterns = slices.DeleteFunc(slices.Clone(patterns), func(p string) bool { return p[0] == '!' })
		}
		m["changedFilesIgnorePattern"] = patterns
	}
	if g.oneIn(4) {
		m["testPattern"] = pick(&g.generator, [][]string{{"**/*.test.js"}, {"test/**"}, {"**/test/**"}, {"**/*.md", "packages/b/**"}, {"*.js"}})
	}
	g.catalogs(m)
	g.json("pnpm-workspace.yaml", m)
	if g.oneIn(4) {
		g.do("put", "pnpm-workspace.yaml", strings.ReplaceAll(g.tree["pnpm-workspace.yaml"].Content, ": true", ": True"))
	}
}

// catalogs adds some. pnpm 10 does not see that they change, as TestDocumentedDifferences shows: for it they stay.
func (g *packageGenerator) catalogs(m map[string]any) {
	if g.tool.name != "pnpm-10" || g.kept == nil {
		g.kept = map[string]any{}
		if g.oneIn(2) {
			g.kept["catalog"] = g.catalog()
		}
		if g.oneIn(3) {
			g.kept["catalogs"] = map[string]any{"named": g.catalog()}
		}
	}
	maps.Copy(m, g.kept)
}

func (g *packageGenerator) catalog() map[string]string {
	catalog := map[string]string{}
	link := "link:packages/b"
	if g.tool.name != "pnpm-12" { // to the older ones that is nothing, as TestDocumentedDifferences shows
		link = "link:packages/none"
	}
	for range 1 + g.IntN(6) {
		name := g.packageNameOf(pick(&g.generator, packageDirs))
		catalog[name] = strings.TrimSpace(pick(&g.generator, append([]string{"workspace:*", "workspace:^1.0.0", link}, packageRanges...)))
	}
	return catalog
}

// editPackages makes one random change.
func (g *packageGenerator) editPackages() {
	dirs := g.present()
	dir := pick(&g.generator, dirs)
	file := path.Join(dir, g.packageFile())
	files := slices.Sorted(maps.Keys(g.tree))
	switch g.IntN(26) {
	case 0, 1, 2, 3, 4, 5, 6:
		g.do("put", file, g.line())
	case 7, 8:
		g.pkg(dir)
	case 9:
		g.pkg(pick(&g.generator, packageDirs))
	case 10:
		g.do("delete", dir, "")
	case 11:
		g.do("delete", path.Join(dir, "package.json"), "")
	case 12, 13:
		if f := pick(&g.generator, rootFiles); path.Ext(f) == ".json" {
			g.json(f, map[string]any{"compilerOptions": map[string]any{}, "x": g.IntN(1000)})
		} else {
			g.do("put", f, g.line())
		}
	case 14:
		g.move(file)
	case 15:
		g.do("move", dir, pick(&g.generator, packageDirs))
	case 16:
		g.do("move", dir, pick(&g.generator, []string{"packages/new", "other/new"}))
	case 17:
		if f := pick(&g.generator, files); !strings.HasSuffix(f, ".json") && f != "pnpm-workspace.yaml" {
			g.do("delete", f, "")
		}
	case 18:
		if f := pick(&g.generator, files); path.Ext(f) != ".json" && f != "pnpm-workspace.yaml" {
			g.touch(f)
		}
	case 19, 20, 21:
		g.pnpmWorkspace()
	case 22:
		g.root()
	case 23:
		if g.tool.algorithm == "lerna" {
			g.lernaJSON()
		}
	case 24:
		g.do(pick(&g.generator, []string{"exec", "noexec"}), pick(&g.generator, files), "")
	default:
		g.do("symlink", path.Join(dir, "link"), pick(&g.generator, []string{"../b", "index.js", "../../libs", "nowhere"}))
	}
}

// move moves a file, written before if need be, into another package.
func (g *packageGenerator) move(file string) {
	if _, ok := g.tree[file]; ok {
		g.do("move", file, path.Join(pick(&g.generator, g.present()), g.packageFile()))
	}
}

// present are the directories with a manifest; there is one, always.
func (g *packageGenerator) present() []string {
	dirs := []string{"packages/a/svc"}
	for p := range g.tree {
		if path.Base(p) == "package.json" && p != "package.json" {
			dirs = append(dirs, path.Dir(p))
		}
	}
	slices.Sort(dirs)
	return dirs
}

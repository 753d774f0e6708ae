package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/history"
)

// difference is a repository about which a tool and monoplan have two opinions, by intent: docs/rules.md tells why.
type difference struct {
	name  string
	tools []string
	// files has a section for each commit, as internal/history reads them; the last one is checked out.
	files string
	// theirs and ours are the packages listed since base; failed stands for a tool that fails.
	theirs, ours string
}

const (
	failed = "it fails"
	// These begin a history of two packages, of which app depends on lib by what the case says.
	settings = "-- pnpm-workspace.yaml --\npackages: ['p/*']\n"
	lib      = "-- p/lib/package.json --\n{\"name\": \"lib\", \"version\": \"1.0.0\"}\n-- p/lib/serverless.yml --\nservice: lib\n"
	changed  = "-- commit head --\n-- p/lib/x.js --\nchanged\n"
)

func appWith(dependencies string) string {
	return "-- p/app/package.json --\n{\"name\": \"app\", \"version\": \"1.0.0\", " + dependencies + "}\n-- p/app/serverless.yml --\nservice: app\n"
}

var documentedDifferences = []difference{
	{
		name: "renames are folded with ignoreChanges", tools: []string{"lerna-9", "lerna-10"},
		files: "-- commit base --\n-- package.json --\n{\"workspaces\": [\"p/*\"]}\n-- lerna.json --\n{\"version\": \"independent\", \"ignoreChanges\": [\"*.md\"]}\n" +
			lib + appWith(`"private": true`) + "-- p/lib/x.js --\na line that is long enough to be found again elsewhere\n-- commit head --\nmove p/lib/x.js p/lib/x.md\n",
		theirs: "", ours: "p/lib",
	},
	{
		name: "names beyond ASCII are escaped with ignoreChanges", tools: []string{"lerna-9", "lerna-10"},
		files: "-- commit base --\n-- package.json --\n{\"workspaces\": [\"p/*\"]}\n-- lerna.json --\n{\"version\": \"independent\", \"ignoreChanges\": [\"*.md\"]}\n" +
			lib + appWith(`"private": true`) + "-- commit head --\n-- p/lib/%C3%A9.md --\nx\n",
		theirs: "p/lib", ours: "",
	},
	{
		name: "names with quotes are escaped with ignoreChanges, whatever git is set to", tools: []string{"lerna-9", "lerna-10"},
		files: "-- commit base --\n-- package.json --\n{\"workspaces\": [\"p/*\"]}\n-- lerna.json --\n{\"version\": \"independent\", \"ignoreChanges\": [\"*.md\"]}\n" +
			lib + appWith(`"private": true`) + "-- commit head --\n-- p/lib/\".md --\nx\n",
		theirs: "p/lib", ours: "",
	},
	{
		name: "useWorkspaces is refused", tools: []string{"lerna-9", "lerna-10"},
		files: "-- commit base --\n-- package.json --\n{\"workspaces\": [\"p/*\"]}\n-- lerna.json --\n{\"version\": \"independent\", \"useWorkspaces\": true}\n" +
			lib + appWith(`"private": true`) + changed,
		theirs: failed, ours: "p/lib",
	},
	{
		name: "a lerna.json is wanted", tools: []string{"lerna-9", "lerna-10"},
		files:  "-- commit base --\n-- package.json --\n{\"workspaces\": [\"p/*\"]}\n" + lib + appWith(`"private": true`) + changed,
		theirs: failed, ours: "p/lib",
	},
	{
		name: "a version is wanted", tools: []string{"lerna-9", "lerna-10"},
		files: "-- commit base --\n-- package.json --\n{\"workspaces\": [\"p/*\"]}\n-- lerna.json --\n{\"npmClient\": \"npm\"}\n" +
			lib + appWith(`"private": true`) + changed,
		theirs: failed, ours: "p/lib",
	},
	{
		name: "globs of pnpm are for its client", tools: []string{"lerna-9", "lerna-10"},
		files: "-- commit base --\n-- package.json --\n{\"name\": \"root\"}\n-- lerna.json --\n{\"version\": \"independent\"}\n" + settings +
			lib + appWith(`"private": true`) + changed,
		theirs: failed, ours: "p/lib",
	},
	{
		name: "renames are folded", tools: []string{"pnpm-10"},
		files: "-- commit base --\n" + settings + lib + appWith(`"private": true`) +
			"-- p/lib/x.js --\na line that is long enough to be found again elsewhere\n-- commit head --\nmove p/lib/x.js p/app/x.js\n",
		theirs: "p/app", ours: "p/app p/lib",
	},
	{
		name: "the comparison is with the merge base", tools: []string{"pnpm-11", "pnpm-12"},
		files: "-- commit fork --\n" + settings + lib + appWith(`"private": true`) + "-- commit base --\n-- p/lib/x.js --\nrolled back\n" +
			"-- commit head from fork --\n-- p/app/x.js --\nnew\n",
		theirs: "p/app", ours: "p/app p/lib",
	},
	{
		name: "link: is no dependency", tools: []string{"pnpm-10"},
		files:  "-- commit base --\n" + settings + lib + appWith(`"dependencies": {"lib": "link:../lib"}`) + changed,
		theirs: "p/lib", ours: "p/app p/lib",
	},
	{
		name: "workspace: with a path is no dependency", tools: []string{"pnpm-10"},
		files:  "-- commit base --\n" + settings + lib + appWith(`"dependencies": {"lib": "workspace:../lib"}`) + changed,
		theirs: "p/lib", ours: "p/app p/lib",
	},
	{
		name: "workspace: with a tag, of a package without a version, is no dependency", tools: []string{"pnpm-10", "pnpm-11"},
		files: "-- commit base --\n" + settings + strings.Replace(lib, `"version": "1.0.0"`, `"private": true`, 1) +
			appWith(`"dependencies": {"lib": "workspace:latest"}`) + changed,
		theirs: "p/lib", ours: "p/app p/lib",
	},
	{
		name: "by a catalog there is no dependency", tools: []string{"pnpm-10"},
		files: "-- commit base --\n-- pnpm-workspace.yaml --\npackages: ['p/*']\ncatalog: {lib: 'workspace:*'}\n" + lib +
			appWith(`"dependencies": {"lib": "catalog:"}`) + changed,
		theirs: "p/lib", ours: "p/app p/lib",
	},
	{
		name: "a path of a catalog is nothing", tools: []string{"pnpm-10", "pnpm-11"},
		files: "-- commit base --\n-- pnpm-workspace.yaml --\npackages: ['p/*']\ncatalog: {lib: 'link:p/lib'}\n" + lib +
			appWith(`"dependencies": {"lib": "catalog:"}`) + changed,
		theirs: "p/lib", ours: "p/app p/lib",
	},
	{
		name: "an alias is no dependency", tools: []string{"pnpm-10"},
		files: "-- commit base --\n-- pnpm-workspace.yaml --\npackages: ['p/*']\nlinkWorkspacePackages: true\n" + lib +
			appWith(`"dependencies": {"other": "npm:lib@^1.0.0"}`) + changed,
		theirs: "p/lib", ours: "p/app p/lib",
	},
	{
		name: "a range behind npm: is no dependency", tools: []string{"pnpm-10"},
		files: "-- commit base --\n-- pnpm-workspace.yaml --\npackages: ['p/*']\nlinkWorkspacePackages: true\n" + lib +
			appWith(`"dependencies": {"lib": "npm:^1.0.0"}`) + changed,
		theirs: "p/lib", ours: "p/app p/lib",
	},
	{
		name: "a catalog's entry that changes lists nobody", tools: []string{"pnpm-10"},
		files: "-- commit base --\n-- pnpm-workspace.yaml --\npackages: ['p/*']\ncatalog: {x: 1.0.0}\n" + lib + appWith(`"dependencies": {"x": "catalog:"}`) +
			"-- commit head --\n-- pnpm-workspace.yaml --\npackages: ['p/*']\ncatalog: {x: 2.0.0}\n",
		theirs: "", ours: "p/app",
	},
	{
		name: "what is brought to a catalog by a merge key may change", tools: []string{"pnpm-10", "pnpm-11"},
		files: "-- commit base --\n-- pnpm-workspace.yaml --\npackages: ['p/*']\ncatalog: &c {x: 1.0.0}\ncatalogs: {old: {<<: *c}}\n" + lib +
			appWith(`"dependencies": {"x": "catalog:old"}`) +
			"-- commit head --\n-- pnpm-workspace.yaml --\npackages: ['p/*']\ncatalog: &c {x: 2.0.0}\ncatalogs: {old: {<<: *c}}\n",
		theirs: "", ours: "p/app",
	},
	{
		name: "a catalog changes in a file that is ignored", tools: []string{"pnpm-12"},
		files: "-- commit base --\n-- pnpm-workspace.yaml --\npackages: ['p/*']\ncatalog: {x: 1.0.0}\nchangedFilesIgnorePattern: ['*.yaml']\n" + lib +
			appWith(`"dependencies": {"x": "catalog:"}`) +
			"-- commit head --\n-- pnpm-workspace.yaml --\npackages: ['p/*']\ncatalog: {x: 2.0.0}\nchangedFilesIgnorePattern: ['*.yaml']\n",
		theirs: "p/app", ours: "",
	},
	{
		name: "a pattern that begins with a dot and a slash matches nothing", tools: []string{"pnpm-12"},
		files: "-- commit base --\n-- pnpm-workspace.yaml --\npackages: ['p/*']\nchangedFilesIgnorePattern: ['./p/lib/**']\n" + lib +
			appWith(`"private": true`) + changed,
		theirs: "p/lib", ours: "",
	},
	{
		name: "of two specs one alone is of a catalog", tools: []string{"pnpm-12"},
		files: "-- commit base --\n-- pnpm-workspace.yaml --\npackages: ['p/*']\ncatalog: {x: 1.0.0}\n" + lib +
			appWith(`"dependencies": {"x": "1"}, "peerDependencies": {"x": "catalog:"}`) +
			"-- commit head --\n-- pnpm-workspace.yaml --\npackages: ['p/*']\ncatalog: {x: 2.0.0}\n",
		theirs: "", ours: "p/app",
	},
	{
		name: "two bars are no range", tools: []string{"pnpm-12"},
		files: "-- commit base --\n-- pnpm-workspace.yaml --\npackages: ['p/*']\nlinkWorkspacePackages: true\n" + lib +
			appWith(`"dependencies": {"lib": "||"}`) + changed,
		theirs: "p/lib", ours: "p/app p/lib",
	},
	{
		name: "of ranges that are all versions a star alone has prereleases", tools: []string{"pnpm-12"},
		files: "-- commit base --\n" + settings + strings.Replace(lib, "1.0.0", "1.0.0-beta", 1) +
			appWith(`"dependencies": {"lib": "workspace:>=0"}`) + changed,
		theirs: "p/lib", ours: "p/app p/lib",
	},
	{
		name: "a glob in parentheses is none", tools: []string{"pnpm-12"},
		files:  "-- commit base --\n-- pnpm-workspace.yaml --\npackages: ['p/@(app|lib)']\n" + lib + appWith(`"private": true`) + changed,
		theirs: failed, ours: "p/lib",
	},
	{
		name: "a negated pattern of files is none", tools: []string{"pnpm-12"},
		files: "-- commit base --\n-- pnpm-workspace.yaml --\npackages: ['p/*']\nchangedFilesIgnorePattern: ['*.md', '!**/KEEP.md']\n" + lib +
			appWith(`"private": true`) + changed,
		theirs: failed, ours: "p/lib",
	},
}

// TestDocumentedDifferences shows both answers where they are not one: the tools' own, with git's settings as they are,
// and ours. A difference that went away has to go from docs/rules.md too.
func TestDocumentedDifferences(t *testing.T) {
	tools := nodeTools(t)
	for _, d := range documentedDifferences {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			h, err := history.Parse([]byte(d.name + "\n\n" + d.files))
			if err != nil {
				t.Fatal(err)
			}
			h.Worktree = []history.Op{}
			dir := filepath.Join(t.TempDir(), "repository")
			if err := h.Build(t.Context(), dir); err != nil {
				t.Fatal(err)
			}
			for _, tool := range packageTools {
				if !slices.Contains(d.tools, tool.name) {
					continue
				}
				if got := tool.list(t, tools, dir, "base", plainToolEnvironment(tools)).String(); got != d.theirs {
					t.Errorf("%s lists %q, want %q", tool.name, got, d.theirs)
				}
				plan := planByCommand(t, dir, []string{"--since", "base", "--algorithm", tool.algorithm})
				if got := strings.Join(listedIn(plan), " "); got != d.ours {
					t.Errorf("monoplan lists %q, want %q\n%s%s", got, d.ours, plan.stdout, plan.stderr)
				}
			}
		})
	}
}

// refusals are what tools fail on, in the settings of a workspace with the packages p/app and p/lib.
var refusals = []struct {
	name  string
	tools []string
	files string
}{
	{"a pattern that is no list", []string{"pnpm-10", "pnpm-11", "pnpm-12"}, "-- pnpm-workspace.yaml --\npackages: ['p/*']\nchangedFilesIgnorePattern: '**/*.js'\n"},
	{"a pattern of tests that is no list", []string{"pnpm-10", "pnpm-11", "pnpm-12"}, "-- pnpm-workspace.yaml --\npackages: ['p/*']\ntestPattern: '**/*.js'\n"},
	{"a pattern that is null", []string{"pnpm-10", "pnpm-11", "pnpm-12"}, "-- pnpm-workspace.yaml --\npackages: ['p/*']\nchangedFilesIgnorePattern: ['**/*.js', null]\n"},
	{"a pattern of tests that is empty", []string{"pnpm-10", "pnpm-11"}, "-- pnpm-workspace.yaml --\npackages: ['p/*']\ntestPattern: ['']\n"},
	{"a pattern of .npmrc that is no list", []string{"pnpm-10"}, settings + "-- package.json --\n{\"packageManager\": \"pnpm@10.0.0\"}\n-- .npmrc --\nchanged-files-ignore-pattern=**/*.js\n"},
	{"a catalog that is no mapping", []string{"pnpm-10", "pnpm-11", "pnpm-12"}, "-- pnpm-workspace.yaml --\npackages: ['p/*']\ncatalogs: {old: zod}\n"},
	{"settings that are no mapping", []string{"pnpm-10", "pnpm-11", "pnpm-12"}, "-- pnpm-workspace.yaml --\n- p/*\n"},
	{"a number in a catalog", []string{"pnpm-10", "pnpm-11"}, "-- pnpm-workspace.yaml --\npackages: ['p/*']\ncatalog: {zod: 3}\n"},
	{"a key that is there twice", []string{"pnpm-10", "pnpm-11", "pnpm-12"}, settings + "packages: ['p/*']\n"},
	{"a spec that is a number", []string{"pnpm-10", "pnpm-11"}, settings + appWith(`"dependencies": {"zod": 3}`)},
	{"patterns that are no list", []string{"lerna-9", "lerna-10"}, "-- lerna.json --\n{\"version\": \"1.0.0\", \"ignoreChanges\": \"**/*.js\"}\n"},
	{"patterns that are null", []string{"lerna-9", "lerna-10"}, "-- lerna.json --\n{\"version\": \"1.0.0\", \"ignoreChanges\": null}\n"},
	{"a glob that is a number", []string{"lerna-9", "lerna-10"}, "-- lerna.json --\n{\"version\": \"1.0.0\", \"packages\": [3, \"p/*\"]}\n"},
	{"a name that is a number", []string{"lerna-9", "lerna-10"}, "-- p/app/package.json --\n{\"name\": 3}\n"},
	{"a name that is empty", []string{"lerna-9", "lerna-10"}, "-- p/app/package.json --\n{\"name\": \"\"}\n"},
	{"a project.json that does not parse", []string{"lerna-9", "lerna-10"}, "-- p/app/project.json --\n{\n"},
	{"a package's name in a project.json", []string{"lerna-9", "lerna-10"}, "-- tools/project.json --\n{\"name\": \"app\"}\n"},
	{"a root without a name and with a project.json", []string{"lerna-9", "lerna-10"}, "-- project.json --\n{}\n"},
	{"a byte order mark", []string{"lerna-9", "lerna-10"}, "-- p/app/package.json --\n\ufeff{\"name\": \"app\"}\n"},
	{"a byte order mark at the root", []string{"lerna-9", "lerna-10"}, "-- package.json --\n\ufeff{\"workspaces\": [\"p/*\"]}\n"},
	{"a byte order mark in lerna.json", []string{"lerna-9", "lerna-10"}, "-- lerna.json --\n\ufeff{\"version\": \"1.0.0\"}\n"},
}

// TestRefusals shows which tools fail on what is taken for a failure of theirs, and that every service is deployed then.
func TestRefusals(t *testing.T) {
	tools := nodeTools(t)
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			h, err := history.Parse([]byte(r.name + "\n\n-- commit sound --\n-- package.json --\n{\"workspaces\": [\"p/*\"]}\n-- lerna.json --\n{\"version\": \"1.0.0\"}\n" +
				settings + lib + appWith(`"private": true`) + "-- commit base --\n" + r.files + changed))
			if err != nil {
				t.Fatal(err)
			}
			h.Worktree = []history.Op{}
			dir := filepath.Join(t.TempDir(), "repository")
			if err := h.Build(t.Context(), dir); err != nil {
				t.Fatal(err)
			}
			for _, tool := range packageTools {
				if !strings.HasPrefix(r.tools[0], tool.algorithm) {
					continue
				}
				got := tool.list(t, tools, dir, "base", plainToolEnvironment(tools)).String()
				if fails := slices.Contains(r.tools, tool.name); fails != (got == failed) {
					t.Errorf("%s lists %q", tool.name, got)
				}
				plan := planByCommand(t, dir, []string{"--since", "base", "--algorithm", tool.algorithm})
				if plan.code != 0 || !strings.Contains(plan.stderr, "every change deploys every service") || strings.Contains(plan.stdout, `"skip": [`+"\n") {
					t.Errorf("exit code %d\n%s%s", plan.code, plan.stdout, plan.stderr)
				}
			}
		})
	}
}

// String has the directories but for the root, which is no service here.
func (l listing) String() string {
	if l.failed != "" {
		return failed
	}
	return strings.Join(slices.DeleteFunc(slices.Clone(l.dirs), func(dir string) bool { return dir == "." }), " ")
}

// listedIn gives the services that a plan deploys because of their package.
func listedIn(plan outcome) []string {
	var dirs []string
	for _, d := range plan.decisions {
		if slices.ContainsFunc(d.Reasons, func(r history.Reason) bool { return r.Rule == "workspace-package" }) {
			dirs = append(dirs, d.Path)
		}
	}
	return dirs
}

// With --engine=cli the plan is what the programs say, here of random workspaces, and where one fails there is none.
func TestEngineCLI(t *testing.T) {
	tools := nodeTools(t)
	for _, tool := range packageTools {
		t.Run(tool.name, func(t *testing.T) {
			t.Parallel()
			t.Run("random", func(t *testing.T) {
				for seed := range uint64(3) {
					dir := filepath.Join(t.TempDir(), "repository")
					if err := randomWorkspace(tool, seed+500).Build(t.Context(), dir); err != nil {
						t.Fatal(err)
					}
					own := planByCommand(t, dir, []string{"--since", "c0", "--algorithm", tool.algorithm})
					asked := tool.plan(t, tools, dir, "c0")
					if asked.code != 0 || !slices.Equal(listedIn(own), listedIn(asked)) {
						t.Errorf("seed %d: monoplan lists %q, %s %q, exit code %d\n%s", seed+500, listedIn(own), tool.name, listedIn(asked), asked.code, asked.stderr)
					}
				}
			})
			t.Run("failing", func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "repository")
				h, err := history.ParseFile("../../testdata/repos/packages-broken.txtar")
				if err != nil {
					t.Fatal(err)
				}
				h.Worktree = []history.Op{}
				if err := h.Build(t.Context(), dir); err != nil {
					t.Fatal(err)
				}
				asked := tool.plan(t, tools, dir, "base")
				if asked.code != 1 || asked.stdout != "" || !strings.Contains(asked.stderr, "exit status") {
					t.Errorf("exit code %d, want an error\n%s%s", asked.code, asked.stdout, asked.stderr)
				}
			})
		})
	}
}

// plan runs monoplan where the tool is in PATH.
func (tool packageTool) plan(t *testing.T, tools, dir, since string) outcome {
	t.Helper()
	env := append(toolEnvironment(tools), "PATH="+strings.Join([]string{filepath.Dir(tool.program(tools)), filepath.Join(tools, "bin"), "/usr/bin", "/bin"}, ":"))
	return planInEnvironment(t, dir, []string{"--since", since, "--algorithm", tool.algorithm, "--engine", "cli"}, env)
}

package workspace

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/planner"
)

func TestParseConfig(t *testing.T) {
	no, yes := false, true
	tests := map[string]struct {
		text string
		want func(c *Config)
	}{
		"empty":              {"", func(*Config) {}},
		"comments alone":     {"# nothing\n# here\n", func(*Config) {}},
		"null":               {"~\n", func(*Config) {}},
		"an empty document":  {"---\n", func(*Config) {}},
		"byte order mark":    {"\ufeffdev_edges: true\n", func(c *Config) { c.DevEdges = true }},
		"carriage returns":   {"dev_edges: true\r\norphans: open\r\n", func(c *Config) { c.DevEdges, c.OrphansOpen = true, true }},
		"check true":         {"check_code_change: true", func(*Config) {}},
		"check quoted true":  {"check_code_change: 'true'", func(*Config) {}},
		"check git":          {"check_code_change: git", func(*Config) {}},
		"check false":        {"check_code_change: false", func(c *Config) { c.CheckCodeChange = false }},
		"orphans all":        {"orphans: all", func(*Config) {}},
		"orphans open":       {"orphans: \"open\"", func(c *Config) { c.OrphansOpen = true }},
		"no path edges":      {"path_dependencies: false", func(c *Config) { c.PathDependencies = false }},
		"an empty register":  {"services: []", func(c *Config) { c.HasRegister = true }},
		"paths are cleaned":  {"services: [./a//b/, ., a/../c]", register1(ServiceEntry{Path: "a/b"}, ServiceEntry{Path: "."}, ServiceEntry{Path: "c"})},
		"globs":              {"services: ['services/*', '**', './a/[bc]/']", register1(ServiceEntry{Path: "services/*", IsGlob: true}, ServiceEntry{Path: "**", IsGlob: true}, ServiceEntry{Path: "a/[bc]", IsGlob: true})},
		"a number in quotes": {"services: ['2048']", register1(ServiceEntry{Path: "2048"})},
		"a number, tagged":   {"services: [!!str 2048]", register1(ServiceEntry{Path: "2048"})},
		"all of a service":   {"services: [{path: a, name: n, phase: 3, nested: isolate, check_code_change: false, type: sam, marker: m.yaml}]", register1(ServiceEntry{Path: "a", Name: "n", Phase: 3, Isolated: true, CheckCodeChange: &no, Type: "sam", Marker: "m.yaml", MarkerLine: 1})},
		"own check":          {"services: [{path: a, check_code_change: git}]", register1(ServiceEntry{Path: "a", CheckCodeChange: &yes, Algorithm: planner.Git})},
		"lerna": {"check_code_change: lerna\nservices: [{path: a, check_code_change: pnpm}, {path: b, check_code_change: false}]", func(c *Config) {
			c.Algorithm, c.HasRegister = planner.Lerna, true
			c.Services = []ServiceEntry{{Path: "a", CheckCodeChange: &yes, Algorithm: planner.Pnpm, Line: 2}, {Path: "b", CheckCodeChange: &no, Line: 2}}
		}},
		"of a service": {"services: [{path: a, package: {python: '3.12', slim: ['*.txt']}, deploy: {command: [a, b]}}]", register1(ServiceEntry{Path: "a", Package: &Packaging{
			Python: "3.12", Slim: &Slim{On: true, Patterns: []string{"*.txt"}}, Lines: map[string]int{"python": 1, "slim": 1},
		}, Deploy: Deploying{Command: Command{Args: []string{"a", "b"}}}})},
		"own commands": {"services: [{path: a, deploy: {command: ./deploy.sh $X, remove: [./remove, '']}}]", register1(ServiceEntry{
			Path: "a", Deploy: Deploying{Command{Shell: "./deploy.sh $X"}, Command{Args: []string{"./remove", ""}}},
		})},
		"hooks": {allHooks, func(c *Config) {
			c.Hooks = Hooks{[]string{"1", "2"}, []string{"make"}, []string{"3"}, []string{}, []string{"5"}, []string{"6"}, []string{"7"}}
			c.StageNameConstructor = "echo x\n"
		}},
		"left to its tool": {"package: false\nservices: [{path: a, package: false}, {path: b, package: {}}]", func(c *Config) {
			c.Package.Off, c.HasRegister = true, true
			c.Services = []ServiceEntry{{Path: "a", Package: &Packaging{Off: true}, Line: 2}, {Path: "b", Package: &Packaging{Lines: map[string]int{}}, Line: 2}}
		}},
		"a store":            {"store: s3://bucket/prefix", func(c *Config) { c.Store = "s3://bucket/prefix" }},
		"packages":           {allOfPackage, func(c *Config) { c.Package = wantAllOfPackage() }},
		"depends on":         {"services: [{path: a, depends_on: [libs/x, 'libs/*', ./y/]}]", register1(ServiceEntry{Path: "a", HasDependsOn: true, DependsOnLine: 1, DependsOn: []DependsOn{{"libs/x", false, 1}, {"libs/*", true, 1}, {"y", false, 1}}})},
		"depends on nothing": {"services: [{path: a, depends_on: []}]", register1(ServiceEntry{Path: "a", HasDependsOn: true, DependsOnLine: 1})},
		"lines": {"services:\n  - a\n  - path: b\n    depends_on:\n      - c\n", func(c *Config) {
			c.HasRegister, c.Services = true, []ServiceEntry{{Path: "a", Line: 2}, {Path: "b", Line: 3, HasDependsOn: true, DependsOnLine: 5, DependsOn: []DependsOn{{"c", false, 5}}}}
		}},
		"phases": {"phases:\n  - [a, b]\n  - []\n  - [c]\n", func(c *Config) { c.Phases = map[string]Phase{"a": {0, 2, 6}, "b": {0, 2, 9}, "c": {2, 4, 6}} }},
		"skip_identical": {"skip_identical: {environment: [TABLE, QUEUE]}\n", func(c *Config) {
			c.SkipIdentical, c.IdenticalEnvironment = true, []string{"TABLE", "QUEUE"}
		}},
		"an alias": {"services:\n  - {path: a, depends_on: &libs [l]}\n  - {path: b, depends_on: *libs}\n", func(c *Config) {
			c.HasRegister, c.Services = true, []ServiceEntry{{Path: "a", Line: 2, HasDependsOn: true, DependsOnLine: 2, DependsOn: []DependsOn{{"l", false, 2}}}, {Path: "b", Line: 3, HasDependsOn: true, DependsOnLine: 2, DependsOn: []DependsOn{{"l", false, 2}}}}
		}},
		"a merge key": {"services:\n  - &a {path: a, phase: 2, nested: isolate}\n  - {<<: *a, path: b, phase: 1}\n", func(c *Config) {
			c.HasRegister, c.Services = true, []ServiceEntry{{Path: "a", Line: 2, Phase: 2, Isolated: true}, {Path: "b", Line: 3, Phase: 1, Isolated: true}}
		}},
		"merged mappings": {"services:\n  - &a {path: a, phase: 2, nested: isolate}\n  - &b {path: b, phase: 1, type: cdk}\n  - {path: c, <<: [*b, *a]}\n", func(c *Config) {
			c.HasRegister, c.Services = true, []ServiceEntry{{Path: "a", Line: 2, Phase: 2, Isolated: true}, {Path: "b", Line: 3, Phase: 1, Type: "cdk"}, {Path: "c", Line: 4, Phase: 1, Type: "cdk", Isolated: true}}
		}},
		"what deploying reads": {"ledger: {backend: s3, url: 's3://b/p'}\npackage: {builder: none, slim: false, glibc: '2.17'}\ncompile: make\nafter_deploy: [a, b]\nskip_identical: true\nstage_name_constructor: x\n", func(c *Config) {
			c.SkipIdentical = true
			c.Hooks, c.StageNameConstructor = Hooks{Compile: []string{"make"}, AfterDeploy: []string{"a", "b"}}, "x"
			c.Ledger = Ledger{Backend: "s3", Ref: "refs/monoplan/{stage}", URL: "s3://b/p"}
			c.Package = Packaging{Builder: "none", Slim: &Slim{}, Glibc: "2.17", Lines: map[string]int{"builder": 2, "slim": 2, "glibc": 2}}
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseConfig("seed.yml", []byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			want := DefaultConfig()
			test.want(want)
			want.Source, want.Ignore = test.text, got.Ignore
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%q\n got %+v\nwant %+v", test.text, got, want)
			}
			if err := validate(t, test.text); err != nil {
				t.Errorf("the schema refuses it: %v", err)
			}
		})
	}
}

const allOfPackage = `package:
  builder: local
  python: "3.13"
  architecture: arm64
  glibc: "2.34"
  format: layer
  install: wheels
  include: [gen/]
  exclude: []
  groups: [prod]
  extras: [postgres]
  exclude_runtime: true
  bytecode: false
`

func wantAllOfPackage() Packaging {
	yes, no := true, false
	return Packaging{
		Builder: "local", Python: "3.13", Architecture: "arm64", Glibc: "2.34", Format: "layer", Install: "wheels",
		Include: []string{"gen/"}, Exclude: []string{}, Groups: []string{"prod"}, Extras: []string{"postgres"},
		ExcludeRuntime: &yes, Bytecode: &no,
		Lines: map[string]int{
			"builder": 2, "python": 3, "architecture": 4, "glibc": 5, "format": 6, "install": 7, "include": 8,
			"exclude": 9, "groups": 10, "extras": 11, "exclude_runtime": 12, "bytecode": 13,
		},
	}
}

// A service's own keys win one by one, lists as a whole.
func TestPackageOf(t *testing.T) {
	c, err := ParseConfig("seed.yml", []byte(`
package: {python: "3.12", format: layer, exclude: [tests/], exclude_runtime: true, slim: true}
services:
  - path: own
    package: {python: "3.13", exclude: [], exclude_runtime: false, slim: false}
  - {path: none}
  - {path: off, package: false}
  - {path: all/*, package: {architecture: arm64}}
`))
	if err != nil {
		t.Fatal(err)
	}
	own, hasOwn := c.PackageOf("own")
	if !hasOwn || own.Python != "3.13" || own.Format != "layer" || len(own.Exclude) > 0 || *own.ExcludeRuntime || own.Slim.On {
		t.Errorf("own: %+v", own)
	}
	if own.Lines["python"] != 5 || own.Lines["format"] != 2 {
		t.Errorf("the lines of own are %v", own.Lines)
	}
	if p, hasOwn := c.PackageOf("none"); hasOwn || !reflect.DeepEqual(p, c.Package) {
		t.Errorf("none: %+v", p)
	}
	if p, _ := c.PackageOf("off"); !p.Off {
		t.Errorf("off: %+v", p)
	}
	if p, hasOwn := c.PackageOf("all/x"); !hasOwn || p.Architecture != "arm64" || p.Python != "3.12" {
		t.Errorf("by a glob: %+v", p)
	}
}

// register1 wants services that stand in line 1.
func register1(services ...ServiceEntry) func(*Config) {
	return func(c *Config) {
		c.HasRegister = true
		for _, s := range services {
			s.Line = 1
			c.Services = append(c.Services, s)
		}
	}
}

func TestParseConfigIgnore(t *testing.T) {
	c, err := ParseConfig("seed.yml", []byte("ignore:\n  - '*.md'\n  - '!keep.md'\n"))
	if err != nil {
		t.Fatal(err)
	}
	if line, ignored := c.ignored("docs/a.md", false, false); !ignored || line != 2 {
		t.Errorf("got %v by line %d", ignored, line)
	}
	if _, ignored := c.ignored("docs/keep.md", false, false); ignored {
		t.Error("what is taken back is ignored")
	}
}

// The ledger's own files are ignored, and none that is only called like them.
func TestParseConfigIgnoresLedger(t *testing.T) {
	for place, own := range map[string]bool{"{backend: file, path: ./state/ledger.json}": true, "{backend: git}": false, "{backend: file, path: /state/ledger.json}": false} {
		c, err := ParseConfig("seed.yml", []byte("ledger: "+place+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]bool{
			"state/ledger.json": own, "state/ledger.json.lock": own, "state/ledger.json.prod.log": own, "state/ledger.json.ABC.tmp": own,
			"ledger.json": false, "state/ledger.jsonl": false, "state/ledger.json.go": false, "state/ledger.json.d/x.log": false, "state/ledger.json-x.log": false,
		} {
			if _, ignored := c.ignored(path, false, false); ignored != want {
				t.Errorf("%s, %s: got %v", place, path, ignored)
			}
		}
	}
}

// Each error says where it is, and all are reported. unseen are those that JSON Schema cannot see.
func TestParseConfigErrors(t *testing.T) {
	tests := []struct {
		text   string
		want   string
		unseen bool
	}{
		{"servces: []", `1:1: unknown key "servces"; did you mean "services"?`, false},
		{"x: 1\nignores: []", "1:1: unknown key \"x\"\n2:1: unknown key \"ignores\"; did you mean \"ignore\"?", false},
		{"services:\n  - pth: a\n", "2:5: unknown key \"pth\"; did you mean \"path\"?\n2:5: a service needs a path", false},
		{"services: [{path: a, pakage: {}}]", `1:22: unknown key "pakage"; did you mean "package"?`, false},
		{"ledger: {backed: git}", `1:10: unknown key "backed"; did you mean "backend"?`, false},
		{"ledger: {backend: file}", `1:9: the ledger's backend file needs a path`, true},
		{"ledger: {backend: s3}", `1:9: the ledger's backend s3 needs a url such as s3://bucket/prefix`, true},
		{"ledger: {backend: s3, url: 'https://x'}", `1:28: url must be s3://bucket/prefix, not "https://x"`, false},
		{"ledger: {path: x}", `1:16: path is for the ledger's backend file, not git`, true},
		{"ledger: {backend: file, path: x, remote: origin}", `1:42: remote is for the ledger's backend git, not file`, true},
		{"ledger: {remote: --upload-pack=x}", `1:18: remote must be the name of a git remote, not "--upload-pack=x"`, true},
		{"ledger: {ref: refs/heads/monoplan}", `1:15: ref must be like refs/heads/monoplan/{stage}, not "refs/heads/monoplan"`, false},
		{"ledger: {ref: 'refs/heads/a b/{stage}'}", `1:15: ref is not the name of a git ref: "refs/heads/a b/{stage}"`, false},
		{"package: {phyton: '3.12'}", `1:11: unknown key "phyton"; did you mean "python"?`, false},
		{"services: [{path: a, deploy: {command: []}}]", `1:40: command names no program`, false},
		{"services: [{path: a, deploy: {remove: ['', x]}}]", `1:39: remove names no program`, false},
		{"services: [{path: a, deploy: ./deploy.sh}]", `1:30: deploy must be a mapping of keys, not "./deploy.sh"`, false},
		{"before_deploi: x", `1:1: unknown key "before_deploi"; did you mean "before_deploy"?`, false},
		{"compile: {a: b}", `1:10: compile must be a string, not a mapping`, false},
		{"compile: [make, 1]", `1:17: an element of compile must be a string, not 1 (put it in quotes: "1")`, false},
		{"compile:", `1:9: compile must be a string, not nothing`, false},
		{"stage_name_constructor: [a]", `1:25: stage_name_constructor must be a string, not a list`, false},
		{"phases: [[a], [b, a]]", `1:19: "a" has a phase already, in line 1`, true},
		{"services: [{path: a, deploy: {cmd: x}}]", `1:31: unknown key "cmd"`, false},
		{"orphans: all\norphans: all", `2:1: key "orphans" is there already, in line 1`, true},
		{"services: [a, ./a/]", `1:15: the service "a" is there already, in line 1`, true},
		{"services: ['a/*', 'a/*']", `1:19: the service "a/*" is there already, in line 1`, true},
		{"services: a", `1:11: services must be a list, not "a"`, false},
		{"services:\norphans: all", `1:10: services must be a list, not nothing`, false},
		{"services: [[a]]", `1:12: a service must be a mapping of keys, not a list`, false},
		{"services: [1]", `1:12: the path of a service must be a string, not 1 (put it in quotes: "1")`, false},
		{"services: ['']", `1:12: the path of a service is empty`, false},
		{"services: [/etc]", `1:12: the path of a service must be relative to the repository, not "/etc"`, false},
		{"services: [../x]", `1:12: the path of a service leads out of the repository: "../x"`, false},
		{"services: [a/../../x]", `1:12: the path of a service leads out of the repository: "a/../../x"`, true},
		{"services: ['*/../x']", `1:12: the path of a service goes up behind a wildcard: "*/../x"`, true},
		{"services: ['a[b']", `1:12: the path of a service, "a[b", matches nothing: its [ has no ]`, true},
		{"services: [{path: 'a/*', name: n}]", `1:12: "a/*" may pick several services, which cannot share a name or a marker`, true},
		{"services: [{path: a, phase: -1}]", `1:29: phase must be a number from 0 to 1000000, not -1`, false},
		{"services: [{path: a, phase: one}]", `1:29: phase must be a number from 0 to 1000000, not "one"`, false},
		{"services: [{path: a, phase: '1'}]", `1:29: phase must be a number from 0 to 1000000, not "1"`, false},
		{"services: [{path: a, depends_on: libs}]", `1:34: depends_on must be a list, not "libs"`, false},
		{"services: [{path: a, depends_on: [/x]}]", `1:35: a path of depends_on must be relative to the repository, not "/x"`, false},
		{"services: [{path: a, nested: true}]", `1:30: nested must be isolate, not true`, false},
		{"services: [{path: a, type: lambda}]", `1:28: type must be serverless, sst, cdk, sam or command, not "lambda"`, false},
		{"services: [{path: a, marker: b/c}]", `1:30: marker must be the name of a file in the service's directory, not "b/c"`, false},
		{"services: [{path: a, phase: 0}]\nphases: [[a]]", `1:29: phase: and phases: cannot both be used`, true},
		{"phases: [[a], [b, a]]", `1:19: "a" has a phase already, in line 1`, true},
		{"phases: [a]", `1:10: a phase must be a list, not "a"`, false},
		{"check_code_change: yes", `1:20: check_code_change must be true, git, lerna, pnpm or false, not yes, which is a string in YAML 1.2 (write true)`, false},
		{"check_code_change: yarn", `1:20: check_code_change must be true, git, lerna, pnpm or false, not "yarn"`, false},
		{"check_code_change: 1", `1:20: check_code_change must be true, git, lerna, pnpm or false, not 1`, false},
		{"dev_edges: off", `1:12: dev_edges must be true or false, not off, which is a string in YAML 1.2 (write false)`, false},
		{"ignore: '*.md'", `1:9: ignore must be a list, not "*.md"`, false},
		{"ignore:\n  - 'a['\n", `2:5: pattern "a[" matches nothing: its [ has no ]`, true},
		{"orphans: none", `1:10: orphans must be all or open, not "none"`, false},
		{"package: {python: 3.12}", `1:19: python must be a string, not 3.12 (put it in quotes: "3.12")`, false},
		{"package: {python: '4'}", `1:19: python must be a version such as "3.12", not "4"`, false},
		{"package: true", `1:10: package must be false or a mapping of keys, not true`, false},
		{"package: {include: ['a[']}", `1:21: pattern "a[" matches nothing: its [ has no ]`, true},
		{"package: {store: 's3://b'}", `1:11: unknown key "store"`, false},
		{"store: b/p", `1:8: store must be s3://bucket/prefix, not "b/p"`, false},
		{"package: {slim: 1}", `1:17: slim must be true, false or a list of patterns, not 1`, false},
		{"orphans: !x all", `1:10: orphans must be all or open, not something tagged !x`, true},
		{"<<: [1]", `1:6: << must bring mappings, not 1`, true},
		{"services: [{name: n}]", `1:12: a service needs a path`, false},
		{"phases: [['']]", `1:11: the name of a service is empty`, false},
		{"<<: 1", `1:5: << must bring a mapping, not 1`, true},
		{"- a", `1:1: seed.yml must be a mapping of keys, not a list`, false},
		{"dev_edges: true\n---\ndev_edges: true\n", `3:1: there is a second document; seed.yml is one`, true},
	}
	for _, test := range tests {
		_, err := ParseConfig("seed.yml", []byte(test.text))
		if err == nil {
			t.Errorf("%q: no error, want %s", test.text, test.want)
			continue
		}
		if got := strings.ReplaceAll(err.Error(), "seed.yml:", ""); got != test.want {
			t.Errorf("%q\n got %s\nwant %s", test.text, got, test.want)
		}
		if !test.unseen && validate(t, test.text) == nil {
			t.Errorf("%q: the schema lets it pass", test.text)
		}
	}
}

func TestParseConfigMalformed(t *testing.T) {
	for text, line := range map[string]int{
		"services: [a\n":              1,
		"orphans: all\n\tx: 1\n":      2,
		"orphans: 'all\n":             1,
		"services: *nothing\n":        1,
		"dev_edges: true\n  x: 1\n":   2,
		"ignore:\n- a\nb\n":           3,
		"orphans: all\n}\n":           2,
		"ledger: {backend: git]\n":    1,
		"orphans: \"\\q\"\n":          1,
		"services: &a [*a]\n":         1,
		"ignore: [a]\nservices: @x\n": 2,
		"orphans: all\n[a]: 1\n":      2,
	} {
		_, err := ParseConfig("seed.yml", []byte(text))
		var at *ConfigError
		if !errors.As(err, &at) {
			t.Errorf("%q: got %v, want a ConfigError", text, err)
		} else if at.Line < line-1 || at.Line > line+1 || at.Column < 1 {
			t.Errorf("%q: %v, want about line %d", text, err, line)
		}
	}
}

func TestExampleParses(t *testing.T) {
	data, err := os.ReadFile("../seed.yml.example")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(data), "\n")
	if want := "# yaml-language-server: $schema=" + schemaID(t); first != want {
		t.Errorf("the first line is %q, want %q", first, want)
	}
	c, err := ParseConfig("seed.yml.example", data)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Services) != 4 || len(c.Phases) != 3 || c.Ignore == nil {
		t.Errorf("got %+v", c)
	}
	if err := validate(t, string(data)); err != nil {
		t.Error(err)
	}
	// A key that is commented out is there too.
	p := &configParser{config: DefaultConfig()}
	for _, known := range []keys{p.topKeys(), p.serviceKeys(&ServiceEntry{}), p.packageKeys(&Packaging{}), p.ledgerKeys()} {
		for key := range known {
			if !strings.Contains(string(data), key+":") {
				t.Errorf("the example lacks %s", key)
			}
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	example, err := os.ReadFile("../seed.yml.example")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(example)
	f.Add([]byte("services: [{path: a, depends_on: &x [b, 'c/*']}, {<<: {path: d}, depends_on: *x}]\n"))
	f.Add([]byte("servces:\r\n\t- a\r\n---\n? [x]\n: !t y"))
	f.Add([]byte("ignore: ['a[', \"\\x41\"]\nphases: [[a], [a]]\n<<: *y"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := ParseConfig("seed.yml", data)
		if err == nil {
			return
		}
		// A carriage return alone breaks a line in YAML too.
		lines := 1 + strings.Count(strings.ReplaceAll(strings.ReplaceAll(string(data), "\r\n", "\n"), "\r", "\n"), "\n")
		for _, e := range leaves(err) {
			var at *ConfigError
			if !errors.As(e, &at) {
				t.Fatalf("error without a place: %#v", e)
			}
			if at.Line < 1 || at.Line > lines || at.Column < 1 || at.Column > len(data)+1 {
				t.Errorf("%v, of %d lines", at, lines)
			}
		}
	})
}

// The globs of services:, depends_on: and of uv's workspaces.
func TestConfigGlob(t *testing.T) {
	tests := []struct {
		pattern, path string
		want          bool
	}{
		{"services/*", "services/posts", true},
		{"./services/*/", "services/posts", true},
		{"services/*", "services/posts/nested", false},
		{"services/*", "services", false},
		{"services/**", "services/posts/nested", true},
		{"services/**", "services", false},
		{"**/api", "api", true},
		{"**/api", "a/b/api", true},
		{"a/**/api", "a/api", true},
		{"**", "a/b", true},
		{"post?", "posts", true},
		{"post?", "post/", false},
		{"[pq]osts", "posts", true},
		{"[!pq]osts", "posts", false},
		{"services/p*s", "services/posts", true},
		{"a[", "a[", false},
	}
	for _, test := range tests {
		if got := newGlob(test.pattern).match(test.path); got != test.want {
			t.Errorf("%q on %q: got %v", test.pattern, test.path, got)
		}
		below := newGlob(test.pattern).matchUnder(test.path + "/x/y")
		if test.want && !below {
			t.Errorf("%q: not what is under %q", test.pattern, test.path)
		}
	}
}

func leaves(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// allHooks has every hook, and one in each form.
const allHooks = `before_compile: ["1", "2"]
compile: make
before_build: ["3"]
before_deploy: []
after_deploy: "5"
before_remove: "6"
after_remove: "7"
stage_name_constructor: >
  echo x
`

// A phase of a name that no service has is an error of deploying, at its place.
func TestCheckPhases(t *testing.T) {
	c, err := ParseConfig("seed.yml", []byte("phases:\n  - [posts, usres]\n  - [web]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CheckPhases([]Service{{Name: "posts"}, {Name: "usres"}, {Name: "web"}, {Name: "more"}}); err != nil {
		t.Errorf("all names are there: %v", err)
	}
	const want = "seed.yml:2:13: no service is called \"usres\"; did you mean users?\nseed.yml:3:6: no service is called \"web\""
	if err := c.CheckPhases([]Service{{Name: "posts"}, {Name: "users"}}); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

package javascript

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/javascript/value"
)

// files makes a tree of these contents. pnpm-workspace.yaml is written as JSON, which is YAML too.
func files(t *testing.T, tree map[string]string) Files {
	t.Helper()
	f := Files{Broken: map[string]*Broken{}, Fetch: func([]string) {}, Ignored: func(string) bool { return false }}
	parse := func(p string) (value.Value, *Broken) {
		v, err := value.Parse([]byte(tree[p]), value.JSONC)
		var syntax *value.Error
		if errors.As(err, &syntax) {
			return v, &Broken{syntax.Message, syntax.Line}
		}
		return v, nil
	}
	for _, p := range slices.Sorted(maps.Keys(tree)) {
		switch {
		case p == LernaFile:
			v, broken := parse(p)
			c := ParseLerna(v)
			if f.Lerna = &c; broken != nil {
				f.Lerna, f.Broken[p] = nil, broken
			}
		case p == PnpmFile:
			v, broken := parse(p)
			c := ParsePnpm(v)
			if f.Pnpm = &c; broken != nil {
				f.Pnpm, f.Broken[p] = nil, broken
			}
		case p == NpmrcFile:
			c := ParseNpmrc([]byte(tree[p]))
			f.Npmrc = &c
		default:
			f.Manifests = append(f.Manifests, p)
		}
	}
	f.Manifest = func(p string) (*Manifest, *Broken) {
		v, broken := parse(p)
		m := ParseManifest(v)
		return &m, broken
	}
	return f
}

// describe gives a workspace a line a package, and then one a warning.
func describe(w Workspace) string {
	var b strings.Builder
	for _, p := range w.Packages {
		fmt.Fprintf(&b, "%s", p.Path)
		for _, e := range p.Edges {
			fmt.Fprintf(&b, " >%s:%d", w.Packages[e.To].Path, e.Line)
		}
		if p.Forced {
			b.WriteString(" forced")
		}
		b.WriteString("\n")
	}
	if w.Unknown {
		b.WriteString("unknown\n")
	}
	if w.IncludeDependencies {
		b.WriteString("includes dependencies\n")
	}
	var warnings []string
	for _, warning := range w.Warnings {
		warnings = append(warnings, fmt.Sprintf("%s:%d: %s\n", warning.File, warning.Line, warning.Message))
	}
	slices.Sort(warnings)
	return b.String() + strings.Join(slices.Compact(warnings), "")
}

// with adds files to a workspace of two packages.
func with(more map[string]string) map[string]string {
	tree := map[string]string{
		"package.json":            `{"name": "root", "workspaces": ["packages/*"]}`,
		"lerna.json":              `{"version": "1.0.0"}`,
		"pnpm-workspace.yaml":     `{"packages": ["packages/*"]}`,
		"packages/a/package.json": "{\"name\": \"a\",\n\"version\": \"1.2.3\"}",
		"packages/b/package.json": "{\"name\": \"b\",\n\"dependencies\": {\n\"a\": \"workspace:*\"}}",
	}
	maps.Copy(tree, more)
	return tree
}

const twoPackages = "packages/a\npackages/b >packages/a:3\n"

// dependsOn is packages/b with this dependency on a.
func dependsOn(spec string) map[string]string {
	return with(map[string]string{"packages/b/package.json": fmt.Sprintf("{\"name\": \"b\", \"version\": \"1.0.0\",\n\"dependencies\": {\n\"a\": %q}}", spec)})
}

func TestLerna(t *testing.T) {
	tests := map[string]struct {
		tree map[string]string
		want string
	}{
		"two packages":        {with(nil), twoPackages},
		"globs of lerna.json": {with(map[string]string{"lerna.json": `{"packages": ["packages/a"]}`}), "packages/a\n"},
		"Yarn 1's workspaces": {with(map[string]string{"package.json": `{"workspaces": {"packages": ["packages/*"]}}`}), twoPackages},
		"no lerna.json":       {remove(with(nil), "lerna.json"), twoPackages},
		"lerna in package.json": {
			with(map[string]string{"lerna.json": "{}", "package.json": `{"workspaces": ["packages/*"]}`}), twoPackages,
		},
		"excluded":            {with(map[string]string{"package.json": `{"workspaces": ["packages/*", "!packages/b"]}`, "pnpm-workspace.yaml": `{}`}), "packages/a\n"},
		"forced":              {with(map[string]string{"lerna.json": `{"command": {"list": {"forcePublish": "a,c"}}}`}), "packages/a forced\npackages/b >packages/a:3\n"},
		"all forced":          {with(map[string]string{"lerna.json": `{"forcePublish": ["*"]}`}), "packages/a forced\npackages/b >packages/a:3 forced\n"},
		"included":            {with(map[string]string{"lerna.json": `{"includeDependencies": true}`}), twoPackages + "includes dependencies\n"},
		"not included":        {with(map[string]string{"lerna.json": `{"includeDependencies": true, "command": {"list": {"includeDependencies": false}}}`}), twoPackages},
		"below a dot":         {with(map[string]string{"packages/.x/package.json": `{"name": "x"}`, "packages/.y/package.json": `{"name": "y"}`, "package.json": `{"workspaces": ["packages/*", "packages/.x"]}`}), "packages/.x\n" + twoPackages},
		"a range":             {dependsOn("^1.0.0"), twoPackages},
		"another range":       {dependsOn("^2.0.0"), "packages/a\npackages/b\n"},
		"its directory":       {dependsOn("file:../a"), twoPackages},
		"with a slash behind": {dependsOn("file:../a/"), "packages/a\npackages/b\n"},
		"a link":              {dependsOn("link:../a"), "packages/a\npackages/b\n"},
		"a link beside what Nx reads": {
			with(map[string]string{"packages/b/package.json": "{\"name\": \"b\", \"dependencies\": {\"a\": \"\"},\n\"optionalDependencies\": {\n\"a\": \"link:../a/\"}}"}), "packages/a\npackages/b >packages/a:1\n",
		},
		"a tag":     {dependsOn("latest"), "packages/a\npackages/b\n"},
		"a catalog": {dependsOn("catalog:"), "packages/a\npackages/b\n"},
		"any version of the workspace": {
			dependsOn("workspace:^9.0.0"), twoPackages,
		},
		"peers by the workspace protocol alone": {
			with(map[string]string{"packages/b/package.json": `{"name": "b", "peerDependencies": {"a": "^1.0.0"}}`}), "packages/a\npackages/b\n",
		},
		"a version that is none": {
			with(map[string]string{"packages/a/package.json": "{\"name\": \"a\",\n\"version\": \"one\"}"}),
			twoPackages + "packages/a/package.json:2: \"one\" is no version of semver, so no range is a dependency on a\n",
		},
		"a circle": {
			with(map[string]string{"packages/a/package.json": "{\"name\": \"a\", \"dependencies\": {\n\"b\": \"workspace:*\"}}"}),
			"packages/a >packages/b:2\npackages/b >packages/a:3\n" +
				"packages/a/package.json:2: these packages depend on each other in a circle, so a change of one is a change of all: a, b\n",
		},
		"a manifest that does not parse": {
			with(map[string]string{"packages/a/package.json": "{\"name\": \"a\",\n\"version\"}"}),
			"packages/a\npackages/b\nunknown\npackages/a/package.json:2: does not parse: a colon is missing behind the key \"version\"; every change deploys every service\n",
		},
		"two of one name": {
			with(map[string]string{"packages/b/package.json": "{\n\"name\": \"a\"}"}),
			"packages/a\npackages/b\nunknown\npackages/b/package.json:2: packages/a is called \"a\" too, which Lerna does not take; every change deploys every service\n",
		},
		"another name in the spec": {
			dependsOn("workspace:a@*"),
			twoPackages + "unknown\npackages/b/package.json:3: Lerna does not take the spec \"workspace:a@*\" of \"a\"; every change deploys every service\n",
		},
		"no globs": {
			with(map[string]string{"package.json": "{}", "pnpm-workspace.yaml": "{}"}),
			"unknown\nlerna.json:0: names no packages: there is neither packages in lerna.json, nor workspaces in package.json, nor pnpm-workspace.yaml; every change deploys every service\n",
		},
		"patterns that are no list": {
			with(map[string]string{"lerna.json": "{\n\"ignoreChanges\": \"*.md\"}"}),
			twoPackages + "unknown\nlerna.json:2: Lerna does not take ignoreChanges that is no list; every change deploys every service\n",
		},
		"patterns that are null": {
			with(map[string]string{"lerna.json": "{\"ignoreChanges\": [\"*.md\"],\n\"command\": {\"list\": {\"ignoreChanges\": null}}}"}),
			twoPackages + "unknown\nlerna.json:2: Lerna does not take ignoreChanges that is no list; every change deploys every service\n",
		},
		"patterns of which one is a number": {with(map[string]string{"lerna.json": `{"ignoreChanges": [3]}`}), twoPackages},
		"a glob that is a number": {
			with(map[string]string{"lerna.json": "{\n\"packages\": [3, \"packages/*\"]}"}),
			twoPackages + "unknown\nlerna.json:2: Lerna does not take packages that are not all text; every change deploys every service\n",
		},
		"a glob of workspaces that is null": {
			with(map[string]string{"package.json": "{\"workspaces\": [null, \"packages/*\"]}"}),
			twoPackages + "unknown\npackage.json:1: Lerna does not take workspaces that are not all text; every change deploys every service\n",
		},
		"a name that is a number": {
			with(map[string]string{"packages/c/package.json": "{\n\"name\": 3}"}),
			twoPackages + "packages/c\nunknown\npackages/c/package.json:2: Lerna does not take a name that is empty or no text; every change deploys every service\n",
		},
		"a name that is null": {with(map[string]string{"packages/c/package.json": `{"name": null}`}), twoPackages + "packages/c\n"},
		"a spec that is a number": {
			with(map[string]string{"packages/c/package.json": `{"dependencies": {"a": 3}}`}), twoPackages + "packages/c\n",
		},
		"globs that match nothing": {
			with(map[string]string{"lerna.json": "{\n\"packages\": [\"libs/*\"]}"}),
			"unknown\nlerna.json:2: the globs of packages match no package.json; every change deploys every service\n",
		},
		"lerna.json that does not parse": {
			with(map[string]string{"lerna.json": "{\n"}), "unknown\nlerna.json:2: does not parse: a key in quotes is missing; every change deploys every service\n",
		},
		"useWorkspaces": {
			with(map[string]string{"lerna.json": "{\n\"useWorkspaces\": true}"}),
			twoPackages + "lerna.json:2: useWorkspaces is a setting that Lerna does not have any more: packages and workspaces say which packages there are\n",
		},
		"what would shorten the list": {
			with(map[string]string{"lerna.json": "{\"command\": {\"list\": {\n\"private\": false,\n\"excludeDependents\": true}}}"}),
			twoPackages + "lerna.json:2: private would leave changed packages out of the list, and is not heeded\n" +
				"lerna.json:3: excludeDependents would leave changed packages out of the list, and is not heeded\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := describe(Lerna(files(t, test.tree))); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func remove(tree map[string]string, p string) map[string]string {
	delete(tree, p)
	return tree
}

func TestPnpm(t *testing.T) {
	const two = ".\npackages/a\npackages/b >packages/a:3\n"
	const apart = ".\npackages/a\npackages/b\n"
	linked := func(spec string) map[string]string {
		tree := dependsOn(spec)
		tree["pnpm-workspace.yaml"] = `{"packages": ["packages/*"], "linkWorkspacePackages": true}`
		return tree
	}
	catalog := func(text string) map[string]string {
		tree := dependsOn("catalog:")
		tree["pnpm-workspace.yaml"] = text
		return tree
	}
	tests := map[string]struct {
		tree map[string]string
		want string
	}{
		"two projects and the root": {with(nil), two},
		"other manifests": {
			with(map[string]string{"packages/c/package.yaml": `{"name": "c"}`, "packages/c/package.json5": `{"name": "d"}`, "packages/node_modules/package.json": "{}"}),
			two + "packages/c\n",
		},
		"excluded":                       {with(map[string]string{"pnpm-workspace.yaml": `{"packages": ["packages/**", "!**/b"]}`}), ".\npackages/a\n"},
		"the root alone":                 {with(map[string]string{"pnpm-workspace.yaml": `{}`}), ".\n"},
		"a range":                        {dependsOn("^1.0.0"), apart},
		"a range where those are linked": {linked("^1.0.0"), two},
		"another where those are linked": {linked("^2.0.0"), apart},
		"a range of the workspace":       {dependsOn("workspace:^1.0.0"), two},
		"another range of the workspace": {dependsOn("workspace:^2.0.0"), apart},
		"a prerelease and all versions": {
			func() map[string]string {
				tree := dependsOn("workspace:>=0")
				tree["packages/a/package.json"] = `{"name": "a", "version": "2.0.0-beta.1"}`
				return tree
			}(), two,
		},
		"a path in the workspace protocol": {dependsOn("workspace:../a"), two},
		"a link":                           {dependsOn("link:../a"), two},
		"a directory":                      {dependsOn("file:../a/"), two},
		"an archive":                       {dependsOn("file:../a.tgz"), apart},
		"under another name": {
			with(map[string]string{"packages/b/package.json": "{\n\n\"devDependencies\": {\"x\": \"workspace:a@^1.0.0\"}}"}), two,
		},
		"a catalog":                                {catalog(`{"packages": ["packages/*"], "catalog": {"a": "workspace:*"}}`), two},
		"a catalog with a path from the root":      {catalog(`{"packages": ["packages/*"], "catalog": {"a": "link:packages/a"}}`), two},
		"a catalog with a path without a protocol": {catalog(`{"packages": ["packages/*"], "catalog": {"a": "./../a"}}`), two},
		"a catalog with a link":                    {catalog(`{"packages": ["packages/*"], "catalogs": {"default": {"a": "link:../a"}}}`), apart},
		"a catalog that is not one": {
			catalog(`{"packages": ["packages/*"]}`),
			apart + "packages/b/package.json:3: no catalog called \"default\" has an entry for \"a\", so what \"catalog:\" stands for is not known\n",
		},
		"settings of an older pnpm": {
			func() map[string]string {
				tree := dependsOn("^1.0.0")
				tree["package.json"], tree[".npmrc"] = `{"packageManager": "pnpm@10.1.0"}`, "link-workspace-packages = true\n"
				return tree
			}(), two,
		},
		"two of one name": {
			with(map[string]string{"packages/b/package.json": "{\n\"name\": \"a\"}"}),
			apart + "packages/b/package.json:2: packages/a is called \"a\" too; who depends on that name depends on the one that has the version\n",
		},
		"no settings":         {remove(with(nil), "pnpm-workspace.yaml"), "unknown\npnpm-workspace.yaml:0: is not there; every change deploys every service\n"},
		"packages of no list": {with(map[string]string{"pnpm-workspace.yaml": "{\n\"packages\": \"x\"}"}), ".\nunknown\npnpm-workspace.yaml:2: pnpm does not take packages that are no list; every change deploys every service\n"},
		"a pattern that is no list": {
			with(map[string]string{"pnpm-workspace.yaml": "{\"packages\": [\"packages/*\"],\n\"changedFilesIgnorePattern\": \"**/*.md\"}"}),
			two + "unknown\npnpm-workspace.yaml:2: pnpm does not take changedFilesIgnorePattern that is no list; every change deploys every service\n",
		},
		"a pattern of tests that is no list": {
			with(map[string]string{"pnpm-workspace.yaml": "{\"packages\": [\"packages/*\"],\n\"testPattern\": \"**/*.test.js\"}"}),
			two + "unknown\npnpm-workspace.yaml:2: pnpm does not take testPattern that is no list; every change deploys every service\n",
		},
		"a pattern that is null": {
			with(map[string]string{"pnpm-workspace.yaml": "{\"packages\": [\"packages/*\"],\n\"changedFilesIgnorePattern\": [\"**/*.md\", null]}"}),
			two + "unknown\npnpm-workspace.yaml:2: pnpm does not take an element of changedFilesIgnorePattern that is no pattern; every change deploys every service\n",
		},
		"a pattern of tests that is empty": {
			with(map[string]string{"pnpm-workspace.yaml": "{\"packages\": [\"packages/*\"],\n\"testPattern\": [\"\"]}"}),
			two + "unknown\npnpm-workspace.yaml:2: pnpm does not take an element of testPattern that is no pattern; every change deploys every service\n",
		},
		"a catalog that is a list": {
			with(map[string]string{"pnpm-workspace.yaml": "{\"packages\": [\"packages/*\"],\n\"catalog\": [\"a\"]}"}),
			two + "unknown\npnpm-workspace.yaml:2: pnpm does not take a catalog that is no mapping; every change deploys every service\n",
		},
		"catalogs that are a list": {
			with(map[string]string{"pnpm-workspace.yaml": "{\"packages\": [\"packages/*\"],\n\"catalogs\": [\"a\"]}"}),
			two + "unknown\npnpm-workspace.yaml:2: pnpm does not take catalogs that are no mapping; every change deploys every service\n",
		},
		"a named catalog that is null": {
			with(map[string]string{"pnpm-workspace.yaml": "{\"packages\": [\"packages/*\"],\n\"catalogs\": {\"old\": null}}"}),
			two + "unknown\npnpm-workspace.yaml:2: pnpm does not take a catalog that is no mapping; every change deploys every service\n",
		},
		"an entry of a catalog that is a number": {
			with(map[string]string{"pnpm-workspace.yaml": "{\"packages\": [\"packages/*\"],\n\"catalog\": {\"zod\": 3}}"}),
			two + "unknown\npnpm-workspace.yaml:2: pnpm does not take an entry of a catalog that is no text; every change deploys every service\n",
		},
		"patterns that are null, or of which one is a number": {
			with(map[string]string{"pnpm-workspace.yaml": `{"packages": ["packages/*"], "testPattern": null, "changedFilesIgnorePattern": [3], "catalog": null}`}), two,
		},
		"a pattern of an older pnpm that is no list": {
			with(map[string]string{"package.json": `{"packageManager": "pnpm@10.1.0"}`, ".npmrc": "x = y\nchanged-files-ignore-pattern = **/*.md\n"}),
			two + "unknown\n.npmrc:2: pnpm does not take changedFilesIgnorePattern that is no list; every change deploys every service\n",
		},
		"a pattern of an older pnpm that another takes the place of": {
			with(map[string]string{
				"package.json": `{"packageManager": "pnpm@10.1.0"}`, ".npmrc": "changed-files-ignore-pattern = **/*.md\n",
				"pnpm-workspace.yaml": `{"packages": ["packages/*"], "changedFilesIgnorePattern": null}`,
			}), two,
		},
		"a spec that is a number": {
			with(map[string]string{"packages/b/package.json": "{\n\"name\": \"b\", \"devDependencies\": {\"x\": \"^1.0.0\", \n\"y\": 3}}"}),
			apart + "unknown\npackages/b/package.json:3: pnpm does not take a spec that is no text, such as that of \"y\"; every change deploys every service\n",
		},
		"a spec that is a number, behind another": {
			with(map[string]string{"packages/b/package.json": "{\n\n\"dependencies\": {\"a\": \"workspace:*\"}, \"devDependencies\": {\"a\": 3}}"}), two,
		},
		"globs that match nothing": {
			with(map[string]string{"pnpm-workspace.yaml": "{\n\"packages\": [\"libs/*\"]}"}),
			".\nunknown\npnpm-workspace.yaml:2: the globs of packages match no package.json; every change deploys every service\n",
		},
		"a manifest that does not parse": {
			with(map[string]string{"packages/b/package.json": "{\n1}"}),
			apart + "unknown\npackages/b/package.json:2: does not parse: a key in quotes is missing; every change deploys every service\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := describe(Pnpm(files(t, test.tree))); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// A list of a .npmrc is what "[]" stands behind, in one of its lines at least; what stands below a section is none.
func TestParseNpmrc(t *testing.T) {
	for text, want := range map[string][]string{
		"changed-files-ignore-pattern[] = a\nchanged-files-ignore-pattern[]=\"b\"\n": {"a", "b"},
		"changed-files-ignore-pattern[]=a\nchanged-files-ignore-pattern=b\n":         {"a", "b"},
		"changed-files-ignore-pattern=a\nchanged-files-ignore-pattern[]=b":           {"a", "b"},
		"changed-files-ignore-pattern=a\nchanged-files-ignore-pattern=b":             nil,
		"[other]\nchanged-files-ignore-pattern[]=a":                                  {},
		"; changed-files-ignore-pattern=a\n# test-pattern=b":                         {},
	} {
		c := ParseNpmrc([]byte(text))
		if (want == nil) != (len(c.Refused) > 0) || want != nil && !slices.Equal(c.IgnorePatterns, want) {
			t.Errorf("%q: got %q, refused %v", text, c.IgnorePatterns, c.Refused)
		}
	}
}

func TestChangedCatalogs(t *testing.T) {
	parse := func(text string) *PnpmConfig {
		v, err := value.Parse([]byte(text), value.JSON)
		if err != nil {
			t.Fatal(err)
		}
		c := ParsePnpm(v)
		return &c
	}
	a := parse(`{"catalog": {"same": "1", "gone": "1", "other": "1"}, "catalogs": {"named": {"x": "1"}}}`)
	b := parse(`{"catalogs": {"default": {"same": "1", "other": "2"}, "new": {"x": "1"}}}`)
	got := ChangedCatalogs(a, b)
	want := []CatalogUse{{"default", "gone"}, {"default", "other"}, {"named", "x"}, {"new", "x"}}
	for _, use := range want {
		if !got[use] {
			t.Errorf("%v is not among what changed: %v", use, got)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

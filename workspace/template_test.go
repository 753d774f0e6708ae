package workspace

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// show prints candidates as a test writes them: path, line, how it was held.
func show(list []candidate) []string {
	var shown []string
	for _, c := range list {
		s := fmt.Sprintf("%d %s", c.Line, c.Path)
		switch c.Form {
		case formOfFile:
			s += " file"
		case formOfTemplate:
			s += " template"
		case formOfRequirements:
			s += " requirements"
		}
		if c.Cut {
			s += " cut"
		}
		if c.Name != "" {
			s += " " + c.Name
		}
		shown = append(shown, s)
	}
	return shown
}

func TestTemplateCandidates(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"whole value":              {"a: ../requirements.txt\n", []string{"1 ../requirements.txt"}},
		"single key":               {"CodeUri: ../src", []string{"1 ../src"}},
		"in a list":                {"a:\n  - x\n  - ../b/\n", []string{"3 ../b/"}},
		"no key":                   {"../a: 1\n? ../b\n: 2\n", nil},
		"no comment":               {"# ../a\na: 1 # ../b\n", nil},
		"no path that stays":       {"a: ./src\nb: src/x.py\n", nil},
		"but what is read too":     {"a: ./x.yml\nb: y.yaml\nc: z.json\nd: https://example.com/x.json\n", []string{"1 ./x.yml", "2 y.yaml", "3 z.json"}},
		"a bare .. as the whole":   {"a: ..\n", []string{"1 .."}},
		"a bare .. in a word":      {"a: cd .. && make\n", nil},
		"a word":                   {"a: cp ../x/y.txt .\n", []string{"1 ../x/y.txt"}},
		"a word in a word":         {"a: 'x=../a,../b;../c|../d&(../e)<../f>'\n", []string{"1 ../a", "1 ../b", "1 ../c", "1 ../d", "1 ../e", "1 ../f"}},
		"up in the middle":         {"a: src/../../lib/x\n", []string{"1 src/../../lib/x"}},
		"dots that are no segment": {"a: a..b\nb: .../x\nc: x/...\n", nil},
		"exclusion":                {"a: '!../tests/x'\n", []string{"1 ../tests/x"}},
		"glob":                     {"a: ../libs/**\nb: ../*.py\nc: ../x/a?b/c\nd: ../y/[ab]/c\n", []string{"1 ../libs cut", "2 .. cut", "3 ../x cut", "4 ../y cut"}},
		"variable":                 {"a: ../${opt:stage}/x.txt\n", []string{"1 .. cut"}},
		"variable at the start":    {"a: ${opt:stage}/x.txt\n", nil},
		"brace":                    {"a: ../libs/{a,b}/c\n", []string{"1 ../libs cut"}},
		"absolute":                 {"a: /etc/../x\nb: /users/{id}\nc: https://example.com/../x.yml\n", []string{"3 https://example.com/../x.yml"}},
		"file":                     {"a: ${file(../x.yml)}\n", []string{"1 ../x.yml file"}},
		"file of its own":          {"a: ${file(./x.yml):key, 'none'}\n", []string{"1 ./x.yml file"}},
		"several files":            {"a: ${file(a.yml):x, file(../b.yml):y} ${file(../c.json)}\n", []string{"1 a.yml file", "1 ../b.yml file", "1 ../c.json file"}},
		"quoted file":              {"a: \"${file( '../x.yml' )}\"\n", []string{"1 ../x.yml file"}},
		"file with a variable":     {"a: ${file(../conf/${self:custom.stage}.yml):x, 'default'}\n", []string{"1 ../conf file cut *.yml"}},
		"two variables":            {"a: ${file(./${opt:a, 'x'}-${self:b.${opt:c}}/y.json)}\n", []string{"1 . file cut *-*/y.json"}},
		"a variable in a name":     {"a: ${file(x.${opt:a}.yml)}\n", []string{"1 . file cut x.*.yml"}},
		"a variable, no YAML":      {"a: ${file(../x/${opt:a}.txt)}\n", []string{"1 ../x file cut"}},
		"two names, one directory": {"a: ${file(../x/${opt:a}.yml)} ${file(../x/${opt:a}.json)} ${file(../x/${opt:a}.txt)}\n", []string{"1 ../x file cut *.yml", "1 ../x file cut *.json"}},
		"a name that never ends":   {"a: ${file(../x/${opt:a.yml\n", []string{"1 ../x file cut"}},
		"file in a file":           {"a: ${file(../${file(./s.yml):stage}/x.yml)}\n", []string{"1 .. file cut */x.yml", "1 ./s.yml file"}},
		"no file":                  {"a: profile(../x.yml\n", []string{"1 profile(../x.yml", "1 ../x.yml"}},
		"unclosed file":            {"a: ${file(../x.yml\n", []string{"1 ../x.yml file"}},
		"literal block":            {"a: |\n  cd x\n\n  cp ../y/z .\n  cp ../w .\nb: 1\n", []string{"4 ../y/z", "5 ../w"}},
		"folded block":             {"a: >-\n  cd x\n  cp ../y/z .\n  cp ../w .\n", []string{"3 ../y/z", "4 ../w"}},
		"one path in a block":      {"a: |\n  ../x/y\n", []string{"2 ../x/y"}},
		"plain over lines":         {"a: cp\n  ../y\n  ../z\nb: 1\n", []string{"2 ../y", "3 ../z"}},
		"quoted over lines":        {"a: \"cp\n  ../y\n  ../z\"\n", []string{"2 ../y", "3 ../z"}},
		"escaped":                  {`a: "\x2e./x\u002fy"` + "\n", []string{"1 ../x/y"}},
		"a tag of nothing":         {"a: !Select [ 0, !GetAZs ]\nb: [ !GetAZs , ../x ]\nc: {d: !GetAZs }\n", []string{"2 ../x"}},
		"a tag in braces":          {"a: {b: !Ref AWS::AccountId, c: ../x}\n", []string{"1 ../x"}},
		"unknown tags":             {"a: !Sub ../x\nb: !GetAtt A.B\nc: !If [x, ../y, !Ref Z]\n", []string{"1 ../x", "3 ../y"}},
		"duplicate keys":           {"a: ../x\na: ../y\n", []string{"1 ../x", "2 ../y"}},
		"several documents":        {"a: ../x\n---\nb: ../y\n...\n---\n- ../z\n", []string{"1 ../x", "3 ../y", "6 ../z"}},
		"an alias is its anchor":   {"a: &x ../x\nb: *x\n", []string{"1 ../x"}},
		"an anchor of a key":       {"? &x ../x\n: 1\n", nil},
		"an alias of a key":        {"? &x ../x\n: 1\nb: *x\n", []string{"1 ../x"}},
		"merge":                    {"a: &m {x: ../x}\nb:\n  <<: *m\n  <<: {y: ../y}\n", []string{"1 ../x", "4 ../y"}},
		"carriage returns":         {"a: x\r\nb: ../x\r\nc: |\r\n  y\r\n  cp ../z .\r\n", []string{"2 ../x", "5 ../z"}},
		"lists in globs": {"a: [../x/!(y)/**, '../x/@(y|z)/w', ../u/+(y), ../v/y?(z), ../w/*(y)]\nb: ../t/y(z)\n", []string{
			"1 ../x cut", "1 ../x/!", "1 ../x/@", "1 ../u cut", "1 ../u/+", "1 ../v cut", "1 ../w cut", "2 ../t/y(z)", "2 ../t/y",
		}},
		"templates": {
			"R:\n  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./n.template, Location: m.template}}\n" +
				"  B:\n    Properties: {Location: ../o.template}\n    Type: AWS::Serverless::Application\n" +
				"  C: {Type: AWS::Serverless::Application, Properties: {Location: {ApplicationId: a}}}\n" +
				"  D: {Type: AWS::Serverless::Api, Properties: {Location: p.template}}\n", []string{"2 ./n.template template", "4 ../o.template template"},
		},
		"plugins": {"plugins: [a, ./b, ../c/d]\nx: {plugins: [../e]}\n", []string{
			"1 ../c/d.js", "1 ../c/d.cjs", "1 ../c/d.mjs", "1 ../c/d.ts", "1 ../c/d", "2 ../e",
		}},
		"handlers": {"f:\n  a: {handler: ../../src/x.main}\n  b: {handler: src/x.main}\n  c: {handler: '../${opt:x}/y.main', x: ../z.main}\n", []string{
			"2 ../../src/x.py", "2 ../../src/x.rb", "2 ../../src/x.jsx", "2 ../../src/x.mts", "2 ../../src/x.cts", "2 ../../src/x.tsx",
			"2 ../../src/x.js", "2 ../../src/x.cjs", "2 ../../src/x.mjs", "2 ../../src/x.ts", "2 ../../src/x.main", "4 .. cut", "4 ../z.main",
		}},
		"requirements": {
			"custom:\n  pythonRequirements: {x: 1,\n    fileName: req/prod.txt}\nfunctions: {a: {module: src/a}, b: {module: '${opt:x}/b'}}\nfileName: y.txt\n",
			[]string{"3 req/prod.txt requirements", "4 src/a", "5 y.txt requirements"},
		},
		"requirements by an alias":  {"x: &r {fileName: y.txt}\ncustom: {pythonRequirements: *r}\nz: {pythonRequirements: {fileName: w.txt}}\n", []string{"1 y.txt requirements", "3 w.txt requirements"}},
		"requirements merged twice": {"x: &x {fileName: z}\ny: &y {<<: *x}\ncustom: {pythonRequirements: {<<: [*y, *y]}}\n", []string{"1 z requirements"}},
		"what is a part of itself":  {"a: &a\n  b: *a\n  <<: *a\n  c: ../x\n", []string{"4 ../x"}},
		"sources by an alias":       {"x: &x n.template\ny: &y {Type: 'AWS::CloudFormation::Stack'}\nR: {N: {<<: *y, Properties: {TemplateURL: *x}}}\nz: &z lib\nF: {CodeUri: *z}\n", []string{"1 n.template template", "4 lib"}},
		"requirements above":        {"pythonRequirements: {fileName: ../prod.txt}\n", []string{"1 ../prod.txt requirements", "1 ../prod.txt"}},
		"the directory itself": {
			"a: \"${env:PWD}/../x\"\nb: cp ${PWD}/../y $PWD/../z $(pwd)/../w .\nc: ${env:HOME}/../v\nd: ${file(${env:PWD}/../u.yml)}\n",
			[]string{"1 ./../x", "2 cp ./../y ./../z ./../w .", "2 ./../y", "2 ./../z", "2 ./../w", "3 HOME}/../v", "4 ./../u.yml file"},
		},
		"fragments": {"a: ../x.yaml#/U\nb: ./y.yml#/V\nc: '#/W'\nd: z#.json\n", []string{
			"1 ../x.yaml#/U", "1 ../x.yaml", "2 ./y.yml", "4 z#.json",
		}},
		"byte order mark":     {"\ufeffa: ../x\n", []string{"1 ../x"}},
		"JSON":                {"{\n\t\"../k\": \"..\\/x\",\n\t\"b\": [1, null, true, \"\\u002e./y\", \"\\ud83d\\ude00 ../z\"]\n}\n", []string{"2 ../x", "3 ../y", "3 ../z"}},
		"the same path again": {"a: ../x\nb: ../x\nc: cp ../x y\n", []string{"1 ../x"}},
		"nothing":             {"", nil},
		"comments alone":      {"# ../x\n", nil},
		"behind a prefix": {"a: x -d@../../f -C../d file://../../u fileb://./../v x../y z/../w ...../q -e./../../r\n", []string{
			"1 x -d@../../f -C../d file://../../u fileb://./../v x../y z/../w ...../q -e./../../r", "1 -d@../../f", "1 ../../f", "1 ../d",
			"1 ../../u", "1 ./../v", "1 ../y", "1 z/../w", "1 -e./../../r", "1 ./../../r",
		}},
		"a scalar":                  {"../x\n", []string{"1 ../x"}},
		"paths of other characters": {"a: ../ä b/ü\n", []string{"1 ../ä b/ü", "1 ../ä"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := parseTemplate([]byte(test.text), templateSyntax{})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(show(got.Scalars), test.want) {
				t.Errorf("%q\n got %q\nwant %q", test.text, show(got.Scalars), test.want)
			}
		})
	}
}

func TestTemplatePlainCandidates(t *testing.T) {
	text := "a: schema.txt\nb: https://example.com/x\nc: |\n  two\n  lines\nd: src/${x}/y\ne: " + strings.Repeat("long", 200) + "\nf: /etc/x\ng: ../up\n"
	got, err := parseTemplate([]byte(text), templateSyntax{included: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"1 schema.txt", "6 src cut", "9 ../up"}
	if !slices.Equal(show(got.Scalars), want) {
		t.Errorf("got %q, want %q", show(got.Scalars), want)
	}
}

func TestTemplateService(t *testing.T) {
	tests := []struct {
		text string
		want string
	}{
		{"service: posts", "posts"},
		{"service: 'posts'\nprovider: aws\n", "posts"},
		{"service:\n  name: posts\n  awsKmsKeyArn: x\n", "posts"},
		{"service: {name: posts}", "posts"},
		{"service: posts-${opt:stage}", ""},
		{"service:\n  name: ${file(x.yml):name}\n", ""},
		{"service:\n", ""},
		{"service: ~", ""},
		{"service: [posts]", ""},
		{"service: {name: [posts]}", ""},
		{"custom:\n  service: posts\n", ""},
		{"service: posts\nservice: users\n", "users"},
		{"service: &name posts\ncustom: *name\n", "posts"},
		{"x: &name posts\nservice: *name\n", "posts"},
		{"x: &base {service: posts}\n<<: *base\n", "posts"},
		{"x: &base {service: posts}\n<<: [*base]\nservice: users\n", "users"},
		{"service: 2048", "2048"},
		{`{"service": "posts"}`, "posts"},
		{`{"service": {"name": "posts"}, "x": {"service": "users"}}`, "posts"},
		{"provider: aws", ""},
		{"- service: posts", ""},
	}
	for _, test := range tests {
		got, err := parseTemplate([]byte(test.text), templateSyntax{})
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
		} else if got.Service != test.want {
			t.Errorf("%q: got %q, want %q", test.text, got.Service, test.want)
		}
	}
}

func TestTemplateSAM(t *testing.T) {
	tests := []struct {
		text string
		want bool
	}{
		{"Transform: AWS::Serverless-2016-10-31", true},
		{"Transform: 'AWS::Serverless-2016-10-31'\nResources: {}\n", true},
		{"Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]", true},
		{"Transform:\n- AWS::Serverless-2016-10-31\n", true},
		{"Transform:\n- Name: AWS::Include\n- AWS::Serverless-2016-10-31\n", true},
		{"Transform: AWS::Include", false},
		{"Transform:\n  Name: AWS::Serverless-2016-10-31\n", false},
		{"Metadata:\n  Transform: AWS::Serverless-2016-10-31\n", false},
		{"Description: AWS::Serverless-2016-10-31", false},
		{"# Transform: AWS::Serverless-2016-10-31\nResources: {}\n", false},
		{"a: 1\n---\nTransform: AWS::Serverless-2016-10-31\n", true},
		{`{"Transform": "AWS::Serverless-2016-10-31"}`, true},
		{`{"Transform": ["AWS::Serverless-2016-10-31"]}`, true},
		{`{"Outputs": {"Transform": "AWS::Serverless-2016-10-31"}}`, false},
		{"", false},
	}
	for _, test := range tests {
		got, err := parseTemplate([]byte(test.text), templateSyntax{})
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
		} else if got.SAM != test.want {
			t.Errorf("%q: got %v, want %v", test.text, got.SAM, test.want)
		}
	}
}

func TestTemplatePrograms(t *testing.T) {
	tests := []struct {
		text string
		want []program
	}{
		{"a: ${file(x.yml)}\nb: ${file(./x.js)}\n", []program{{2, runsProgram}}},
		{"a: ${file(./x.js):handler.name}", []program{{1, runsProgram}}},
		{"a: ${file(./x.js:handler)}", []program{{1, runsProgram}}},
		{"a: ${file(../x.py)} ${file(y.sh)}\nb: ${file(z.bash), 1}\n", []program{{1, runsProgram}, {1, runsProgram}, {2, runsProgram}}},
		{"a: ${file(x.mjs)}${file(x.cjs)}${file(x.jsx)}${file(x.ts)}${file(x.tsx)}${file(x.go)}", slices.Repeat([]program{{1, runsProgram}}, 6)},
		{"a: ${file(x.rs)}${file(x.java)}${file(x.kt)}${file(x.cs)}${file(x.rb)}${file(x.php)}", slices.Repeat([]program{{1, runsProgram}}, 6)},
		{"a: ${file(./conf.${opt:stage})}", []program{{1, runsProgram}}},
		{"a: ${file(${self:custom.file})}", []program{{1, runsProgram}}},
		{"a: x\nb: cp -r $(git rev-parse --show-toplevel)/libs .\nc: git rev-parse HEAD", []program{{2, runsProgram}}},
		{"a: ${file(./conf/${opt:stage}.yml)}", nil},
		{"a: ${file(conf.${opt:stage}.yml)}", nil},
		{"a: ${file(./${opt:a}/../x.yml)}\nb: ${file(/${opt:a}.yml)}", []program{{1, runsProgram}, {2, runsProgram}}},
		{"a: ${file(${env:LIBS}/f)}\nb: ${file(${opt:d}/f.yml):x}", []program{{1, runsProgram}, {2, runsProgram}}},
		{"a: ${file(./conf/${opt:stage}.js)}", []program{{1, runsProgram}}},
		{"a: ${file(./x.json):handler.js}", nil},
		{"a: |\n  x\n  ${file('x.js')}\n", []program{{3, runsProgram}}},
		{"a: ../x.js", nil},
		{"plugins:\n- serverless-offline\n- ./plugins/mine\n- ../x\n", []program{{3, runsPlugin}, {4, runsPlugin}}},
		{"plugins: {modules: [a],\n  localPath: ../y}", []program{{2, runsPlugin}}},
		{"plugins: {modules: [a],\n  localPath: y}", nil},
		{"plugins: {modules: \"${self:custom.plugins}\"}", []program{{1, runsPlugin}}},
		{"custom: {plugins: [../x]}\nplugins: ${file(x.yml)}\n", []program{{2, runsPlugin}}},
		{"plugins: ${file(x.yml):plugins}\n", nil},
		{"plugins: ['${file(x.${opt:stage}.yml):plugins.0}']\n", nil},
		{"plugins: ${file(x.toml):plugins}\n", []program{{1, runsPlugin}}},
		{"plugins: ${file(x.yml):pluginsOf.${opt:stage}}\n", []program{{1, runsPlugin}}},
		{"plugins: ['${file(x.yml):plugins.${opt:n}}', '${self:custom.plugin}']\n", []program{{1, runsPlugin}, {1, runsPlugin}}},
		{"# ${file(x.js)}\n${file(x.js)}: 1\n", nil},
		{"functions:\n  a:\n    handler: ../../src/x.main\n  b: {handler: src/../y.main}\n", []program{{3, handlesOutside}}},
		{"functions: [{a: {handler: '../${opt:x}/y.main'}}, {b: {handler: 'src/../../z.main'}}]\n", []program{{1, handlesOutside}, {1, handlesOutside}}},
		{"custom: {pythonRequirements: {fileName: 'x-${opt:stage}.txt'}}\n", []program{{1, runsProgram}}},
		{"x: &h ../y.main\nfunctions: {a: {handler: *h}}\n", []program{{1, handlesOutside}}},
		{"functions: {a: {handler: '${env:PWD}/../z.main'}, b: {image: ../z.main}, c: {handler: ..x.main}}\n", []program{{1, handlesOutside}}},
	}
	for _, test := range tests {
		got, err := parseTemplate([]byte(test.text), templateSyntax{})
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
		} else if !slices.Equal(got.Programs, test.want) {
			t.Errorf("%q: got %v, want %v", test.text, got.Programs, test.want)
		}
	}
}

func TestTemplateThatDoesNotParse(t *testing.T) {
	tests := []struct {
		text string
		line int
	}{
		{"a: 1\nb: [1, 2\n", 2},
		{"a: 1\nb: 'x\n", 2},
		{"a: 'x' y\n", 1},
		{"a: 1\nb: *nothing\n", 2},
		{"{\"a\": \"b\"\n", 1},
	}
	for _, test := range tests {
		_, err := parseTemplate([]byte(test.text), templateSyntax{})
		var at *templateError
		if !errors.As(err, &at) {
			t.Errorf("%q: got %v, want a templateError", test.text, err)
		} else if at.Line < test.line || at.Line > 1+strings.Count(test.text, "\n") || at.Column < 1 || at.Message == "" {
			t.Errorf("%q: got %+v, want line %d or below", test.text, at, test.line)
		}
	}
	for text, want := range map[string][2]int{
		"{/* c */\"a\": \"../x\"}": {1, 2}, "{\n\"a\": 1,\n}": {3, 1}, "a: 1": {1, 1}, "": {1, 1}, "{\"a\": 1}\n{}": {2, 1}, "{\"a\":\n": {1, 6},
	} {
		_, err := parseTemplate([]byte(text), templateSyntax{onlyJSON: true})
		var at *templateError
		if !errors.As(err, &at) || [2]int{at.Line, at.Column} != want {
			t.Errorf("%q as JSON: got %+v, want an error at %v", text, err, want)
		}
	}
	if got, err := parseTemplate([]byte("\ufeff{\"a\": \"../x\"}"), templateSyntax{onlyJSON: true}); err != nil || len(got.Scalars) != 1 {
		t.Errorf("JSON behind a byte order mark: got %+v, %v", got, err)
	}
	if !isSAMText([]byte("Transform: AWS::Serverless-2016-10-31\nx: [")) || isSAMText([]byte("Transform: AWS::Include")) {
		t.Error("the text alone does not tell SAM's")
	}
}

// A value of many words, one that never ends, and file( in file( cost no more than in proportion to their length.
func TestTemplateOfUnusualSize(t *testing.T) {
	var words strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&words, "  cp ../x%d .\n", i)
	}
	for name, text := range map[string]string{
		"words":         "a: |\n" + words.String(),
		"quoted words":  "a: \"\\x2e./x\n" + words.String() + "\"\n",
		"file in file":  "a: " + strings.Repeat("file(", 50_000),
		"one long word": "a: ../" + strings.Repeat("x", 1<<20),
		"JSON":          "[" + strings.Repeat(`"../x", `, 50_000) + "1]",
	} {
		if _, err := parseTemplate([]byte(text), templateSyntax{included: true}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Nothing that aliases make of a small document takes long, or never ends.
func TestAliasesOfAliases(t *testing.T) {
	var nested strings.Builder
	nested.WriteString("a: &a {x: 1}\n")
	for c := 'b'; c < 'p'; c++ {
		fmt.Fprintf(&nested, "%c: &%c {<<: [%s], l: [%[3]s], ", c, c, strings.Repeat(fmt.Sprintf("*%c, ", c-1), 9))
		for i := range 9 {
			fmt.Fprintf(&nested, "k%d: *%c, ", i, c-1)
		}
		nested.WriteString("}\n")
	}
	for name, text := range map[string]string{
		"itself":   "packages: &a\n- *a\ncatalogs: &b {x: *b}\ndefault: &c\n  build: *c\n  <<: *c\ncustom: &d [{e: &e {f: *d, g: *e}}]\n",
		"thousand": nested.String() + "custom: *o\nprovider: *o\nResources: *o\nplugins: *o\n",
	} {
		for _, f := range []form{formTemplate, formIncluded, formSAMConfigYML, formPnpm, formPackageYAML} {
			t.Run(name+" "+string(f), func(t *testing.T) {
				if d := parse(request{form: f}, []byte(text)); d.Broken != "" && f != formPackageYAML {
					t.Error(d.Broken)
				}
			})
		}
		if _, err := ParseConfig("seed.yml", []byte(text)); err == nil {
			t.Error("seed.yml has no such keys")
		}
	}
}

func FuzzParseTemplate(f *testing.F) {
	f.Add([]byte("service: posts\nx: ${file(../a.yml):b, file(c.js)}\n"), true)
	f.Add([]byte("Transform: [AWS::Serverless-2016-10-31]\nx: !Sub |\n  cp ../a ../b\n"), false)
	f.Add([]byte("{\"a\": [\"..\\/b\", null]}"), true)
	f.Add([]byte("a: &x {<<: *y, b: ../c}\n---\nd: *x\n"), false)
	f.Add([]byte("? [../a]\n: !<t> \"../\\\n  b\"\n"), false)
	f.Fuzz(func(t *testing.T, data []byte, included bool) {
		got, err := parseTemplate(data, templateSyntax{included: included})
		lines := 1 + strings.Count(strings.ReplaceAll(string(data), "\r", "\n"), "\n")
		if err != nil {
			var at *templateError
			if !errors.As(err, &at) || at.Line < 1 || at.Column < 1 {
				t.Fatalf("error without a place: %#v", err)
			}
			return
		}
		for _, c := range got.Scalars {
			if c.Line < 1 || c.Line > lines || c.Path == "" || strings.HasPrefix(c.Path, "/") {
				t.Errorf("candidate %+v of %d lines", c, lines)
			}
		}
		for _, p := range got.Programs {
			if p.Line < 1 || p.Line > lines {
				t.Errorf("program %+v of %d lines", p, lines)
			}
		}
	})
}

func BenchmarkParseTemplate(b *testing.B) {
	function := `  Function%d:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ../src/function%d
      Handler: app.handler
      Environment:
        Variables:
          TABLE: !Ref Table
          QUEUE: !GetAtt [Queue, Arn]
      Policies: [{DynamoDBReadPolicy: {TableName: !Ref Table}}]
`
	text := "Transform: AWS::Serverless-2016-10-31\nResources:\n"
	for i := range 10 {
		text += fmt.Sprintf(function, i, i)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseTemplate([]byte(text), templateSyntax{}); err != nil {
			b.Fatal(err)
		}
	}
}

// Whether a stack is called after its service is what provider: says, and a variable may say anything.
func TestTemplateRenamed(t *testing.T) {
	for text, want := range map[string]bool{
		"service: posts":                                      false,
		"service: posts\nprovider: aws":                       false,
		"service: posts\nprovider: {name: aws}":               false,
		"service: posts\nprovider: {name: aws, stackName: s}": true,
		"service: posts\nprovider: ${file(provider.yml)}":     true,
		"x: &p {stackName: s}\nprovider: {<<: *p, name: aws}": true,
	} {
		parsed, err := parseTemplate([]byte(text), templateSyntax{})
		if err != nil {
			t.Fatal(err)
		}
		if parsed.Renamed != want {
			t.Errorf("%q: %t, want %t", text, parsed.Renamed, want)
		}
	}
}

package workspace

import "testing"

func TestTemplateRuntime(t *testing.T) {
	for text, want := range map[string]Runtime{
		"provider: {name: aws, runtime: python3.12}":                             {"python3.12", ""},
		"provider: {runtime: python3.11, architecture: arm64}":                   {"python3.11", "arm64"},
		"provider: {runtime: \"${self:custom.runtime}\", architecture: x86_64}":  {"", "x86_64"},
		"provider: aws\nruntime: python3.12":                                     {},
		"provider: {runtime: }":                                                  {},
		"Globals: {Function: {Runtime: python3.13, Architectures: [arm64]}}":     {"python3.13", "arm64"},
		"Globals: {Function: {Runtime: !Ref R, Architectures: [arm64, x86_64]}}": {},
		"Globals: {Api: {Runtime: python3.13}}":                                  {},
		`{"provider": {"runtime": "python3.12"}}`:                                {"python3.12", ""},
	} {
		parsed, err := parseTemplate([]byte(text), templateSyntax{})
		if err != nil {
			t.Fatal(err)
		}
		if parsed.Runtime != want {
			t.Errorf("%s: %+v, want %+v", text, parsed.Runtime, want)
		}
	}
}

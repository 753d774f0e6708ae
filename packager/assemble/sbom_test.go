package assemble

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"

	"github.com/monoplan/monoplan/packager/wheel"
)

func sbom(t *testing.T, components []Component) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := WriteSBOM(&out, "api", components, []string{"Zope_Interface", "core", "gone"}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestSBOM(t *testing.T) {
	components := []Component{
		{Name: "zope.interface", Version: "1.0+local", Published: true, SHA256: strings.Repeat("0a", 32), DependsOn: []string{"core", "core"},
			Metadata: wheel.Headers{{Key: "License-Expression", Value: "MIT OR Apache-2.0"}, {Key: "Summary", Value: "What it is"}}},
		{Name: "core", Version: "0.1", Metadata: wheel.Headers{{Key: "License", Value: "line\nline"}, {Key: "Classifier", Value: "License :: OSI Approved :: MIT License"}, {Key: "Classifier", Value: "Topic :: X"}}},
		{Name: "Under_Score", Version: "2", Published: true, Metadata: wheel.Headers{{Key: "License", Value: "BSD"}}},
	}
	text := sbom(t, components)
	var bom cyclonedx.BOM
	if err := cyclonedx.NewBOMDecoder(bytes.NewReader(text), cyclonedx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	if bom.SpecVersion != cyclonedx.SpecVersion1_6 || bom.Metadata.Timestamp != "" || bom.Metadata.Component.Name != "api" {
		t.Errorf("the bill is of version %v, time %q, about %q", bom.SpecVersion, bom.Metadata.Timestamp, bom.Metadata.Component.Name)
	}
	var got []string
	for _, c := range *bom.Components {
		licence := ""
		for _, l := range *c.Licenses {
			licence += l.Expression
			if l.License != nil {
				licence += l.License.Name
			}
		}
		got = append(got, strings.Join([]string{c.Name, c.Version, c.PackageURL, licence, c.Description}, "|"))
	}
	want := []string{
		"core|0.1||MIT License|",
		"Under_Score|2|pkg:pypi/under-score@2|BSD|",
		"zope.interface|1.0+local|pkg:pypi/zope.interface@1.0%2Blocal|MIT OR Apache-2.0|What it is",
	}
	if !slices.Equal(got, want) {
		t.Errorf("components are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	needs := map[string]string{}
	for _, d := range *bom.Dependencies {
		if d.Dependencies != nil {
			needs[d.Ref] = strings.Join(*d.Dependencies, " ")
		}
	}
	zope := "pkg:pypi/zope.interface@1.0%2Blocal"
	if len(needs) != 2 || needs["service:api"] != zope+" python:core@0.1" || needs[zope] != "python:core@0.1" {
		t.Errorf("dependencies are %v", needs)
	}
	slices.Reverse(components)
	if !bytes.Equal(text, sbom(t, components)) {
		t.Error("in another order, the bytes differ")
	}
	components[0].Version = "3"
	other := sbom(t, components)
	if serial(text) == "" || serial(text) == serial(other) {
		t.Errorf("the serial number is %q, and that of another bill %q", serial(text), serial(other))
	}
}

func serial(text []byte) string {
	_, rest, _ := strings.Cut(string(text), `"serialNumber": "urn:uuid:`)
	number, _, _ := strings.Cut(rest, `"`)
	return number
}

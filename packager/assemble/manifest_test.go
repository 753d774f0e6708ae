package assemble

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// manifest writes two archives, and describes them.
func manifest(t *testing.T) Manifest {
	t.Helper()
	a := dependency(t, "a", files{"a.py": "1"})
	code, err := Write(t.Context(), io.Discard, Spec{Code: []CodeFile{own("h.py", "1")}})
	if err != nil {
		t.Fatal(err)
	}
	layer, err := Write(t.Context(), io.Discard, Spec{Layer: true, Wheels: []Dependency{a}})
	if err != nil {
		t.Fatal(err)
	}
	share := layer.Shares[1]
	return Manifest{
		Service: "api", Path: "services/api", Runtime: "python3.12", Architecture: "arm64", Format: "layer",
		Code: NewManifestArchive("1.zip", code), Layers: []ManifestArchive{NewManifestArchive("../layers/2.zip", layer)},
		Packages: []ManifestPackage{{
			Name: share.Name, Version: share.Version, Wheel: "a-1.0-py3-none-any.whl", SHA256: layer.SHA256, By: "libs/<x>",
			Files: share.Files, Unpacked: share.Unpacked, Packed: share.Packed,
		}},
		Provided: []string{"boto3"}, Key: code.SHA256, Inputs: []ManifestInput{{"closure", code.SHA256}},
	}
}

func encoded(t *testing.T, m Manifest) string {
	t.Helper()
	var out bytes.Buffer
	if err := m.Encode(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestManifestFollowsItsSchema(t *testing.T) {
	full := manifest(t)
	least := Manifest{Service: "web", Path: ".", Format: "bundle", Code: full.Code, Key: full.Key}
	for _, m := range []Manifest{full, least} {
		if err := validate(t, encoded(t, m)); err != nil {
			t.Errorf("%v\n%s", err, encoded(t, m))
		}
	}
	if text := encoded(t, full); !strings.Contains(text, `"by": "libs/<x>"`) || !strings.HasSuffix(text, "}\n") {
		t.Errorf("the manifest is\n%s", text)
	}
}

// The schema says no where it should.
func TestManifestSchemaRefuses(t *testing.T) {
	right := encoded(t, manifest(t))
	for name, change := range map[string]func(string) string{
		"an unknown key":   func(s string) string { return strings.Replace(s, `"service":`, `"sevrice": "x", "service":`, 1) },
		"a missing key":    func(s string) string { return strings.Replace(s, `"format": "layer",`, "", 1) },
		"another version":  func(s string) string { return strings.Replace(s, `"version": 1,`, `"version": 2,`, 1) },
		"another format":   func(s string) string { return strings.Replace(s, `"layer"`, `"layered"`, 1) },
		"a hash in base64": func(s string) string { return strings.Replace(s, `"key": "`, `"key": "=`, 1) },
		"a negative size":  func(s string) string { return strings.Replace(s, `"size": `, `"size": -`, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			wrong := change(right)
			if wrong == right {
				t.Fatal("nothing was changed")
			}
			if validate(t, wrong) == nil {
				t.Error("the schema takes it")
			}
		})
	}
}

func validate(t *testing.T, text string) error {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile("../../docs/manifest.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(v)
}

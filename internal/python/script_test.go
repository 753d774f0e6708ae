package python

import (
	"reflect"
	"testing"
)

func TestParseScript(t *testing.T) {
	for _, c := range []struct {
		script string
		want   []Reference
	}{
		{"", nil},
		{"build:\n\tpip install -r prod.txt -t $(ARTIFACTS_DIR)", []Reference{{Path: "prod.txt", Kind: RequirementsFile, Line: 2}}},
		{"RUN python3 -m pip install --no-cache-dir \\\n  --requirement=a/b.txt -cc.txt", []Reference{
			{Path: "a/b.txt", Kind: RequirementsFile, Line: 1}, {Path: "c.txt", Kind: ConstraintsFile, Line: 1},
		}},
		{`CMD ["pip3", "install", "-r", "x.in"]`, []Reference{{Path: "x.in", Kind: RequirementsFile, Line: 1}}},
		{"$(PIP) install -r './x y.txt' # -r z.txt", []Reference{{Path: "./x", Kind: RequirementsFile, Line: 1}}},
		{"uv pip sync -r x.txt; zip -r layer.zip . && cp -r y z", []Reference{{Path: "x.txt", Kind: RequirementsFile, Line: 1}}},
		{"pip install -r ${TASK}/x.txt -r %HERE%/y.txt -r $X/z.txt", nil},
		{"pip install -r requirements-dev.txt -r tests/all.txt", []Reference{
			{Path: "requirements-dev.txt", Kind: RequirementsFile, Line: 1, Dev: true},
			{Path: "tests/all.txt", Kind: RequirementsFile, Line: 1, Dev: true},
		}},
		{"pip install -e . -f wheels\nbash -c 'pip install -r'", []Reference{{Path: "pip", Kind: ConstraintsFile, Line: 2}}},
	} {
		var got []Reference
		if m := ParseScript([]byte(c.script)); m != nil {
			got = m.References
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q\n got %+v\nwant %+v", c.script, got, c.want)
		}
	}
}

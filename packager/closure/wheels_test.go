package closure_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/packager/closure"
)

// pip and Poetry refuse a wheel that is not for their Python; uv does not mind what it says of later ones.
func TestCheckPython(t *testing.T) {
	ofRequirements, err := resolve(t, tree{"services/svc/requirements.txt": "# x\nrequests==1 --hash=sha256:00\n"})
	if err != nil {
		t.Fatal(err)
	}
	ofUV, err := resolve(t, uvWorkspace("", "lib = {workspace = true}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		requires              string
		requirements, underUV bool
	}{
		{"", true, true}, {">=3.9", true, true}, {">= 3.12.1, <4", true, true}, {"three", true, true}, {"==3.*", true, true},
		{">=3.13", false, false}, {"==3.11.*", false, false}, {"<3.12", false, true}, {">=3.8,!=3.12.*", false, true},
	} {
		for _, on := range []struct {
			c    *closure.Closure
			fits bool
			want string
		}{
			{ofRequirements, c.requirements, "services/svc/requirements.txt:2: requests is for python " + c.requires + ", and the target has 3.12"},
			{ofUV, c.underUV, "uv.lock:8: requests is for python " + c.requires + ", and the target has 3.12"},
		} {
			err := on.c.CheckPython(on.c.Find("requests"), c.requires)
			if (err == nil) != on.fits || err != nil && err.Error() != on.want {
				t.Errorf("%s: %v", c.requires, err)
			}
		}
	}
}

// Which patch release Lambda has, nobody knows but that it is no old one.
func TestPatchReleases(t *testing.T) {
	for wants, problem := range map[string]string{
		"3.12": "", "~3.12": "", "==3.12.*": "", ">=3.12.1": "", "3.12.14": "", "~3.12.30": "", ">3.12.11": "", "<3.12.12": "", "<3.12.11": "",
		"3.12.4": "services/svc/pyproject.toml:5: the project is for python 3.12.4, and the target has 3.12.11 or newer",
		"<3.12":  "services/svc/pyproject.toml:5: the project is for python <3.12, and the target has 3.12",
		"3.1.12": "services/svc/pyproject.toml:5: the project is for python 3.1.12, and the target has 3.12",
	} {
		files := poetryService(t, "[project]\nname = \"lib\"\n")
		files["services/svc/pyproject.toml"] = strings.ReplaceAll(files["services/svc/pyproject.toml"], "^3.9", wants)
		_, err := resolve(t, files)
		var python *closure.PythonError
		if errors.As(err, &python) != (problem != "") || problem != "" && err.Error() != problem {
			t.Errorf("%s: %v", wants, err)
		}
	}
}

// A library whose range moved on after it was locked.
func TestPythonOfALibrary(t *testing.T) {
	files := poetryService(t, "[tool.poetry.dependencies]\npython = \"^3.13\"\n")
	if _, err := resolve(t, files); err == nil || err.Error() != "libs/lib/pyproject.toml:2: lib is for python ^3.13, and the target has 3.12" {
		t.Error(err)
	}
	files = uvWorkspace("", "lib = {workspace = true}\n")
	files["libs/lib/pyproject.toml"] = strings.Replace(files["libs/lib/pyproject.toml"], "version = \"1\"\n", "version = \"1\"\nrequires-python = \">=3.13\"\n", 1)
	if _, err := resolve(t, files); err == nil || err.Error() != "libs/lib/pyproject.toml:4: lib is for python >=3.13, and the target has 3.12" {
		t.Error(err)
	}
}

// What a requirements file lacks, by what its wheels say.
func TestOpen(t *testing.T) {
	const hash = " --hash=sha256:00\n"
	c, err := resolve(t, tree{"services/svc/requirements.txt": "jinja2==3.1" + hash + "requests[socks]==2" + hash + "web==1" + hash + "Urllib3==2" + hash})
	if err != nil {
		t.Fatal(err)
	}
	open := func(c *closure.Closure, provided string) string {
		var all []string
		for _, m := range c.Open(map[string][]string{
			"jinja2":   {"MarkupSafe>=2.0", "Babel>=2.7; extra == 'i18n'", "old; python_version < '3'"},
			"requests": {"urllib3<3", "PySocks!=1.5.7,>=1.5.6; extra == 'socks'"},
			"urllib3":  {"brotli; extra == 'brotli'"},
			"web":      {"urllib3[brotli]", "boto3", "="},
		}, func(name string) bool { return name == provided }) {
			all = append(all, m.String())
		}
		return strings.Join(all, "\n")
	}
	want := "services/svc/requirements.txt:1: jinja2 needs markupsafe >=2.0, which is not in the lock\n" +
		"services/svc/requirements.txt:2: requests needs pysocks !=1.5.7,>=1.5.6, which is not in the lock\n" +
		"services/svc/requirements.txt:4: urllib3 needs brotli, which is not in the lock\n" +
		"services/svc/requirements.txt:3: web needs boto3, which is not in the lock"
	if got := open(c, ""); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := open(c, "boto3"); strings.Contains(got, "boto3") {
		t.Error(got)
	}
	if c, err = resolve(t, poetryService(t, "")); err != nil || open(c, "") != "" {
		t.Errorf("a lock that is one by itself: %v %s", err, open(c, ""))
	}
}

package packager

import "testing"

// What a library's manifests take from beside it is there when it is built, and a change of it makes the wheel anew.
func TestBuildHasWhatManifestsTakeFromBeside(t *testing.T) {
	for name, test := range map[string]struct{ pyproject, setup, hatch string }{
		"Hatch":      {pyproject: "[tool.hatch.build.targets.wheel]\nsbom-files = ['../../shared/b.txt']\n[tool.hatch.build.targets.wheel.shared-data]\n'../../shared/a' = 'a'\n"},
		"hatch.toml": {hatch: "[build.targets.wheel]\nsbom-files = ['../../shared/b.txt']\n[build.targets.wheel.shared-data]\n'../../shared/a' = 'a'\n"},
		"PDM":        {pyproject: "[tool.pdm.build]\npackage-dir = '../../shared/a'\nwheel-data = {data = [{path = '../../shared/b.txt'}]}\n"},
		"setuptools": {
			pyproject: "[tool.setuptools]\npackage-dir = {'' = '../../shared/a'}\ndata-files = {etc = ['../../shared/b.*']}\n",
		},
		"setup.cfg": {setup: "[options.packages.find]\nwhere = ../../shared/a\n[options.data_files]\netc =\n    ../../shared/b.txt\n"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.files["libs/core/pyproject.toml"] += test.pyproject
			w.files["libs/core/setup.cfg"], w.files["libs/core/hatch.toml"] = test.setup, test.hatch
			w.files["shared/a/x.py"], w.files["shared/b.txt"] = "1", "1"
			edit("libs/core/tools/backend.py", `print("building in", os.getcwd())`,
				`assert os.path.exists("../../shared/a/x.py") and glob.glob("../../shared/b.*"), os.listdir("../..")`)(w)
			w.want(w.run(), "posts packaged, users packaged")
			w.files["shared/a/x.py"] = "2"
			w.want(w.run(), "posts packaged, users packaged")
		})
	}
}

package python_test

import "testing"

func TestPDMLock(t *testing.T) {
	checkManifests(t, "pdm.lock", []manifestCase{
		{"forms", `[metadata]
groups = ["default", "dev"]
lock_version = "4.5.0"
[[package]]
name = "Core_Lib"
version = "0.1.0"
editable = true
path = "../../libs/core"
groups = ["default", "dev"]
[[package]]
name = "helpers"
path = "../helpers"
subdirectory = "python"
groups = ["dev"]
[[package]]
name = "wheel"
url = "file:///${PROJECT_ROOT}/../wheels/wheel.whl"
[[package]]
name = "requests"
groups = ["default"]
[[package]]
name = "elsewhere"
url = "https://example.com/elsewhere.whl"
`, `8 path ../../libs/core (core-lib)
12 path ../helpers#python (helpers) dev
17 path ../wheels/wheel.whl (wheel)`},
		{"nothing local", "[[package]]\nname = \"requests\"\n", ""},
	})
}

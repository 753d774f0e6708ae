package python_test

import (
	"testing"

	"github.com/monoplan/monoplan/internal/python"
)

func TestSetupCfg(t *testing.T) {
	checkManifests(t, "setup.cfg", []manifestCase{
		{"requirements", `[metadata]
name = My_Svc
[options]
install_requires =
    requests
    # no @ file:../no
    a @ file:../a ; python_version > "3"

    b @ file:///${PROJECT_ROOT}/../b
setup_requires = c @ file:../c ; d @ file:../d
tests-require: e @ file:../e
[options.extras_require]
dev =
  f @ file:../f
x = g @ file:../g
[flake8]
install_requires =
  h @ file:../h
`, `7 path ../a (a)
9 path ../b (b)
10 path ../c (c)
10 path ../d (d)
11 path ../e (e) dev
14 path ../f (f)
15 path ../g (g)`},
		{"where", "[options]\npackage_dir =\n    =../src\n    pkg = ../pkg\n[options.packages.find]\nwhere = ../src\n", "3 source-of ../src\n4 source-of ../pkg\n6 source-of ../src"},
		{"data files", "[options.data_files]\nshare = ../a/*.txt, b.txt\netc =\n    ../c\n", "2 source-of ../a\n2 source-of b.txt\n4 source-of ../c"},
		{"files", "[options]\ninstall_requires = file: a.txt, ../b.txt\n[options.extras_require]\nx = file:\n    c.txt\n", "2 -r a.txt\n2 -r ../b.txt\n5 -r c.txt"},
	})
}

func TestSetupCfgName(t *testing.T) {
	m, err := python.ParseSetupCfg([]byte("; a comment\n[metadata]\nname = My_Svc\n"))
	if err != nil || m.Name != "my-svc" {
		t.Errorf("name %q, error %v", m.Name, err)
	}
}

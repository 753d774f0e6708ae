package python_test

import "testing"

func TestPylock(t *testing.T) {
	checkManifests(t, "pylock.toml", []manifestCase{
		{"forms", `lock-version = "1.0"
[[packages]]
name = "a"
directory = { path = "../../libs/a", editable = true, subdirectory = "python" }
[[packages]]
name = "b"
[packages.archive]
url = "https://example.com/b.whl"
path = "../../wheels/b.whl"
[[packages]]
name = "c"
[packages.vcs]
type = "git"
path = "../c"
[[packages]]
name = "d"
sdist = { path = "../d.tar.gz" }
[[packages.wheels]]
name = "d-1-py3-none-any.whl"
path = "../d.whl"
[[packages.wheels]]
url = "file:../d%20d.whl"
[[packages]]
name = "e"
wheels = [{ url = "https://example.com/e.whl" }]
`, `4 path ../../libs/a#python (a)
9 path ../../wheels/b.whl (b)
14 path ../c (c)
17 path ../d.tar.gz (d)
20 path ../d.whl (d)
22 path ../d d.whl (d)`},
		{"groups", `[[packages]]
marker = "\"dev\" in dependency_groups"
directory.path = "../dev"
[[packages]]
marker = "'default' in dependency_groups or 'dev' in dependency_groups"
directory.path = "../both"
[[packages]]
marker = "sys_platform == 'linux' and 'test' in dependency_groups or 'docs' in dependency_groups"
directory.path = "../test"
[[packages]]
marker = "(sys_platform == 'linux' or python_version < '3.9') and 'dev' in dependency_groups"
directory.path = "../parentheses"
[[packages]]
marker = "sys_platform == 'linux'"
directory.path = "../platform"
`, `3 path ../dev dev
6 path ../both
9 path ../test dev
12 path ../parentheses
15 path ../platform`},
	})
	for base, want := range map[string]string{"pylock.dev.toml": "3 path ../a (a) dev", "pylock.prod.toml": "3 path ../a (a)"} {
		checkManifests(t, base, []manifestCase{{base, "[[packages]]\nname = \"a\"\ndirectory.path = \"../a\"\n", want}})
	}
}

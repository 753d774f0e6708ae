package python_test

import "testing"

func TestPipfile(t *testing.T) {
	checkManifests(t, "Pipfile", []manifestCase{
		{"forms", `[[source]]
url = "https://example.com/simple"
[packages]
requests = "*"
a = {path = "../a", editable = true, extras = ["x"]}
"B_b" = {file = "../b.whl"}
c = {file = "https://example.com/c.whl"}
e = {path = "${LIBS}/e"}
f = {path = "../libs/$NAME"}
[packages.g]
path = "../g"
[dev-packages]
h = {path = "../h"}
[docs]
i = {path = "../i"}
[aws]
j = {file = "file:../j%20j"}
[scripts]
k = {path = "../k"}
`, `5 path ../a (a)
6 path ../b.whl (b-b)
9 path ../libs (f)
11 path ../g (g)
13 path ../h (h) dev
15 path ../i (i) dev
17 path ../j j (j)`},
	})
}

func TestPipfileLock(t *testing.T) {
	checkManifests(t, "Pipfile.lock", []manifestCase{
		{"forms", `{
    "_meta": {"sources": [{"url": "https://example.com/simple"}], "x": {"path": "../no"}},
    "default": {
        "A_a": {"editable": true, "extras": ["path"], "path": "./../a"},
        "b": {"file": "../b.whl"},
        "c": {
            "hashes": ["sha256:00"],
            "version": "==1"
        },
        "e": {"p\u0061th": "../e"}
    },
    "develop": {
        "d": {
            "path": "../d"
        }
    }
}
`, `4 path ./../a (a-a)
5 path ../b.whl (b)
10 path ../e (e)
14 path ../d (d) dev`},
		{"nothing local", `{"default": {"a": {"version": "==1"}}}`, ""},
	})
}

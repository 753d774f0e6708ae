package python_test

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"

	"github.com/monoplan/monoplan/internal/python"
)

func TestRequirements(t *testing.T) {
	checkManifests(t, "requirements.txt", []manifestCase{
		{"editables", "-e ../a\n--editable=../b\n--editable ../c[x,y]\n-e../d\n-e \"../e e\"\n--edit ../f\n-e ../g#egg=G_g&subdirectory=sub\n-e .\n-e ../h ; python_version > '3'\n-e ../i;python_version>'3'\n-e ../j[x, y]\n",
			`1 path ../a
2 path ../b
3 path ../c
4 path ../d
5 path ../e e
6 path ../f
7 path ../g#sub (g-g)
8 path .
9 path ../h
10 path ../i
11 path ../j`},
		{"paths", "./lib[extra] ; python_version > '3'\n../a\n/srv/b\nvendor/c\nd-1.0-py3-none-any.whl\ne.tar.gz ; python_version > '3'\n.\n../f f\n../[g]/h\n",
			`1 path ./lib
2 path ../a
3 path /srv/b
4 path vendor/c
5 path d-1.0-py3-none-any.whl
6 path e.tar.gz
7 path .
8 path ../f f
9 path ../[g]/h`},
		{"URLs", "file:../a\nfile:///srv/b\nc @ file:../c --hash=sha256:00\nfile:///${PROJECT_ROOT}/../d\nhttps://example.com/e.whl\ngit+https://example.com/f.git#egg=f\n-e git+ssh://git@example.com/g.git#egg=g\nfile://../h\n-e i @ file:../i\n-e git@example.com:team/x.git\n",
			`1 path ../a
2 path /srv/b
3 path ../c (c)
4 path ../d
8 path ../h
9 path ../i (i)`},
		{"files", "-r base.txt\n-rdev.txt\n--requirement=../common/r.txt\n--requirement ../x.txt\n-c constraints.txt\n--constraint=../c.txt\n-f ../wheels\n--find-links=file:///srv/w\n--find-links https://example.com/w\n--extra-index-url ../index\n-r https://example.com/r.txt\n-i https://example.com/simple -r y.txt\n-r\n",
			`1 -r base.txt
2 -r dev.txt
3 -r ../common/r.txt
4 -r ../x.txt
5 -c constraints.txt
6 -c ../c.txt
7 links ../wheels
8 links /srv/w
10 links ../index
12 -r y.txt`},
		{"names alone are no paths", "requests\nboto3>=1,<2\nDjango[argon2]==5.0 ; python_version>='3' and platform_system=='a/b'\nfoo (>=1)\nbar --hash=sha256:aa --hash=sha256:bb\n--no-binary :all:\n--pre\n--require-hashes\n", ""},
		{"comments and continuations", "# -e ../no\n-e \\\n  ../a # why\nrequests==1 \\\n  --hash=sha256:00 \\\n  # ../no\n\n../b#not-a-comment\n  -e ../c\t# yes\n-e ../d \\\n\n-e ../e",
			`2 path ../a
8 path ../b#not-a-comment
9 path ../c
10 path ../d
12 path ../e`},
		{"variables", "-e ${LIBS}/a\n-e ../libs/${NAME}/b\n-e ${PROJECT_ROOT}/../c\n-e ../$X\n-e /${X}/y\n", "2 path ../libs\n3 path ../c\n4 path .."},
		{"line ends", "-e ../a\r\n-e ../b\r\n\r\n-e ../c", "1 path ../a\n2 path ../b\n4 path ../c"},
		{"form feed", "x\f-e ../a\n-e ../b\n", "1 path ../a\n2 path ../b"},
	})
}

func TestRequirementsEncodings(t *testing.T) {
	const text = "requests\r\n-e ../lib\r\n"
	units := utf16.Encode([]rune("\ufeff" + text))
	var little, big []byte
	for _, u := range units {
		little = binary.LittleEndian.AppendUint16(little, u)
		big = binary.BigEndian.AppendUint16(big, u)
	}
	for name, data := range map[string][]byte{"utf-8": []byte("\ufeff" + text), "utf-16le": little, "utf-16be": big} {
		m, err := python.ParseRequirements(data)
		if err != nil || describe(m) != "2 path ../lib" {
			t.Errorf("%s: %q, %v", name, describe(m), err)
		}
	}
}

func TestRequirementsThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		"-e ../a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> origin/main\n": "2:1: not a requirement: <<<<<<< HEAD",
		"ok\n\nfoo bar\n": "3:1: not a requirement: foo bar",
		"{{ name }}\n":    "1:1: not a requirement: {{ name }}",
	} {
		m, err := python.ParseRequirements([]byte(text))
		if err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
		if m == nil {
			t.Errorf("%q: no manifest", text)
		}
	}
}

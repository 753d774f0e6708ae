// Package oracle holds the readers of Python's formats against Python's own packaging library.
//
// testdata/cases.py makes cases, many of them at the edges and some of them broken, and writes down what the library says about each. The
// results of one run are in testdata; where a Python with the library is at hand (MONOPLAN_TEST_PYTHON_TOOLS), new cases are made
// as well, other ones every day.
package oracle_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/monoplan/monoplan/internal/python/marker"
	"github.com/monoplan/monoplan/internal/python/pep440"
	"github.com/monoplan/monoplan/internal/python/requirement"
	"github.com/monoplan/monoplan/internal/python/tag"
	"github.com/monoplan/monoplan/internal/python/target"
)

func TestRecorded(t *testing.T) {
	file, err := os.Open("testdata/packaging.tsv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	check(t, unzipped)
}

func TestLive(t *testing.T) {
	tools := os.Getenv("MONOPLAN_TEST_PYTHON_TOOLS")
	if tools == "" {
		t.Skip("MONOPLAN_TEST_PYTHON_TOOLS names no directory of Python tools")
	}
	seed := time.Now().UTC().Format("20060102")
	out, err := exec.CommandContext(t.Context(), filepath.Join(tools, "bin", "python"), "testdata/cases.py", seed, "2000").Output()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("seed %s", seed)
	check(t, bytes.NewReader(out))
}

// check compares each case with what is said here.
func check(t *testing.T, cases io.Reader) {
	t.Helper()
	c := checker{t: t, counts: map[string]int{}}
	lines := bufio.NewScanner(cases)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		c.counts[fields[0]]++
		if got, want := c.answer(fields[0], fields[1:]); got != want {
			t.Errorf("%q: %q, want %q", fields, got, want)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"version", "compare", "specifier", "marker", "requirement", "wheel", "best"} {
		if c.counts[kind] < 1000 {
			t.Errorf("%d cases of %s", c.counts[kind], kind)
		}
	}
	t.Log(c.counts)
}

type checker struct {
	t            *testing.T
	environments []marker.Environment
	counts       map[string]int
}

// refused is the answer of the script to what the library does not take.
const refused = "!"

// answer gives what is said here about a case, and what the library says.
func (c *checker) answer(kind string, fields []string) (got, want string) {
	want = fields[len(fields)-1]
	switch kind {
	case "version":
		v, err := pep440.Parse(fields[0])
		if err != nil {
			return refused, want
		}
		return v.String(), want
	case "compare":
		return strconv.Itoa(c.version(fields[0]).Compare(c.version(fields[1]))), want
	case "specifier":
		spec, err := pep440.ParseSpecifier(fields[0])
		if err != nil {
			return refused, want
		}
		return bit(spec.ContainsText(fields[1])), want
	case "environment":
		c.environments = append(c.environments, environment(fields))
		return "", ""
	case "marker":
		return c.marker(fields[0]), want
	case "requirement":
		return describeRequirement(fields[0]), strings.Join(fields[1:], " | ")
	case "wheel":
		return describeWheel(fields[0]), strings.Join(fields[1:], " | ")
	case "tags":
		return describeTags(c.tags(fields)), strings.Join(fields[4:], " | ")
	case "best":
		return best(tag.NewRanking(c.tags(fields)), strings.Fields(fields[4])), want
	default:
		return "a kind of case", kind
	}
}

func (c *checker) version(text string) pep440.Version {
	v, err := pep440.Parse(text)
	if err != nil {
		c.t.Error(err)
	}
	return v
}

// environment is one of those that the script evaluates markers in.
func environment(fields []string) marker.Environment {
	e := marker.Environment{
		OSName: "posix", SysPlatform: "linux", PlatformMachine: fields[2], PlatformPythonImplementation: "CPython",
		PlatformRelease: fields[3], PlatformSystem: "Linux", PythonVersion: fields[0], PythonFullVersion: fields[1],
		ImplementationName: "cpython", ImplementationVersion: fields[1], Groups: []string{"dev", "Some.Group"},
	}
	if fields[4] != "" {
		e.Extras = []string{fields[4]}
	}
	return e
}

func (c *checker) marker(text string) string {
	m, err := marker.Parse(text)
	if err != nil || m.IsAny() {
		return refused
	}
	answer := ""
	for _, e := range c.environments {
		answer += bit(m.Evaluate(e))
	}
	return answer
}

func describeRequirement(text string) string {
	req, err := requirement.Parse(text)
	if err != nil {
		return refused
	}
	extras := slices.Sorted(slices.Values(req.Extras))
	return strings.Join([]string{
		req.Name, strings.Join(slices.Compact(extras), ","), req.Specifier.String(), req.URL, bit(!req.Marker.IsAny()),
	}, " | ")
}

func describeWheel(name string) string {
	w, err := tag.ParseWheel(name)
	if err != nil {
		return refused
	}
	var tags []string
	for _, t := range w.Tags {
		tags = append(tags, t.String())
	}
	slices.Sort(tags)
	return strings.Join([]string{w.Name, w.Version.String(), w.Build.String(), strings.Join(slices.Compact(tags), ",")}, " | ")
}

// tags gives the tags of a target: Python's minor version, architecture, C library and its minor version.
func (c *checker) tags(fields []string) []tag.Tag {
	minor, err := strconv.Atoi(fields[3])
	if err != nil {
		c.t.Fatal(err)
	}
	on := target.Target{Python: "3." + fields[0], Architecture: "x86_64", Libc: target.Libc{Major: 2, Minor: minor}}
	if fields[1] == "aarch64" {
		on.Architecture = "arm64"
	}
	if fields[2] == "musl" {
		on.Libc = target.Libc{Musl: true, Major: 1, Minor: minor}
	}
	return on.Tags()
}

// describeTags gives how many tags there are, some of them, and the last one.
func describeTags(tags []tag.Tag) string {
	var some []string
	for i := 0; i < len(tags); i += max(1, len(tags)/25) {
		some = append(some, tags[i].String())
	}
	return fmt.Sprintf("%d | %s | %s", len(tags), strings.Join(some, ","), tags[len(tags)-1])
}

func best(ranking tag.Ranking, names []string) string {
	best := "-"
	var chosen tag.Wheel
	for _, name := range names {
		w, err := tag.ParseWheel(name)
		if err != nil {
			return err.Error()
		}
		if _, fits := ranking.Rank(w); fits && (best == "-" || ranking.Compare(w, chosen) < 0) {
			best, chosen = name, w
		}
	}
	return best
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

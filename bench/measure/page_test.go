//go:build unix

package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWriteSection(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(file, []byte("# Page\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct{ name, text string }{{"a", "first"}, {"b", "second"}, {"a", "third"}} {
		if err := writeSection(file, s.name, "About "+s.name, s.text); err != nil {
			t.Fatal(err)
		}
	}
	const want = "# Page\n\n## About a\n\n<!-- measured: a -->\n\nthird\n\n<!-- end of a -->\n" +
		"\n## About b\n\n<!-- measured: b -->\n\nsecond\n\n<!-- end of b -->\n"
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
	if err := os.WriteFile(file, []byte("<!-- measured: a -->\nand no end"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := writeSection(file, "a", "About a", "text"); err == nil {
		t.Error("a section without an end was replaced")
	}
}

func TestTable(t *testing.T) {
	table := &table{columns: []string{"", "ms"}}
	table.add("git", "1.0")
	var b strings.Builder
	table.write(&b)
	if got, want := b.String(), "|  | ms |\n| --- | ---: |\n| git | 1.0 |\n\n"; got != want {
		t.Errorf("%q", got)
	}
}

// The chart is XML, has a mark for each point, and puts more time higher up.
func TestChart(t *testing.T) {
	c := &chart{title: "Files", unit: "ms", ticks: []string{"10k", "100k", "1M"}, lines: []*line{
		{label: "git diff", points: []point{{1, 2, 3}, {2, 3, 4}, {3, 4, 5}}},
		{label: "monoplan", points: []point{{4, 5, 6}, {6, 7, 8}, {20, 30, 37}}},
	}}
	svg := c.svg()
	decoder := xml.NewDecoder(strings.NewReader(svg))
	circles, heights := 0, []string{}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "circle" {
			circles++
			for _, a := range start.Attr {
				if a.Name.Local == "cy" {
					heights = append(heights, a.Value)
				}
			}
		}
	}
	if circles != 6 || heights[0] != "298.8" || heights[5] != "114.0" {
		t.Errorf("%d points at heights %q", circles, heights)
	}
	for most, want := range map[float64]float64{0: 0.0002, 3: 0.5, 30: 5, 60: 10, 99: 20} {
		if got := (&chart{lines: []*line{{points: []point{{high: most}}}}}).step(); got != want {
			t.Errorf("step for %v is %v, want %v", most, got, want)
		}
	}
}

func TestParseBenchmarks(t *testing.T) {
	list := parseBenchmarks(`pkg: github.com/monoplan/monoplan/planner
BenchmarkMake/services=2-2   	 10	 3000 ns/op	 64 B/op	 2 allocs/op
BenchmarkMake/services=2-2   	 10	 1000 ns/op	 64 B/op	 2 allocs/op
BenchmarkMake/services=2-2   	 10	 2000 ns/op	 5.0 MB/s	 64 B/op	 2 allocs/op
PASS
`)
	if len(list) != 1 || list[0].name != "planner Make/services=2" || list[0].median("ns/op") != 2000 || list[0].median("allocs/op") != 2 {
		t.Errorf("%+v", list)
	}
}

func TestSameNames(t *testing.T) {
	expected := []string{"@bench/pkg-00001", "@bench/pkg-00002"}
	if err := sameNames(`[{"name": "@bench/pkg-00002"}, "@bench/pkg-00001"]`, expected); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{"", "@bench/pkg-00001", "@bench/pkg-00001\n@bench/pkg-00002\n@bench/pkg-00003"} {
		if sameNames(wrong, expected) == nil {
			t.Errorf("%q passed", wrong)
		}
	}
}

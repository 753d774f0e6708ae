package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/monoplan/monoplan/packager"
	"github.com/monoplan/monoplan/packager/assemble"
	"github.com/monoplan/monoplan/report"
)

func (o *packageOptions) print(a *app, j *packaging, results []packager.Result) error {
	if o.format == "json" {
		return j.printJSON(a, results)
	}
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, r := range results {
		fmt.Fprintf(table, "%s\t%s\t%s\n", r.Outcome, report.Quote(r.Service.Name), j.summary(r))
		for _, m := range r.Relocked {
			fmt.Fprintf(table, "\t\tlocked anew: %s\n", moved(m))
		}
		if o.explain {
			for _, line := range explanation(r) {
				fmt.Fprintf(table, "\t\t%s\n", line)
			}
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(results) > 0 {
		fmt.Fprintln(a.out)
	}
	_, err := fmt.Fprintln(a.out, countOutcomes(results))
	return err
}

// summary is what there is to say of a result in a line.
func (j *packaging) summary(r packager.Result) string {
	switch r.Outcome {
	case packager.Left:
		return "left to the tool that deploys it: " + r.Why
	case packager.Failed:
		first, _, _ := strings.Cut(r.Err.Error(), "\n")
		return first
	case packager.WouldPackage:
		if r.Why != "" {
			return r.Why
		}
		return strings.TrimPrefix(work("to fetch", "to build", r), ", ")
	}
	text := fmt.Sprintf("%s  %s", j.shown(r.Artifact), formatBytes(r.Code.Size))
	if r.Layer != nil {
		text += fmt.Sprintf(", layer %s  %s", j.shown(r.LayerArtifact), formatBytes(r.Layer.Size))
	}
	if r.Outcome == packager.Packaged {
		text += fmt.Sprintf(" in %s%s", r.Took.Round(10*time.Millisecond), work("fetched", "built", r))
	}
	return text
}

// work says how many wheels were fetched and built, or are to be.
func work(fetched, built string, r packager.Result) string {
	text := ""
	if r.Fetched > 0 {
		text += fmt.Sprintf(", %d %s %s", r.Fetched, wheels(r.Fetched), fetched)
		if r.FetchedBytes > 0 {
			text += " (" + formatBytes(r.FetchedBytes) + ")"
		}
	}
	if r.Built > 0 {
		text += fmt.Sprintf(", %d %s %s", r.Built, wheels(r.Built), built)
	}
	if text == "" && r.Outcome == packager.WouldPackage {
		return "nothing to fetch and nothing to build"
	}
	return text
}

func wheels(n int) string {
	if n == 1 {
		return "wheel"
	}
	return "wheels"
}

// shown gives a path as it is seen from the current directory where it is below it, or else from the root.
func (j *packaging) shown(file string) string { return shownFrom(j.app.resolve(""), file) }

func shownFrom(from, file string) string {
	if name, err := filepath.Rel(from, file); err == nil && !strings.HasPrefix(name, "..") {
		return filepath.ToSlash(name)
	}
	return file
}

// explanation says which inputs of an artifact moved.
func explanation(r packager.Result) []string {
	switch {
	case r.Outcome == packager.Left, r.Outcome == packager.Failed:
		return nil
	case r.First:
		return []string{"there is no artifact of an earlier run"}
	case len(r.Moved) == 0 && r.Outcome != packager.Unchanged:
		return []string{"all inputs are as they were, and the artifact is not there or is not as it was"}
	case len(r.Moved) == 0:
		return []string{"all inputs are as they were"}
	}
	var lines []string
	for _, m := range r.Moved {
		lines = append(lines, moved(m))
	}
	return lines
}

// moved says what something is that is not what it was.
func moved(m packager.Move) string {
	switch {
	case m.Before == "":
		return fmt.Sprintf("%s: came, %s", m.Input, brief(m.After))
	case m.After == "":
		return fmt.Sprintf("%s: went, it was %s", m.Input, brief(m.Before))
	}
	return fmt.Sprintf("%s: %s, it was %s", m.Input, brief(m.After), brief(m.Before))
}

// brief cuts the digests in an input's value.
func brief(value string) string {
	const digits = 10
	words := strings.Fields(value)
	for i, w := range words {
		algorithm, hex, ok := strings.Cut(w, ":")
		if !ok {
			algorithm, hex = "", w
		}
		if len(hex) >= 40 && strings.Trim(hex, "0123456789abcdef") == "" {
			words[i] = strings.TrimPrefix(algorithm+":"+hex[:digits], ":")
		}
	}
	return strings.Join(words, " ")
}

// countOutcomes ends the text with how many services there were of each outcome.
func countOutcomes(results []packager.Result) string {
	counts := make(map[packager.Outcome]int)
	for _, r := range results {
		counts[r.Outcome]++
	}
	var words []string
	for _, o := range []struct {
		outcome packager.Outcome
		word    string
	}{
		{packager.Packaged, "packaged"}, {packager.WouldPackage, "to package"}, {packager.Unchanged, "unchanged"},
		{packager.Left, "left"}, {packager.Failed, "failed"},
	} {
		if n := counts[o.outcome]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, o.word))
		}
	}
	if len(words) == 0 {
		return "no service to package"
	}
	return strings.Join(words, ", ")
}

// packagesJSON is what --format json prints; docs/packaging.md describes it.
type packagesJSON struct {
	Version  int           `json:"version"`
	Services []packageJSON `json:"services"`
}

type packageJSON struct {
	Name    string           `json:"name"`
	Path    string           `json:"path"`
	Outcome packager.Outcome `json:"outcome"`
	Why     string           `json:"why,omitempty"`
	Error   string           `json:"error,omitempty"`
	Hint    string           `json:"hint,omitempty"`
	Key     string           `json:"key,omitempty"`
	// Code and Layer are absent where nothing was made.
	Code         *artifactJSON `json:"code,omitempty"`
	Layer        *artifactJSON `json:"layer,omitempty"`
	Manifest     string        `json:"manifest,omitempty"`
	Fetched      int           `json:"fetched"`
	FetchedBytes int64         `json:"fetched_bytes"`
	Built        int           `json:"built"`
	Moved        []moveJSON    `json:"moved,omitempty"`
	// Relocked has the packages of a lock that was made anew, with their versions.
	Relocked []lockedJSON `json:"relocked,omitempty"`
}

type lockedJSON struct {
	Package string `json:"package"`
	Before  string `json:"before"`
	After   string `json:"after"`
}

type artifactJSON struct {
	// File is the stable name, absolute; Archive the one that its hash gives it.
	File       string `json:"file"`
	Archive    string `json:"archive"`
	SHA256     string `json:"sha256"`
	CodeSHA256 string `json:"code_sha256"`
	Size       int64  `json:"size"`
	Unpacked   int64  `json:"unpacked"`
}

type moveJSON struct {
	Input  string `json:"input"`
	Before string `json:"before"`
	After  string `json:"after"`
}

func (j *packaging) printJSON(a *app, results []packager.Result) error {
	out := packagesJSON{Version: 1, Services: []packageJSON{}}
	for _, r := range results {
		out.Services = append(out.Services, j.asJSON(r))
	}
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func (j *packaging) asJSON(r packager.Result) packageJSON {
	p := packageJSON{
		Name: r.Service.Name, Path: r.Service.Path, Outcome: r.Outcome, Why: r.Why, Key: r.Key,
		Fetched: r.Fetched, FetchedBytes: r.FetchedBytes, Built: r.Built,
	}
	if r.Err != nil {
		p.Error, p.Hint = r.Err.Error(), j.hint(r.Err)
	}
	if r.Artifact != "" {
		p.Code = j.artifact(r.Artifact, r.Code)
		p.Manifest = r.Manifest
	}
	if r.Layer != nil {
		p.Layer = j.artifact(r.LayerArtifact, *r.Layer)
	}
	for _, m := range r.Relocked {
		p.Relocked = append(p.Relocked, lockedJSON{m.Input, m.Before, m.After})
	}
	if j.options.explain {
		for _, m := range r.Moved {
			p.Moved = append(p.Moved, moveJSON{m.Input, m.Before, m.After})
		}
	}
	return p
}

func (j *packaging) artifact(file string, m assemble.ManifestArchive) *artifactJSON {
	return &artifactJSON{
		File: file, Archive: filepath.Join(j.config.Output, filepath.FromSlash(m.File)),
		SHA256: m.SHA256, CodeSHA256: m.CodeSHA256, Size: m.Size, Unpacked: m.Unpacked,
	}
}

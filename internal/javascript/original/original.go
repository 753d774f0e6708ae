// Package original asks JavaScript's own libraries, for the tests that hold ours against them.
package original

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Ask gives what a function of JavaScript returns for each question. The function is an expression that may require
// what internal/check installs under the name of oracles. Without that the test is skipped; with CI=true it fails.
func Ask[Q, A any](t *testing.T, function string, questions []Q) []A {
	t.Helper()
	tools := os.Getenv("MONOPLAN_TEST_NODE_TOOLS")
	if tools == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("MONOPLAN_TEST_NODE_TOOLS is not set, and with CI=true nothing may be skipped")
		}
		t.Skip("MONOPLAN_TEST_NODE_TOOLS names no directory with the originals (./test sets it)")
	}
	input, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("const answer = %s; console.log(JSON.stringify(JSON.parse(require('fs').readFileSync(0)).map(answer)))", function)
	cmd := exec.CommandContext(t.Context(), filepath.Join(tools, "bin", "node"), "-e", script)
	cmd.Dir = filepath.Join(tools, "oracles")
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var answers []A
	if err := json.Unmarshal(output, &answers); err != nil {
		t.Fatal(err)
	}
	if len(answers) != len(questions) {
		t.Fatalf("%d answers to %d questions", len(answers), len(questions))
	}
	return answers
}

//go:build linux

package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/dockertest"
)

// A disk on which what is built does not fit, be it the store's or that of the artifacts, fails the one service, by the name of the directory.
// The others have their artifacts, nothing half-written is there, and with more room the next run makes the rest.
func TestDockerFullDisk(t *testing.T) {
	engine := dockertest.New(t)
	for _, c := range []struct {
		name string
		// small is the directory with the small disk: the store, one for --output, or the repository's own.
		small func(dir, store, output string) string
		says  string
	}{
		{"store", func(_, store, _ string) string { return store }, "no space left for the store in "},
		{"artifacts", func(_, _, output string) string { return output }, "no space left in "},
		{"repository", func(dir, _, _ string) string { return filepath.Join(dir, ".monoplan") }, "no space left in "},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, store, output := twoServices(t, engine), filepath.Join(t.TempDir(), "store"), filepath.Join(t.TempDir(), "output")
			small := c.small(dir, store, output)
			if err := os.Mkdir(small, 0o777); err != nil {
				t.Fatal(err)
			}
			dockertest.SmallDisk(t, small, "2m")
			var args []string
			if small == output {
				args = []string{"--output", output}
			}
			p := startPackage(t, dir, store, nil, args)
			wantFailed(t, p, "monoplan: error: api: "+c.says+small+"/", "hint: ")
			if !strings.Contains(p.stdout.String(), "packaged  other") {
				t.Errorf("the other service is not packaged:\n%s", p)
			}
			for _, tree := range []string{dir, store, output} {
				nothingHalf(t, tree)
			}
			if out, err := exec.CommandContext(t.Context(), "mount", "-o", "remount,size=64m", small).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			p = startPackage(t, dir, store, nil, args)
			if code := p.end(); code != int(exitFine) || !strings.Contains(p.stdout.String(), "1 packaged, 1 unchanged") {
				t.Errorf("with more room: exit code %d\n%s", code, p)
			}
			verify := exec.CommandContext(t.Context(), "monoplan", "cache", "verify")
			verify.Env = testEnvironment(storeDirVariable + "=" + store)
			if out, err := verify.CombinedOutput(); err != nil {
				t.Errorf("the store: %v\n%s", err, out)
			}
		})
	}
}

// twoServices is a repository of a service whose library becomes a wheel of more than 3 MB, and of a small one.
func twoServices(t *testing.T, engine dockertest.Engine) string {
	t.Helper()
	dir := buildRepository(t, engine, "  image: "+engine.Base+"\n", "seen = os.urandom(3 << 20).hex()")
	other := filepath.Join(dir, "services", "other")
	if err := os.Mkdir(other, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"serverless.yml": "service: other\n", "handler.py": "\n"} {
		if err := os.WriteFile(filepath.Join(other, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	commitAll(t, dir)
	return dir
}

// nothingHalf wants no archive, and no file on its way to one, that belongs to what failed.
func nothingHalf(t *testing.T, tree string) {
	t.Helper()
	err := filepath.WalkDir(tree, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := d.Name()
		if strings.HasPrefix(name, ".new-") || strings.HasSuffix(name, ".whl") || strings.Contains(path, "/api") && strings.HasSuffix(name, ".zip") {
			t.Errorf("there is %s", path)
		}
		return nil
	})
	if err != nil && !os.IsNotExist(err) {
		t.Error(err)
	}
}

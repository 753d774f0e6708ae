package main

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// elsewhere is another way to package the same commit.
type elsewhere struct {
	umask string
	env   []string
	args  []string
	// user is the user's ID, 0 for the one that tests run as.
	user uint32
}

// An artifact has the same bytes on another path, by another user, with another umask, time zone, locale, home, engine and
// number of processors, its libraries built each time. That another user does it only root can see to.
func TestArtifactsElsewhere(t *testing.T) {
	home := publicDir(t)
	program := filepath.Join(home, "monoplan")
	copyProgram(t, program)
	repository := filepath.Join(home, "repository")
	elsewhereRepository(t, repository)
	want := packagedElsewhere(t, program, repository, elsewhere{umask: "022"})
	for name, e := range map[string]elsewhere{
		"once more":     {umask: "022"},
		"umask 077":     {umask: "077"},
		"umask 000":     {umask: "000", env: []string{"TZ=Pacific/Kiritimati", "LC_ALL=C"}},
		"Turkish":       {umask: "022", env: []string{"TZ=America/New_York", "LC_ALL=tr_TR.UTF-8"}},
		"1 processor":   {umask: "022", env: []string{"GOMAXPROCS=1"}},
		"16 processors": {umask: "022", env: []string{"GOMAXPROCS=16"}, args: []string{"--concurrency", "16"}},
		"go-git":        {umask: "022", args: []string{"--git-engine", "go-git"}},
		"worktree":      {umask: "022", args: []string{"--worktree"}},
		"another user":  {umask: "022", user: 54321},
		"all at once":   {umask: "027", user: 54322, env: []string{"TZ=Asia/Kathmandu", "LC_ALL=de_DE.UTF-8", "GOMAXPROCS=16"}},
	} {
		t.Run(name, func(t *testing.T) {
			if e.user != 0 && os.Getuid() != 0 {
				t.Skip("only root can be another user")
			}
			got := packagedElsewhere(t, program, repository, e)
			for _, file := range slices.Sorted(maps.Keys(want)) {
				if got[file] != want[file] {
					t.Errorf("%s differs: %d bytes, and %d before", file, len(got[file]), len(want[file]))
				}
			}
		})
	}
}

// publicDir makes a directory that every user may read, below others that are so.
func publicDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "monoplan elsewhere ")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// copyProgram makes the command: this test's program, which by that name is it (see TestMain).
func copyProgram(t *testing.T, file string) {
	t.Helper()
	this, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(this)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close(), os.Chmod(file, 0o755)); err != nil {
		t.Fatal(err)
	}
}

// systemPython gives the version of the system's own Python, which every user may run.
func systemPython(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "/usr/bin/python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])").Output()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("there is no /usr/bin/python3 to build with")
	}
	return strings.TrimSpace(string(out))
}

func elsewhereRepository(t *testing.T, dir string) {
	t.Helper()
	for name, text := range map[string]string{
		"seed.yml":                        "services: [{path: services/posts, package: {format: layer, builder: local}}]\n",
		"services/posts/serverless.yml":   "service: posts\nprovider: {name: aws, runtime: python" + systemPython(t) + "}\n",
		"services/posts/handler.py":       strings.Repeat("def handle(event, context):\n    return 1\n", 100),
		"services/posts/\u00e4.txt":       "\u00e4\n",
		"services/posts/requirements.txt": "../../libs/core\n",
		"libs/core/pyproject.toml":        "[project]\nname = \"core\"\nversion = \"1.0\"\n[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\"tools\"]\n",
		"libs/core/core/__init__.py":      "x = 1\n",
		"libs/core/tools/backend.py":      elsewhereBackend,
	} {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "-A"}, {"commit", "-q", "-m", "one"}} {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir, cmd.Env = dir, testEnvironment()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args[0], err, out)
		}
	}
}

// packagedElsewhere packages a copy of a repository, and gives the content of each file that is to be the same.
func packagedElsewhere(t *testing.T, program, repository string, e elsewhere) map[string]string {
	t.Helper()
	home := publicDir(t)
	dir := filepath.Join(home, "r")
	if err := os.CopyFS(dir, os.DirFS(repository)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sh", append([]string{"-c", `umask "$1"; shift; exec "$@"`, "sh", e.umask, program, "package"}, e.args...)...)
	cmd.Dir = dir
	cmd.Env = append([]string{"PATH=/usr/bin:/bin", "HOME=" + home, "TMPDIR=" + home}, slices.Concat(gitEnvironment(), e.env)...)
	if e.user != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: e.user, Gid: e.user}}
		err := filepath.WalkDir(home, func(file string, _ fs.DirEntry, err error) error {
			return errors.Join(err, os.Lchown(file, int(e.user), int(e.user)))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	files := make(map[string]string)
	for _, name := range []string{"posts.zip", "layers/posts.zip", "posts/manifest.json", "posts/sbom.cdx.json"} {
		data, err := os.ReadFile(filepath.Join(dir, ".monoplan", "artifacts", name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(data)
	}
	return files
}

// elsewhereBackend makes a wheel whose files have the times, modes and order of the moment.
const elsewhereBackend = `
import os, random, time, zipfile

def build_wheel(out, config_settings=None, metadata_directory=None):
    files = {"core/__init__.py": open("core/__init__.py").read(), "core/data.txt": "data",
             "core-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: core\nVersion: 1.0\n",
             "core-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    names = random.SystemRandom().sample(list(files), len(files))
    record = "".join(n + ",,\n" for n in files) + "core-1.0.dist-info/RECORD,,\n"
    with zipfile.ZipFile(os.path.join(out, "core-1.0-py3-none-any.whl"), "w") as z:
        for n in names:
            z.writestr(zipfile.ZipInfo(n, time.localtime()[:6]), files[n])
        z.writestr("core-1.0.dist-info/RECORD", record)
    return "core-1.0-py3-none-any.whl"
`

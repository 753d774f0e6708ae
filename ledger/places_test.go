package ledger_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/internal/bucket"
	"github.com/monoplan/monoplan/internal/bucket/buckettest"
	"github.com/monoplan/monoplan/ledger"
	"github.com/monoplan/monoplan/ledger/gitstore"
	"github.com/monoplan/monoplan/ledger/s3store"
)

// place is a backend with a place of its own, as many machines see it.
type place struct {
	t testing.TB
	// machine gives what opens the place from another machine: a clone of its own, where that matters.
	machine func() opener
	// overwrite puts text where the stage "prod" is, as a person or another program might.
	overwrite func(text string)
}

// opener says how a store is opened, in words that another process can be told.
type opener struct {
	Kind string // file, git or s3
	At   string // the file, the directory of the repository, or the URL
	// Engine and Remote are of git.
	Engine, Remote string
}

// open opens a store. What has to be closed is closed by the function.
func (o opener) open(ctx context.Context) (ledger.Store, func(), error) {
	switch o.Kind {
	case "file":
		return ledger.File(o.At), func() {}, nil
	case "s3":
		b, err := bucket.Open(ctx, o.At)
		if err != nil {
			return nil, nil, err
		}
		return s3store.New(b, s3store.Options{}), func() {}, nil
	}
	repo, err := gitdiff.Open(ctx, o.At, gitdiff.Options{Engine: o.Engine, Env: os.Environ()})
	if err != nil {
		return nil, nil, err
	}
	documents := repo.Documents()
	store := gitstore.New(documents, gitstore.Options{Ref: func(stage string) string { return "refs/monoplan/" + stage }, Remote: o.Remote})
	return store, func() { _, _ = documents.Close(), repo.Close() }, nil
}

// store opens the place from another machine.
func (p *place) store() ledger.Store {
	p.t.Helper()
	s, end, err := p.machine().open(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(end)
	return s
}

// ledger is the place with the logic, from another machine.
func (p *place) ledger() *ledger.Ledger {
	p.t.Helper()
	return ledger.New(p.store(), ledger.Options{Now: time.Now, Who: "tester", Host: "machine", Dir: p.t.TempDir()})
}

// eachPlace runs a test over every backend that the machine has.
func eachPlace(t *testing.T, test func(t *testing.T, p *place)) {
	for _, b := range []struct {
		name string
		make func(t testing.TB) *place
	}{
		{"file", filePlace},
		{"git", func(t testing.TB) *place { return gitPlace(t, "git") }},
		{"go-git", func(t testing.TB) *place { return gitPlace(t, "go-git") }},
		{"git sha256", func(t testing.TB) *place { return gitPlace(t, "git", "--object-format=sha256") }},
		{"git reftable", func(t testing.TB) *place { return gitPlace(t, "git", "--ref-format=reftable") }},
		{"git remote", func(t testing.TB) *place { return remotePlace(t, fileRemote) }},
		{"git remote, go-git", func(t testing.TB) *place { return remotePlace(t, fileRemote, "go-git") }},
		{"git remote, http", func(t testing.TB) *place { return remotePlace(t, httpRemote) }},
	} {
		t.Run(b.name, func(t *testing.T) { test(t, b.make(t)) })
	}
	for _, server := range buckettest.Servers() {
		t.Run("s3 "+server.Name, func(t *testing.T) { test(t, s3Place(t, server)) })
	}
}

func filePlace(t testing.TB) *place {
	path := filepath.Join(t.TempDir(), "below", "ledger.json")
	return &place{
		t:       t,
		machine: func() opener { return opener{Kind: "file", At: path} },
		overwrite: func(text string) {
			write(t, path, "{\"version\": 1, \"stages\": {\"prod\": "+text+"}}")
		},
	}
}

// gitPlace is a repository that several programs use at once.
func gitPlace(t testing.TB, engine string, init ...string) *place {
	dir := repository(t, init...)
	return &place{
		t:         t,
		machine:   func() opener { return opener{Kind: "git", At: dir, Engine: engine} },
		overwrite: func(text string) { commitText(t, dir, text) },
	}
}

// remotePlace is a bare repository that each machine has a clone of.
func remotePlace(t testing.TB, serve func(t testing.TB, bare string) string, engine ...string) *place {
	bare := filepath.Join(patientDir(t), "bare.git")
	run(t, "", "git", "clone", "-q", "--bare", repository(t), bare)
	url := serve(t, bare)
	return &place{
		t: t,
		machine: func() opener {
			clone := filepath.Join(patientDir(t), "clone")
			run(t, "", "git", "clone", "-q", url, clone)
			return opener{Kind: "git", At: clone, Engine: strings.Join(engine, ""), Remote: "origin"}
		},
		overwrite: func(text string) { commitText(t, bare, text) },
	}
}

func fileRemote(_ testing.TB, bare string) string { return "file://" + bare }

// httpRemote serves a repository as git's own program for web servers does (git-http-backend(1)).
func httpRemote(t testing.TB, bare string) string {
	path := strings.TrimSpace(run(t, "", "git", "--exec-path"))
	if _, err := os.Stat(filepath.Join(path, "git-remote-http")); err != nil {
		t.Skip("the installed git does not speak http")
	}
	run(t, bare, "git", "config", "http.receivepack", "true")
	handler := &cgi.Handler{
		Path: filepath.Join(path, "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + filepath.Dir(bare), "GIT_HTTP_EXPORT_ALL=1", "HOME=" + t.TempDir()},
	}
	server := httptest.NewServer(http.HandlerFunc(handler.ServeHTTP))
	t.Cleanup(server.Close)
	return server.URL + "/" + filepath.Base(bare)
}

func s3Place(t *testing.T, server buckettest.Server) *place {
	server.Start(t)
	t.Setenv("AWS_MAX_ATTEMPTS", "2")
	url := "s3://" + buckettest.Name + "/" + strings.ReplaceAll(t.Name(), "/", "-")
	return &place{
		t:       t,
		machine: func() opener { return opener{Kind: "s3", At: url} },
		overwrite: func(text string) {
			b, err := bucket.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			var old strings.Builder
			version, err := b.Get(t.Context(), "prod.json", &old)
			if err != nil {
				t.Fatal(err)
			}
			if taken, err := b.Put(t.Context(), "prod.json", version, strings.NewReader(text)); err != nil || !taken {
				t.Fatal(taken, err)
			}
		},
	}
}

// repository makes a repository with one commit, and keeps the user's configuration out of the test.
func repository(t testing.TB, init ...string) string {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	for name, value := range map[string]string{
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
		"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "C", "GIT_COMMITTER_EMAIL": "c@example.com",
		"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "protocol.file.allow", "GIT_CONFIG_VALUE_0": "always",
	} {
		t.Setenv(name, value)
	}
	dir := t.TempDir()
	if out, err := exec.Command("git", append([]string{"init", "-q", "-b", "main", dir}, init...)...).CombinedOutput(); err != nil {
		switch {
		case strings.Contains(fmt.Sprint(init), "reftable"):
			t.Skipf("the installed git makes no reftable repositories: %s", out)
		case strings.Contains(fmt.Sprint(init), "sha256"):
			t.Skipf("the installed git makes no sha256 repositories: %s", out)
		}
		t.Fatalf("%v: %s", err, out)
	}
	write(t, filepath.Join(dir, "file"), "content")
	run(t, dir, "git", "add", "-A")
	run(t, dir, "git", "commit", "-q", "-m", "first")
	return dir
}

// commitText makes a commit whose ledger.json has this text the ledger of stage prod.
func commitText(t testing.TB, dir, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "text")
	write(t, file, text)
	blob := strings.TrimSpace(run(t, dir, "git", "hash-object", "-w", file))
	cmd := exec.Command("git", "mktree")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader("100644 blob "+blob+"\tledger.json\n")
	tree, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	commit := strings.TrimSpace(run(t, dir, "git", "commit-tree", "-m", "by hand", strings.TrimSpace(string(tree))))
	run(t, dir, "git", "update-ref", "refs/monoplan/prod", commit)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func run(t testing.TB, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

// patientDir is a temporary directory in which a push may go on when the test ends: it outlives a writer that was killed.
func patientDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ledger-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := os.RemoveAll(dir)
		for wait := 0; err != nil && wait < 100; wait++ {
			time.Sleep(20 * time.Millisecond)
			err = os.RemoveAll(dir)
		}
		if err != nil {
			t.Error(err)
		}
	})
	return dir
}

package index

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// pypiserver starts a pypiserver that has the file, and demands a password for everything. It is looked for where
// MONOPLAN_TEST_PYTHON_TOOLS says, else in PATH.
func pypiserver(t *testing.T) (address string) {
	t.Helper()
	program := "pypi-server"
	if tools := os.Getenv("MONOPLAN_TEST_PYTHON_TOOLS"); tools != "" {
		program = filepath.Join(tools, "bin", program)
	}
	program, err := exec.LookPath(program)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("pypiserver is not installed")
		}
		t.Skip("pypiserver is not installed")
	}
	packages := t.TempDir()
	if err := os.WriteFile(filepath.Join(packages, wheelName), wheel, 0o666); err != nil {
		t.Fatal(err)
	}
	users := filepath.Join(t.TempDir(), "htpasswd")
	sum := sha1.Sum([]byte(secret)) // as htpasswd -s writes it
	if err := os.WriteFile(users, []byte("us3r:{SHA}"+base64.StdEncoding.EncodeToString(sum[:])+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	c := exec.Command(program, "run", "-i", "127.0.0.1", "-p", fmt.Sprint(port), "-P", users, "-a", "list,download,update",
		"--disable-fallback", packages)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	address = fmt.Sprintf("http://127.0.0.1:%d/simple/", port)
	for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		answer, err := http.Get(address)
		if err == nil {
			_ = answer.Body.Close()
			return address
		}
		if time.Since(begin) > time.Minute {
			t.Fatalf("pypiserver does not answer: %v", err)
		}
	}
}

func TestPypiserver(t *testing.T) {
	address := pypiserver(t)
	got := mustFetch(t, newClient(t, only(Source{URL: withUser(address)})), wanted())
	if got.Cached {
		t.Errorf("got %+v", got)
	}
	_, err := newClient(t, only(Source{URL: address})).Fetch(t.Context(), wanted())
	as[*AuthError](t, err)
	missing := Request{Package: "nothing", File: "nothing-1-py3-none-any.whl", Hashes: wanted().Hashes}
	_, err = newClient(t, only(Source{URL: withUser(address)})).Fetch(t.Context(), missing)
	as[*NotFoundError](t, err)
	lying := wanted()
	lying.Hashes = []string{hashOf([]byte("another"))}
	_, err = newClient(t, only(Source{URL: withUser(address)})).Fetch(t.Context(), lying)
	if e := as[*HashError](t, err); !e.Announced {
		t.Errorf("the error is %v", err)
	}
	links, err := newClient(t, only(Source{URL: withUser(address)})).Links(t.Context(), Request{Package: "demo.pkg"})
	if err != nil || len(links) != 1 || links[0].Name != wheelName {
		t.Errorf("got %+v, %v", links, err)
	}
}

// Package moto starts moto for tests: a server that answers as AWS does, and remembers what was deployed to it.
package moto

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Tools gives the directory of the tools that deploy and of moto, which ./test installs; without it the test is skipped.
func Tools(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("MONOPLAN_TEST_DEPLOY_TOOLS")
	if dir == "" {
		t.Skip("MONOPLAN_TEST_DEPLOY_TOOLS names no directory of tools that deploy")
	}
	return dir
}

// Server is a server that runs until the end of its test. It takes any credentials.
type Server struct {
	t *testing.T
	// Port is that of 127.0.0.1 at which it answers.
	Port string
}

// Start starts a server of its own for a test.
func Start(t *testing.T) *Server {
	t.Helper()
	tools := Tools(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t, strconv.Itoa(l.Addr().(*net.TCPAddr).Port)}
	l.Close()
	server := exec.Command(filepath.Join(tools, "moto/bin/python"), "-m", "moto.server", "-H", "127.0.0.1", "-p", s.Port)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	for {
		if response, err := http.Get(s.URL() + "/moto-api/"); err == nil {
			response.Body.Close()
			return s
		}
		if t.Context().Err() != nil {
			t.Fatal("moto never answered")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// URL is that at which AWS_ENDPOINT_URL finds it by its address. Tools then ask for buckets by paths.
func (s *Server) URL() string { return "http://127.0.0.1:" + s.Port }

// NamedURL is that by its name, which moto itself needs to find what CloudFormation is to read from a bucket's path.
func (s *Server) NamedURL() string { return "http://localhost:" + s.Port }

// MakeBucket makes a bucket.
func (s *Server) MakeBucket(name string) {
	s.t.Helper()
	if status, body := s.ask("PUT", "s3", "/"+name); status != http.StatusOK {
		s.t.Fatalf("%d: %s", status, body)
	}
}

// CodeOf gives the hash of what a Lambda function runs, in base64; empty where there is no such function.
func (s *Server) CodeOf(function string) string {
	s.t.Helper()
	status, body := s.ask("GET", "lambda", "/2015-03-31/functions/"+function)
	if status == http.StatusNotFound {
		return ""
	}
	var found struct{ Configuration struct{ CodeSha256 string } }
	if err := json.Unmarshal(body, &found); err != nil || found.Configuration.CodeSha256 == "" {
		s.t.Fatalf("%d, %v: %s", status, err, body)
	}
	return found.Configuration.CodeSha256
}

// ask asks one of AWS's services, which moto tells by what a request is signed for.
func (s *Server) ask(method, service, path string) (status int, body []byte) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.URL()+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=x")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, body
}

// Package buckettest starts servers of S3's protocol for tests.
package buckettest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const accessKey = "monoplan-test"

// SecretKey is the secret of the servers' user.
const SecretKey = "monoplan-test-secret"

// Name is the bucket that each server has.
const Name = "wheels"

// Server is a program that speaks S3's protocol.
type Server struct {
	Name string
	// program finds the program; it is empty where the machine has none.
	program func() string
	// arguments are for a server at a port, with a directory for its data that has the directory buckets.
	arguments func(port, dir string) []string
	// inTurn says that a write that depends on what is there is not one step to the server: it gets one request at a time.
	inTurn bool
}

// Servers are the programs that tests run with.
func Servers() []Server {
	return []Server{
		{
			Name:    "versitygw",
			program: func() string { return find("versitygw", "MONOPLAN_TEST_VERSITYGW") },
			// Entity tags are in the files' own extended attributes: in a directory beside (--sidecar) they change at another
			// moment than the files do, and conditional writes would not exclude one another.
			arguments: func(port, dir string) []string {
				return []string{"--quiet", "--port", "127.0.0.1:" + port, "--access", accessKey, "--secret", SecretKey, "posix", dir + "/buckets"}
			},
		},
		{
			Name: "moto",
			program: func() string {
				if tools := os.Getenv("MONOPLAN_TEST_PYTHON_TOOLS"); tools != "" {
					return find(filepath.Join(tools, "bin", "moto_server"), "")
				}
				return find("moto_server", "")
			},
			arguments: func(port, _ string) []string { return []string{"-H", "127.0.0.1", "-p", port} },
			inTurn:    true,
		},
	}
}

// find gives the program that a variable names, or that PATH has.
func find(name, variable string) string {
	if variable != "" && os.Getenv(variable) != "" {
		return os.Getenv(variable)
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return path
}

// Start starts the server for the test, with an empty bucket, and sets the SDK's variables for it. It gives the server's address. Where
// the machine does not have it, the test is skipped, and fails where nothing may be.
func (s Server) Start(t testing.TB) string {
	t.Helper()
	program := s.program()
	if program == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed", s.Name)
		}
		t.Skipf("%s is not installed", s.Name)
	}
	port := freePort(t)
	endpoint := "http://127.0.0.1:" + port
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "buckets"), 0o777); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, s.arguments(port, dir)...)
	c.Env = append(os.Environ(), "HOME="+t.TempDir())
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	await(t, endpoint)
	if s.inTurn {
		endpoint = inTurn(t, endpoint)
	}
	SetAWS(t, endpoint)
	makeBucket(t)
	return endpoint
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

// SetAWS sets the SDK's variables for the test.
func SetAWS(t testing.TB, endpoint string) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": accessKey, "AWS_SECRET_ACCESS_KEY": SecretKey,
		"AWS_REGION": "us-east-1", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
	} {
		t.Setenv(name, value)
	}
}

// await waits until the server answers anything.
func await(t testing.TB, endpoint string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err == nil {
			_ = answer.Body.Close()
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("the server does not answer: %v", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func makeBucket(t testing.TB) {
	t.Helper()
	settings, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	client := s3.NewFromConfig(settings, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(Name)}); err != nil {
		t.Fatal(err)
	}
}

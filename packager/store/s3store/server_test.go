package s3store_test

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

const accessKey, secretKey = "monoplan-test", "monoplan-test-secret"

// server is a program that speaks S3's protocol.
type server struct {
	name string
	// program finds the program; it is empty where the machine has none.
	program func() string
	// arguments are for a server at a port, with a directory for its data that has the directories about and buckets.
	arguments func(port, dir string) []string
}

var servers = []server{
	{
		name:    "versitygw",
		program: func() string { return find("versitygw", "MONOPLAN_TEST_VERSITYGW") },
		arguments: func(port, dir string) []string {
			return []string{"--quiet", "--port", "127.0.0.1:" + port, "--access", accessKey, "--secret", secretKey,
				"posix", "--sidecar", dir + "/about", dir + "/buckets"}
		},
	},
	{
		name: "moto",
		program: func() string {
			if tools := os.Getenv("MONOPLAN_TEST_PYTHON_TOOLS"); tools != "" {
				return find(filepath.Join(tools, "bin", "moto_server"), "")
			}
			return find("moto_server", "")
		},
		arguments: func(port, _ string) []string { return []string{"-H", "127.0.0.1", "-p", port} },
	},
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

// start starts the server for the test, with an empty bucket called wheels, and sets the SDK's variables for it. Where the
// machine does not have it, the test is skipped, and fails where nothing may be.
func (s server) start(t *testing.T) {
	t.Helper()
	program := s.program()
	if program == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed", s.name)
		}
		t.Skipf("%s is not installed", s.name)
	}
	port := freePort(t)
	endpoint := "http://127.0.0.1:" + port
	dir := t.TempDir()
	for _, name := range []string{"about", "buckets"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
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
	setAWS(t, endpoint)
	await(t, endpoint)
	makeBucket(t)
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

func setAWS(t *testing.T, endpoint string) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": accessKey, "AWS_SECRET_ACCESS_KEY": secretKey,
		"AWS_REGION": "us-east-1", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
	} {
		t.Setenv(name, value)
	}
}

// await waits until the server answers anything.
func await(t *testing.T, endpoint string) {
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

func makeBucket(t *testing.T) {
	t.Helper()
	settings, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	client := s3.NewFromConfig(settings, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("wheels")}); err != nil {
		t.Fatal(err)
	}
}

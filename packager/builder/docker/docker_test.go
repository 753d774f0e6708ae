package docker

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/monoplan/monoplan/packager/builder"
)

// The connection to an engine that was only asked is given up as well.
func TestCloseWithoutAContainer(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", client.MaxAPIVersion)
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/info") {
			fmt.Fprint(w, `{"Architecture": "x86_64"}`)
		}
	}))
	closed := make(chan struct{}, 10)
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateClosed {
			closed <- struct{}{}
		}
	}
	server.Start()
	defer server.Close()
	env := []string{"DOCKER_HOST=tcp://" + server.Listener.Addr().String(), "HOME=" + t.TempDir()}
	d := New(Config{Env: env, DryRun: true, Now: time.Now()})
	if err := d.Accept(t.Context(), []builder.Build{{Name: "x"}}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Error("the connection is open")
	}
}

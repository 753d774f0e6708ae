package buckettest

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Faulty stands before a server for the time of the test, and gives its own address. Of each request fault says what becomes
// of it: "" lets it pass, "slow" after a second; a status, such as "503", is the answer; "none" ends the connection; "lost" does
// so after the server has answered; "torn" as well, when half the body of an answer to GET has been sent.
func Faulty(t testing.TB, endpoint string, fault func() string) string {
	t.Helper()
	proxy := proxyOf(t, endpoint)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch kind := fault(); kind {
		case "none":
			panic(http.ErrAbortHandler)
		case "torn", "lost":
			answer := httptest.NewRecorder()
			proxy.ServeHTTP(answer, r)
			if kind == "torn" && r.Method == http.MethodGet {
				for name := range answer.Header() {
					w.Header().Set(name, answer.Header().Get(name))
				}
				w.WriteHeader(answer.Code)
				_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
			}
			panic(http.ErrAbortHandler)
		case "", "slow":
			if kind == "slow" {
				time.Sleep(time.Second)
			}
			proxy.ServeHTTP(w, r)
		default:
			status, err := strconv.Atoi(kind)
			if err != nil {
				t.Errorf("there is no fault %q", kind)
				status = http.StatusInternalServerError
			}
			w.WriteHeader(status)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// inTurn stands before a server for the time of the test, and gives its own address. It lets one request pass at a time, for a
// server that compares If-Match and writes in two steps: two writers at once would both be told that they replaced what they read.
func inTurn(t testing.TB, endpoint string) string {
	t.Helper()
	var turn sync.Mutex
	proxy := proxyOf(t, endpoint)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		turn.Lock()
		defer turn.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// proxyOf passes requests on as they were signed.
func proxyOf(t testing.TB, endpoint string) *httputil.ReverseProxy {
	t.Helper()
	to, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host // it is signed
	}}
}

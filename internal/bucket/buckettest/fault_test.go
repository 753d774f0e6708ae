package buckettest

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestInTurn(t *testing.T) {
	var now, most, answered atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		time.Sleep(5 * time.Millisecond)
		now.Add(-1)
		answered.Add(1)
	}))
	defer server.Close()
	front := inTurn(t, server.URL)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			answer, err := http.Get(front)
			if err != nil {
				t.Error(err)
				return
			}
			if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
				t.Error(answer.Status, err)
			}
		})
	}
	wg.Wait()
	if most.Load() != 1 || answered.Load() != 8 {
		t.Errorf("%d requests at once, %d answered", most.Load(), answered.Load())
	}
}

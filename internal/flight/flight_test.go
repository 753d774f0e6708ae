package flight

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func TestManyShareOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[string, int]
		runs := 0
		release := make(chan struct{})
		work := func(context.Context) (int, error) {
			runs++
			<-release
			return 7, nil
		}
		results := make(chan int)
		for range 10 {
			go func() {
				value, err := g.Do(t.Context(), "key", work)
				if err != nil {
					t.Error(err)
				}
				results <- value
			}()
		}
		synctest.Wait()
		close(release)
		for range 10 {
			if got := <-results; got != 7 {
				t.Errorf("got %d", got)
			}
		}
		if runs != 1 {
			t.Errorf("%d runs", runs)
		}
		if _, err := g.Do(t.Context(), "key", work); err != nil || runs != 2 {
			t.Errorf("what is done is remembered: %d runs, %v", runs, err)
		}
	})
}

func TestErrorsAreShared(t *testing.T) {
	var g Group[int, int]
	want := errors.New("no")
	if _, err := g.Do(t.Context(), 1, func(context.Context) (int, error) { return 0, want }); err != want {
		t.Errorf("the error is %v", err)
	}
}

func TestWorkEndsWithTheLastWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[string, int]
		ended := false
		work := func(ctx context.Context) (int, error) {
			<-ctx.Done()
			ended = true
			return 0, ctx.Err()
		}
		first, leaveFirst := context.WithCancel(t.Context())
		second, leaveSecond := context.WithCancel(t.Context())
		errs := make(chan error, 2)
		for _, ctx := range []context.Context{first, second} {
			go func() {
				_, err := g.Do(ctx, "key", work)
				errs <- err
			}()
			synctest.Wait()
		}
		leaveFirst()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("the first: %v", err)
		}
		synctest.Wait()
		if ended {
			t.Error("the work ended while the second waited for it")
		}
		leaveSecond()
		if err := <-errs; !errors.Is(err, context.Canceled) || !ended {
			t.Errorf("the second: %v, ended %t", err, ended)
		}
		if got, err := g.Do(t.Context(), "key", func(context.Context) (int, error) { return 1, nil }); got != 1 || err != nil {
			t.Errorf("after that: %d, %v", got, err)
		}
	})
}

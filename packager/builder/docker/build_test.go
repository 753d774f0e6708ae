package docker

import (
	"errors"
	"testing"

	"github.com/monoplan/monoplan/packager/builder"
)

// A wheel that is the same with any Python is built with the newest where its own is not there, the same one each time.
func TestPythonOfAPureWheel(t *testing.T) {
	c := &running{}
	c.has.Pythons = map[string]string{"3.9": "/old", "3.11": "/own", "3.12": "/new"}
	for range 20 {
		r := &run{running: c, build: builder.Build{Python: "3.14", Pure: true}}
		if python, err := r.python(); err != nil || python != "/new" {
			t.Fatalf("got %s, %v", python, err)
		}
	}
	r := &run{running: c, build: builder.Build{Python: "3.11", Pure: true}}
	if python, err := r.python(); err != nil || python != "/own" {
		t.Errorf("its own: %s, %v", python, err)
	}
	r.build = builder.Build{Python: "3.14"}
	if _, err := r.python(); !errors.As(err, new(*builder.UnfitError)) {
		t.Errorf("of one that is not pure: %v", err)
	}
	r = &run{running: &running{}, build: builder.Build{Pure: true}}
	if _, err := r.python(); !errors.As(err, new(*builder.UnfitError)) {
		t.Errorf("without any: %v", err)
	}
}

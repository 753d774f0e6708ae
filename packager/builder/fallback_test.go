package builder

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
)

// absent is a builder that is not there.
type absent struct{ None }

type absentError struct{}

func (absentError) Error() string { return "nobody answers" }
func (absentError) Unavailable()  {}

func (absent) Accept(context.Context, []Build) error { return absentError{} }

// What is the same wherever it is built is built elsewhere where the first builder is not there, and nothing else.
func TestFallback(t *testing.T) {
	var told []error
	f := &Fallback{First: absent{}, Then: NewLocal(os.Environ(), t.TempDir()), Note: func(err error) { told = append(told, err) }}
	pure, impure := Build{Name: "a", Python: "3.99", Pure: true}, Build{Name: "b", Python: "3.99"}
	HostPython(t)
	for range 2 {
		if err := f.Accept(t.Context(), []Build{pure}); err != nil {
			t.Fatal(err)
		}
	}
	if len(told) != 1 || !Unavailable(told[0]) {
		t.Errorf("it told %v", told)
	}
	if err := f.Accept(t.Context(), []Build{pure, impure}); !Unavailable(err) {
		t.Errorf("got %v", err)
	}
	neither := &Fallback{First: absent{}, Then: NewLocal(nil, t.TempDir())}
	if err := neither.Accept(t.Context(), []Build{pure}); !Unavailable(err) || !strings.Contains(err.Error(), "there is no Python") {
		t.Errorf("where neither is there: %v", err)
	}
	var refused *RefusedError
	there := &Fallback{First: None{}, Then: NewLocal(os.Environ(), t.TempDir())}
	if err := there.Accept(t.Context(), []Build{pure}); !errors.As(err, &refused) {
		t.Errorf("one that is there and refuses: %v", err)
	}
}

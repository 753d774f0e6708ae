package ledger_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monoplan/monoplan/ledger"
)

// Of locks that have ended by themselves only those count as unlocked that were asked for, and what was asked for is in the log
// with its reason.
func TestUnlockOfWhatHasEnded(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	l := ledger.New(ledger.File(filepath.Join(t.TempDir(), "ledger.json")), ledger.Options{Now: func() time.Time { return now }})
	for _, c := range []ledger.Claim{claim("1", "a", "b"), claim("2", "c")} {
		if _, err := l.Take(t.Context(), "prod", c); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(24 * time.Hour)
	taken, err := l.Unlock(t.Context(), "prod", "", []string{"b"}, "its runner is gone")
	if err != nil || len(taken) != 1 || taken[0].Run != "1" || !slices.Equal(taken[0].Services, []string{"b"}) {
		t.Errorf("taken: %+v, %v", taken, err)
	}
	for c, err := range l.Log(t.Context(), "prod") {
		if err != nil || c.Kind != ledger.Unlock || c.Why != "its runner is gone" || strings.Join(c.Services, " ") != "b" {
			t.Errorf("the log has %+v, %v", c, err)
		}
		break
	}
	if taken, err := l.Unlock(t.Context(), "prod", "", nil, ""); err != nil || len(taken) > 0 {
		t.Errorf("once more: %+v, %v", taken, err)
	}
}

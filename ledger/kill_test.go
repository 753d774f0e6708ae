package ledger_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/monoplan/monoplan/ledger"
)

// writerVariable makes this test program a writer that is to be killed: it has an opener, as JSON.
const writerVariable = "MONOPLAN_TEST_LEDGER_WRITER"

func TestMain(m *testing.M) {
	if text := os.Getenv(writerVariable); text != "" {
		writeUntilKilled(text)
	}
	os.Exit(m.Run())
}

// writeUntilKilled takes a service after the other, records it, and says so once the ledger has it.
func writeUntilKilled(text string) {
	var o opener
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	fail(json.Unmarshal([]byte(text), &o))
	ctx := context.Background()
	store, _, err := o.open(ctx)
	fail(err)
	l := ledger.New(store, ledger.Options{Now: time.Now, Who: "writer", Host: "machine", Dir: os.Getenv("WRITER_DIR")})
	for i := 0; ; i++ {
		path := os.Getenv("WRITER_NAME") + "-" + strconv.Itoa(i)
		h, err := l.Take(ctx, "prod", claim("run of "+path, path))
		fail(err)
		fail(h.Record(ctx, results(path)...))
		fail(h.Release(ctx))
		fmt.Println(path)
	}
}

// kills is how many writers of each backend are killed; MONOPLAN_TEST_KILLS has another number.
func kills(t *testing.T) int {
	text := os.Getenv("MONOPLAN_TEST_KILLS")
	if text == "" {
		return 6
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Writers are killed at any moment: the ledger is whole, what they said is in it is in it, nothing else is but what they were at, and
// the next writer is not kept from anything.
func TestKilledWriters(t *testing.T) {
	eachPlace(t, func(t *testing.T, p *place) {
		o, dir := p.machine(), t.TempDir()
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		said := map[string]bool{}
		for round := range kills(t) {
			for _, path := range killedWriter(t, string(text), dir, round) {
				said[path] = true
			}
			store, end, err := o.open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			l := ledger.New(store, ledger.Options{Now: time.Now, Who: "reader", Host: "machine", Dir: dir})
			s, err := l.Read(t.Context(), "prod")
			// A git that the writer was about to start has its files open until it is one.
			for wait := 0; err == nil && len(s.Locks) > 0 && wait < 100; wait++ {
				time.Sleep(20 * time.Millisecond)
				s, err = l.Read(t.Context(), "prod")
			}
			if err != nil {
				t.Fatalf("after %d: %v", round, err)
			}
			checkAfterKill(t, s, said)
			if t.Failed() {
				return
			}
			end()
		}
		if len(said) == 0 {
			t.Error("no writer lived long enough to write anything")
		}
	})
}

// killedWriter runs a writer for a random time from its first word on, and gives what it said.
func killedWriter(t *testing.T, opener, dir string, round int) []string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), writerVariable+"="+opener, "WRITER_DIR="+dir, "WRITER_NAME=writer"+strconv.Itoa(round))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if said = append(said, lines.Text()); len(said) == 1 {
			time.AfterFunc(rand.N(150*time.Millisecond), func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait()
	if stderr.Len() > 0 {
		t.Errorf("round %d: the writer failed: %s", round, &stderr)
	}
	return said
}

// checkAfterKill holds a ledger against what was said to be in it.
func checkAfterKill(t *testing.T, s *ledger.Stage, said map[string]bool) {
	t.Helper()
	for path := range said {
		if got := s.Services[path]; got.Baseline == nil || got.Last != nil {
			t.Errorf("%s was written, and is %+v", path, got)
		}
	}
	for path, got := range s.Services {
		if !said[path] && got.Last != nil && got.Last.Outcome != ledger.Interrupted {
			t.Errorf("%s was not written, and is %+v", path, got)
		}
	}
	if len(s.Locks) > 0 {
		t.Errorf("a dead run holds %v", s.Locks)
	}
}

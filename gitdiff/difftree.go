package gitdiff

import (
	"bufio"
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/monoplan/monoplan/internal/tree"
)

// endMark ends a round of comparisons: diff-tree echoes a line that begins with no object's ID, and flushes.
const endMark = "="

// diffOptions make raw output of what differs and nothing else, whatever the user's configuration says.
var diffOptions = []string{
	"-z", "--raw", "--no-renames", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative",
}

// diffTree is one long-lived git diff-tree --stdin.
type diffTree struct {
	command *command
	gitDir  string
	process *process
}

// begin starts the process, if none is running.
func (d *diffTree) begin() error {
	if d.process != nil {
		return nil
	}
	args := append([]string{"diff-tree", "--stdin", "-r", "--ignore-submodules=none"}, diffOptions...)
	// diff-tree reads the whole index, and uses nothing of it: one that is not there is read fast.
	noIndex := "GIT_INDEX_FILE=" + filepath.Join(d.gitDir, "monoplan-no-index")
	p, err := d.command.start([]string{noIndex}, args...)
	d.process = p
	return err
}

func (d *diffTree) close() {
	if d.process != nil {
		d.process.stop()
		d.process = nil
	}
}

// compare calls yield for each change of each pair; the IDs are full. After an error the process is gone, as with
// catFile.ask.
func (d *diffTree) compare(ctx context.Context, pairs []TreePair, yield func(int, tree.Change) error) error {
	if err := d.begin(); err != nil {
		return err
	}
	defer d.command.traced("git diff-tree", time.Now())
	p := d.process
	unhook := context.AfterFunc(ctx, p.kill)
	written := make(chan struct{})
	go func() {
		defer close(written)
		w := bufio.NewWriter(p.in)
		for _, pair := range pairs {
			fmt.Fprintf(w, "%s %s\n", pair.Old, pair.New)
		}
		w.WriteString(endMark + "\n")
		w.Flush() // where it fails the process has died, which the reader reports
	}()
	err := receiveChanges(p, pairs, yield)
	if err != nil {
		d.close()
	}
	<-written
	if !unhook() && err == nil {
		d.close()
		err = ctx.Err()
	}
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// receiveChanges reads the answers: for each pair a line that repeats it, then its records; at the end the mark. A pair
// whose trees git cannot read has no line, and must not pass for one without changes.
func receiveChanges(p *process, pairs []TreePair, yield func(int, tree.Change) error) error {
	for i, pair := range pairs {
		line, err := readLine(p.out)
		if err != nil {
			return p.died(err)
		}
		if string(line) != pair.Old+" "+pair.New {
			return p.died(fmt.Errorf("no answer for trees %s and %s", pair.Old, pair.New))
		}
		for {
			next, err := p.out.Peek(1)
			if err != nil {
				return p.died(err)
			}
			if next[0] != ':' {
				break
			}
			c, _, err := readRawChange(p.out)
			if err != nil {
				return p.died(err)
			}
			if err := yield(i, c); err != nil {
				return err
			}
		}
	}
	line, err := readLine(p.out)
	if err != nil {
		return p.died(err)
	}
	if string(line) != endMark {
		return p.died(fmt.Errorf("unexpected answer %q", line))
	}
	return nil
}

package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/monoplan/monoplan/packager"
	"github.com/monoplan/monoplan/packager/index"
	"github.com/monoplan/monoplan/report"
)

// progress tells on standard error what packaging is at: on a terminal in one line that is drawn again and again, and
// elsewhere in a line for each wheel that is fetched or built, and each service that is done. With messages in JSON it
// says nothing.
type progress struct {
	a        *app
	silent   bool
	terminal bool
	columns  int

	mu       sync.Mutex
	services int
	done     int
	wheels   int
	bytes    int64 // of the wheels that are there
	partial  map[string]int64
	now      string
	drawn    time.Time
}

func (a *app) newProgress() *progress {
	p := &progress{a: a, silent: a.jsonMessages, partial: map[string]int64{}, columns: 80}
	if f, ok := a.Stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) && a.getenv("TERM") != "dumb" && !a.isCI() {
		p.terminal = true
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			p.columns = width
		}
	}
	return p
}

func (p *progress) begin(services int) { p.services = services }

// end takes the line away.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wipe()
}

// wipe takes the line off the terminal, if there is one.
func (p *progress) wipe() {
	if p.terminal && !p.drawn.IsZero() {
		fmt.Fprint(p.a.Stderr, "\r\x1b[K")
	}
}

// event takes what the packager tells.
func (p *progress) event(e packager.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	what := strings.TrimSpace(e.Package + " " + e.Version) // a library whose version its build makes up has none before
	switch e.Kind {
	case packager.ServiceBegins:
		p.now = "packaging " + e.Service
	case packager.ServiceDone:
		p.done++
		if e.Outcome == packager.Packaged || e.Outcome == packager.Failed {
			p.say("%s %s", e.Outcome, e.Service)
		}
	case packager.FetchDone:
		if e.Err == nil && e.Bytes > 0 {
			p.wheels++
			p.bytes += e.Bytes
			p.say("fetched %s (%s)", what, formatBytes(e.Bytes))
		}
	case packager.Warned:
		p.a.messages().warn("", 0, e.Note)
	case packager.BuildBegins:
		p.now = "building " + what
	case packager.BuildDone:
		if e.Err == nil {
			p.wheels++
			p.say("built %s", what)
		}
	}
	p.draw()
}

// step takes what the Docker builder tells of what takes long.
func (p *progress) step(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = what
	p.say("%s", what)
	p.draw()
}

// fallBack tells why wheels that are the same wherever they are built are built on this machine, with the end of what was
// written where an image could not be made: on a terminal too, above the line that is drawn, since nothing else says it.
func (p *progress) fallBack(why error) {
	if p.silent {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	reason, quoted, _ := strings.Cut(why.Error(), "\n")
	lines := strings.Split(strings.TrimSpace(quoted), "\n")
	lines = append([]string{"building on this machine: " + reason}, lines[max(0, len(lines)-quotedLines):]...)
	p.wipe()
	for i, line := range lines {
		line = strings.TrimRight(line, "\r ")
		switch {
		case line == "":
			continue
		case i > 0:
			line = "  " + cut(line, quotedLength)
		}
		p.write(line)
	}
	p.drawn = time.Time{}
	p.draw()
}

// quotedLines and quotedLength, in characters, bound what is quoted of a log where the run goes on.
const (
	quotedLines  = 10
	quotedLength = 300
)

// cut takes off what a line has more than a number of characters.
func cut(line string, length int) string {
	if runes := []rune(line); len(runes) > length {
		return string(runes[:length]) + "…"
	}
	return line
}

// fetch takes what the index tells.
func (p *progress) fetch(e index.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e.Kind {
	case index.Started, index.Progress:
		p.partial[e.Wanted] = e.Bytes
		p.now = "fetching " + e.Wanted
	case index.Finished:
		delete(p.partial, e.Wanted)
	case index.Retrying:
		p.say("%s: %v; again in %s", e.Wanted, e.Err, e.After.Round(100*time.Millisecond))
	}
	p.draw()
}

// say writes a line where there is no terminal.
func (p *progress) say(format string, args ...any) {
	if !p.terminal && !p.silent {
		p.write(fmt.Sprintf(format, args...))
	}
}

func (p *progress) write(line string) {
	fmt.Fprintf(p.a.Stderr, "monoplan: %s\n", report.Printable(line))
}

// often is how often the line is drawn at most.
const often = 80 * time.Millisecond

func (p *progress) draw() {
	if !p.terminal || p.silent || time.Since(p.drawn) < often {
		return
	}
	p.drawn = time.Now()
	bytes := p.bytes
	for _, n := range p.partial {
		bytes += n
	}
	line := fmt.Sprintf("%d/%d services, %d %s, %s  %s", p.done, p.services, p.wheels, wheels(p.wheels), formatBytes(bytes), p.now)
	if runes := []rune(report.Printable(line)); len(runes) >= p.columns {
		line = string(runes[:p.columns-1])
	}
	fmt.Fprintf(p.a.Stderr, "\r\x1b[K%s", report.Printable(line))
}

package ledger

import (
	"strings"
	"time"
	"unicode/utf8"
)

// quickLines reads lines of services, as appendServices writes them.
type quickLines struct {
	text string
	// isLast says that no lines follow.
	isLast   bool
	services []quickService
	failed   bool
	// room has the deploys, many of which are made at once.
	room []Deploy
	// timeText and time are the last time that was read: many services have the same.
	timeText string
	time     time.Time
}

type quickService struct {
	path    string
	service Service
}

func (l *quickLines) read() {
	l.services = make([]quickService, 0, strings.Count(l.text, "\n"))
	for rest := l.text; rest != "" && !l.failed; {
		end := strings.IndexByte(rest[1:], '\n') + 1
		if end == 0 {
			end = len(rest)
		}
		closing := "},"
		if l.isLast && end == len(rest) {
			closing = "}}"
		}
		l.line(rest[:end], closing)
		rest = rest[end:]
	}
}

// line reads one line, with the newline before it.
func (l *quickLines) line(text, closing string) {
	if !isQuick(text[1:]) {
		l.failed = true
		return
	}
	q := quickReader{text: text}
	path := q.string("\n\"")
	s := Service{Name: q.string(`: {"name": "`), Type: q.optional(`, "type": "`)}
	if q.has(`, "phase": `) {
		s.Phase = q.digits()
	}
	if q.has(`, "baseline": `) {
		s.Baseline = l.deploy(&q)
		q.require(s.Baseline.Outcome == Succeeded && !s.Baseline.Dirty)
	}
	if q.has(`, "last": `) {
		s.Last = l.deploy(&q)
	}
	q.require(q.text == closing)
	l.failed = q.failed
	l.services = append(l.services, quickService{path, s})
}

func (l *quickLines) deploy(q *quickReader) *Deploy {
	if len(l.room) == 0 {
		l.room = make([]Deploy, 64)
	}
	d := &l.room[0]
	l.room = l.room[1:]
	d.Commit = q.string(`{"commit": "`)
	d.Outcome = Outcome(q.string(`, "outcome": "`))
	d.Time = l.timestamp(q)
	d.Run = q.optional(`, "run": "`)
	d.Artifact = q.optional(`, "artifact": "`)
	d.Configuration = q.optional(`, "configuration": "`)
	d.Environment = q.optional(`, "environment": "`)
	d.Identical = q.has(`, "identical": true`)
	d.Dirty = q.has(`, "dirty": true`)
	q.require(q.has("}") && isCommit(d.Commit) && d.Outcome.isKnown())
	return d
}

func (l *quickLines) timestamp(q *quickReader) time.Time {
	text := q.string(`, "time": "`)
	if text != l.timeText {
		t, err := time.Parse(time.RFC3339, text)
		q.require(err == nil)
		l.timeText, l.time = text, t.UTC()
	}
	q.require(text != "")
	return l.time
}

// quickReader reads a line from its start. After what it did not expect it has failed, and what it gives means nothing.
type quickReader struct {
	text   string
	failed bool
}

func (q *quickReader) require(is bool) { q.failed = q.failed || !is }

// has passes some text, if that is what comes.
func (q *quickReader) has(text string) bool {
	rest, ok := strings.CutPrefix(q.text, text)
	q.text = rest
	return ok
}

// string expects some text, which ends with a quote, and reads to the quote after that.
func (q *quickReader) string(before string) string {
	if !q.has(before) {
		q.failed = true
		return ""
	}
	end := strings.IndexByte(q.text, '"')
	if end < 0 {
		q.failed = true
		return ""
	}
	value := q.text[:end]
	q.text = q.text[end+1:]
	return value
}

// optional is string for what may be missing.
func (q *quickReader) optional(before string) string {
	if !strings.HasPrefix(q.text, before) {
		return ""
	}
	return q.string(before)
}

// digits reads a whole number that is not large.
func (q *quickReader) digits() (n int) {
	end := 0
	for end < len(q.text) && q.text[end] >= '0' && q.text[end] <= '9' {
		n = n*10 + int(q.text[end]-'0')
		if end++; end > 9 {
			break
		}
	}
	q.require(end > 0 && end <= 9 && (end == 1 || q.text[0] != '0'))
	q.text = q.text[end:]
	return n
}

// isQuick reports whether a line is of UTF-8 without control characters and backslashes: what is between quotes is then what
// they mean.
func isQuick(line string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	var odd, large uint64
	n := 0
	for ; n+8 <= len(line); n += 8 {
		// Eight bytes at once. A byte below another (of at most 128) leaves its highest bit where that is taken from it; those
		// that have that bit already do not count. A backslash is where the difference to one is below 1.
		word := word(line[n : n+8])
		difference := word ^ ones*'\\'
		odd |= (word - ones*' ') &^ word
		odd |= (difference - ones) &^ difference
		large |= word
	}
	for ; n < len(line); n++ {
		if line[n] < ' ' || line[n] == '\\' {
			return false
		}
		large |= uint64(line[n])
	}
	return odd&highs == 0 && (large&highs == 0 || utf8.ValidString(line))
}

// word gives eight bytes as a number; the compiler makes one load of it.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

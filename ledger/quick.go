package ledger

import (
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
)

// A ledger of ten thousand services has five megabytes, which every plan reads. Nearly all were written by Encode: a service
// a line, its members in one order. Such text is read by comparing it with what Encode would write, in several pieces at once.
// Text in any other form is not for this reader: it gives up, and Decode reads it as the JSON that it is, or says what is
// wrong with it. What this reader does give is what Decode would.

// worthwhile is how much text, in bytes, is worth a goroutine.
const worthwhile = 128 << 10

// quickly reads a stage whose parts are as Encode, EncodeHead and EncodeServices write them; it gives nil for any others.
func quickly(parts []Part) *Stage {
	stage := &Stage{}
	hasChange, hasServices := false, false
	var pieces []*quickLines
	for i, p := range parts {
		head := quickHead{decoder: decoder{jsonReader: jsonReader{text: p.Text}, stage: &Stage{}}}
		if !head.read() || i > 0 && head.stage.Name != stage.Name || hasChange && head.hasChange {
			return nil
		}
		if i == 0 || head.hasChange {
			stage = head.stage
		}
		hasChange = hasChange || head.hasChange
		hasServices = hasServices || head.hasServices
		pieces = appendPieces(pieces, head.lines)
	}
	if !hasChange || hasServices && !stage.quickServices(pieces) {
		return nil
	}
	return stage
}

// quickHead reads what a document has besides services.
type quickHead struct {
	decoder
	hasServices bool
	// lines are those of the services, each with the newline before it. Each ends with a comma, the last with a bracket.
	lines string
}

func (h *quickHead) read() bool {
	if !h.passes("{\n\"version\": "+strconv.Itoa(FormatVersion)) || !h.passes(",\n\"stage\": ") {
		return false
	}
	h.stage.Name = h.string()
	if h.passes(",\n\"change\": ") {
		h.stage.Change, h.hasChange = h.change(), true
		if !h.passes(",\n\"locks\": ") {
			return false
		}
		h.list(func() { h.stage.addLock(h.lock()) })
	}
	h.hasServices = h.passes(",\n\"services\": {")
	lines, whole := strings.CutSuffix(strings.TrimSuffix(h.text[h.at:], "\n"), "\n}")
	switch {
	case h.err != nil || !whole:
		return false
	case !h.hasServices:
		return lines == ""
	case lines == "}":
		return true
	}
	h.lines = lines
	return lines != ""
}

// passes passes some text, if that is what comes.
func (r *jsonReader) passes(text string) bool {
	if r.err != nil || !strings.HasPrefix(r.text[r.at:], text) {
		return false
	}
	r.at += len(text)
	return true
}

// appendPieces divides the lines of a document into pieces that are worth a goroutine.
func appendPieces(pieces []*quickLines, lines string) []*quickLines {
	for len(lines) > 2*worthwhile {
		end := strings.IndexByte(lines[worthwhile:], '\n')
		if end < 0 {
			break
		}
		pieces = append(pieces, &quickLines{text: lines[:worthwhile+end]})
		lines = lines[worthwhile+end:]
	}
	if lines == "" {
		return pieces
	}
	return append(pieces, &quickLines{text: lines, isLast: true})
}

// quickServices reads pieces into a stage.
func (s *Stage) quickServices(pieces []*quickLines) bool {
	var readers errgroup.Group
	readers.SetLimit(runtime.GOMAXPROCS(0))
	for _, p := range pieces {
		readers.Go(func() error {
			p.read()
			return nil
		})
	}
	_ = readers.Wait() // none fails so
	count := 0
	for _, p := range pieces {
		if p.failed {
			return false
		}
		count += len(p.services)
	}
	s.Services = make(map[string]Service, count)
	for _, p := range pieces {
		for _, one := range p.services {
			s.Services[one.path] = one.service
		}
	}
	return len(s.Services) == count // else a path is there twice
}

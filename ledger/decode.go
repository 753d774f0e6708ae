package ledger

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

// FormatVersion is the version of the format that this build writes, and the latest that it reads.
const FormatVersion = 1

// Part is a piece of a stage as it is written: a store may keep a stage whole (Encode), or in pieces so that a
// write costs what it changes.
type Part struct {
	// Name names the piece in errors.
	Name string
	Text string
}

// Decode reads a stage that was written as one or more documents (docs/ledger.md): one has its change and its locks, and each has
// services. where is the place of it all, for errors, which are *CorruptError and *VersionError.
func Decode(where string, parts ...Part) (*Stage, error) {
	if s := quickly(parts); s != nil {
		return s, nil
	}
	return decode(where, parts)
}

// decode reads parts in whatever way they are written as JSON.
func decode(where string, parts []Part) (*Stage, error) {
	d := &decoder{stage: &Stage{}}
	for _, p := range parts {
		d.jsonReader = jsonReader{text: p.Text}
		at := where
		if p.Name != "" {
			at += " " + p.Name
		}
		d.document()
		d.end()
		switch {
		case d.version > FormatVersion:
			return nil, &VersionError{Where: at, Found: d.version, Known: FormatVersion}
		case d.err == nil && d.version != FormatVersion:
			d.err = errors.New("it has no version")
		}
		if d.err != nil {
			return nil, &CorruptError{Where: at, Err: d.err}
		}
	}
	if !d.hasChange {
		return nil, &CorruptError{Where: where, Err: errors.New("it does not say what changed it last")}
	}
	return d.stage, nil
}

// decoder reads documents into a stage.
type decoder struct {
	jsonReader
	stage     *Stage
	version   int
	hasChange bool
	// room has the deploys, many of which are made at once.
	room []Deploy
	// times remembers the last time that was read: many services have the same.
	timeText string
	time     time.Time
}

func (d *decoder) document() {
	d.version = 0
	d.object(func(key string) {
		switch key {
		case "version":
			if d.version = int(d.int()); d.version > FormatVersion {
				d.fail("a later version") // the rest may be anything
			}
		case "stage":
			name := d.string()
			if d.stage.Name != "" && d.stage.Name != name {
				d.fail("it is of stage %q, and the rest of %q", name, d.stage.Name)
			}
			d.stage.Name = name
		case "change":
			if d.hasChange {
				d.fail("it says twice what changed it last")
			}
			d.stage.Change, d.hasChange = d.change(), true
		case "locks":
			d.list(func() { d.stage.addLock(d.lock()) })
		case "services":
			d.services()
		default:
			d.unknown(key)
		}
	})
}

func (d *decoder) unknown(key string) { d.fail("the key %q is not known", key) }

// DecodeChange reads what AppendChange wrote.
func DecodeChange(data []byte) (Change, error) {
	d := decoder{jsonReader: jsonReader{text: string(data)}}
	c := d.change()
	d.end()
	return c, d.err
}

func (d *decoder) change() Change {
	var c Change
	d.object(func(key string) {
		switch key {
		case "serial":
			c.Serial = d.int()
		case "id":
			c.ID = d.string()
		case "time":
			c.Time = d.timestamp()
		case "kind":
			c.Kind = Kind(d.string())
		case "who":
			c.Who = d.string()
		case "run":
			c.Run = d.string()
		case "why":
			c.Why = d.string()
		case "services":
			c.Services = d.strings()
		case "commits":
			c.Commits = d.strings()
		default:
			d.unknown(key)
		}
	})
	return c
}

func (d *decoder) lock() Lock {
	var l Lock
	d.object(func(key string) {
		switch key {
		case "run":
			l.Run = d.string()
		case "owner":
			l.Owner = d.string()
		case "host":
			l.Host = d.string()
		case "commit":
			l.Commit = d.string()
		case "taken":
			l.Taken = d.timestamp()
		case "expires":
			l.Expires = d.timestamp()
		case "services":
			l.Services = d.strings()
		default:
			d.unknown(key)
		}
	})
	slices.Sort(l.Services)
	return l
}

func (d *decoder) services() {
	if d.stage.Services == nil {
		d.stage.Services = map[string]Service{}
	}
	d.members(func(path string) {
		if _, ok := d.stage.Services[path]; ok {
			d.fail("the service %q is there already", path)
			return
		}
		d.stage.Services[path] = d.service()
	})
}

func (d *decoder) service() Service {
	var s Service
	d.object(func(key string) {
		switch key {
		case "name":
			s.Name = d.string()
		case "type":
			s.Type = d.string()
		case "phase":
			s.Phase = int(d.int())
		case "baseline":
			s.Baseline = d.deploy()
			if s.Baseline.Outcome != Succeeded || s.Baseline.Dirty {
				d.fail("a baseline did not succeed")
			}
		case "last":
			s.Last = d.deploy()
		default:
			d.unknown(key)
		}
	})
	return s
}

func (d *decoder) deploy() *Deploy {
	if len(d.room) == 0 {
		d.room = make([]Deploy, 64)
	}
	v := &d.room[0]
	d.room = d.room[1:]
	d.object(func(key string) {
		switch key {
		case "commit":
			v.Commit = d.commit()
		case "outcome":
			v.Outcome = d.outcome()
		case "time":
			v.Time = d.timestamp()
		case "run":
			v.Run = d.string()
		case "artifact":
			v.Artifact = d.string()
		case "configuration":
			v.Configuration = d.string()
		case "environment":
			v.Environment = d.string()
		case "identical":
			v.Identical = d.bool()
		case "dirty":
			v.Dirty = d.bool()
		default:
			d.unknown(key)
		}
	})
	if v.Commit == "" || v.Outcome == "" {
		d.fail("a deploy has no commit or no outcome")
	}
	return v
}

// commit reads the full name of a commit: it is handed to git.
func (d *decoder) commit() string {
	s := d.string()
	if d.err == nil && !isCommit(s) {
		d.fail("%q is no commit", s)
	}
	return s
}

// isCommit reports whether s is a full object name in lower-case hex, of SHA-1 or SHA-256.
func isCommit(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func (d *decoder) outcome() Outcome {
	o := Outcome(d.string())
	if !o.isKnown() {
		d.fail("%q is no outcome", string(o))
		return ""
	}
	return o
}

func (o Outcome) isKnown() bool { return o == Succeeded || o == Failed || o == Interrupted }

func (d *decoder) timestamp() time.Time {
	text := d.string()
	if text == d.timeText && text != "" {
		return d.time
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		d.fail("%q is no time such as %s", text, time.Unix(0, 0).UTC().Format(time.RFC3339))
		return time.Time{}
	}
	d.timeText, d.time = text, t.UTC()
	return d.time
}

// decodeChangeOf reads of a document only the change that made it.
func decodeChangeOf(where, text string) (Change, error) {
	d := decoder{jsonReader: jsonReader{text: text}}
	var c Change
	found := errors.New("found")
	d.object(func(key string) {
		switch key {
		case "version":
			d.int()
		case "stage":
			d.string()
		case "change":
			if c = d.change(); d.err == nil {
				d.err = found // the rest may be long
			}
		default:
			d.raw()
		}
	})
	if d.err != found {
		return c, &CorruptError{Where: where, Err: cmp.Or(d.err, errors.New("it does not say what changed it last"))}
	}
	return c, nil
}

// decodeStages reads a file that has several stages, and gives the text of each.
func decodeStages(where, text string) (map[string]string, error) {
	r := jsonReader{text: text}
	version := 0
	stages := map[string]string{}
	r.object(func(key string) {
		switch key {
		case "version":
			if version = int(r.int()); version > FormatVersion {
				r.fail("a later version")
			}
		case "stages":
			r.members(func(stage string) {
				if _, ok := stages[stage]; ok {
					r.fail("the stage %q is there already", stage)
				}
				stages[stage] = r.raw()
			})
		default:
			r.fail("the key %q is not known", key)
		}
	})
	r.end()
	switch {
	case version > FormatVersion:
		return nil, &VersionError{Where: where, Found: version, Known: FormatVersion}
	case r.err != nil:
		return nil, &CorruptError{Where: where, Err: r.err}
	case version != FormatVersion:
		return nil, &CorruptError{Where: where, Err: errors.New("it has no version")}
	}
	return stages, nil
}

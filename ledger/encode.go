package ledger

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Encode writes a stage as one document, each service on a line of its own, so that two of them can be compared with diff.
// Equal stages give equal bytes.
func Encode(s *Stage) []byte {
	paths := slices.Sorted(maps.Keys(s.Services))
	b := appendOpening(make([]byte, 0, 4096+len(paths)*768), s)
	b = append(appendHead(append(b, ",\n"...), s), ",\n"...)
	return append(appendServices(b, s, paths), "\n}\n"...)
}

// EncodeHead writes what a stage has besides services: its change and its locks.
func EncodeHead(s *Stage) []byte {
	b := append(appendOpening(nil, s), ",\n"...)
	return append(appendHead(b, s), "\n}\n"...)
}

// EncodeServices writes some services of a stage, whose paths are in byte order.
func EncodeServices(s *Stage, paths []string) []byte {
	b := append(appendOpening(make([]byte, 0, 64+len(paths)*768), s), ",\n"...)
	return append(appendServices(b, s, paths), "\n}\n"...)
}

func appendOpening(b []byte, s *Stage) []byte {
	b = append(b, "{\n\"version\": "...)
	b = strconv.AppendInt(b, FormatVersion, 10)
	b = append(b, ",\n\"stage\": "...)
	return appendString(b, s.Name)
}

func appendHead(b []byte, s *Stage) []byte {
	b = append(b, "\"change\": "...)
	b = AppendChange(b, s.Change)
	b = append(b, ",\n\"locks\": ["...)
	for i, l := range s.Locks {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendLock(append(b, '\n'), l)
	}
	return append(b, ']')
}

// AppendChange writes a change as one line without its end: an entry of a log.
func AppendChange(b []byte, c Change) []byte {
	b = append(b, `{"serial": `...)
	b = strconv.AppendInt(b, c.Serial, 10)
	b = appendMember(b, "id", c.ID)
	b = appendTime(b, "time", c.Time)
	b = appendMember(b, "kind", string(c.Kind))
	b = appendMember(b, "who", c.Who)
	b = appendMember(b, "run", c.Run)
	b = appendMember(b, "why", c.Why)
	b = appendList(b, "services", c.Services)
	b = appendList(b, "commits", c.Commits)
	return append(b, '}')
}

func appendLock(b []byte, l Lock) []byte {
	b = append(b, `{"run": `...)
	b = appendString(b, l.Run)
	b = appendMember(b, "owner", l.Owner)
	b = appendMember(b, "host", l.Host)
	b = appendMember(b, "commit", l.Commit)
	b = appendTime(b, "taken", l.Taken)
	b = appendTime(b, "expires", l.Expires)
	b = appendList(b, "services", l.Services)
	return append(b, '}')
}

func appendServices(b []byte, s *Stage, paths []string) []byte {
	b = append(b, "\"services\": {"...)
	for i, path := range paths {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, '\n'), path)
		b = appendService(append(b, ": "...), s.Services[path])
	}
	return append(b, '}')
}

func appendService(b []byte, s Service) []byte {
	b = append(b, `{"name": `...)
	b = appendString(b, s.Name)
	b = appendMember(b, "type", s.Type)
	if s.Phase != 0 {
		b = append(b, `, "phase": `...)
		b = strconv.AppendInt(b, int64(s.Phase), 10)
	}
	if s.Baseline != nil {
		b = appendDeploy(append(b, `, "baseline": `...), s.Baseline)
	}
	if s.Last != nil {
		b = appendDeploy(append(b, `, "last": `...), s.Last)
	}
	return append(b, '}')
}

func appendDeploy(b []byte, d *Deploy) []byte {
	b = append(b, `{"commit": `...)
	b = appendString(b, d.Commit)
	b = appendMember(b, "outcome", string(d.Outcome))
	b = appendTime(b, "time", d.Time)
	b = appendMember(b, "run", d.Run)
	b = appendMember(b, "artifact", d.Artifact)
	b = appendMember(b, "configuration", d.Configuration)
	b = appendMember(b, "environment", d.Environment)
	if d.Identical {
		b = append(b, `, "identical": true`...)
	}
	if d.Dirty {
		b = append(b, `, "dirty": true`...)
	}
	return append(b, '}')
}

// appendMember writes a member of an object that is not its first, unless it is empty.
func appendMember(b []byte, key, value string) []byte {
	if value == "" {
		return b
	}
	return appendString(appendKey(b, key), value)
}

func appendTime(b []byte, key string, t time.Time) []byte {
	b = append(appendKey(b, key), '"')
	return append(t.UTC().AppendFormat(b, time.RFC3339), '"')
}

func appendList(b []byte, key string, values []string) []byte {
	if len(values) == 0 {
		return b
	}
	b = append(appendKey(b, key), '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendString(b, v)
	}
	return append(b, ']')
}

func appendKey(b []byte, key string) []byte {
	b = append(b, ", \""...)
	b = append(b, key...)
	return append(b, "\": "...)
}

// appendString writes a string. One that is not plain ASCII is left to encoding/json.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic(err) // there is no string that it does not take
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

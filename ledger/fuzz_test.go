package ledger_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/monoplan/monoplan/ledger"
)

// Whatever bytes a ledger has: it is an error, or a stage that is written and read again as the same; and what is read is JSON.
func FuzzDecode(f *testing.F) {
	f.Add(ledger.Encode(stageOf(3)))
	f.Add(ledger.EncodeHead(stageOf(0)))
	for _, text := range []string{
		`{}`, `[]`, `{"version": 2}`, `{"version": 1, "stage": "\ud800", "change": {}, "services": {}}`,
		`{"version": 1, "stage": "s", "change": {"serial": 01}}`, `{"version": 1, "change": {}, "change": {}}`,
		`{"version": 1, "stage": "s", "change": {"time": "2026-01-02T03:04:05+01:00"}, "services": {"a": {}, "a": {}}}`,
		"{\"version\": 1, \"stage\": \"\\u00e4\xff\"}", `{"version": 1, "stage": "a\"b\\", "change": {}, "locks": [{}, {"run": "r", "services": ["b", "a"]}]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := ledger.Decode("here", ledger.Part{Text: string(data)})
		if err != nil {
			return
		}
		if !json.Valid(data) || !utf8.Valid(data) {
			t.Fatalf("no JSON was read: %q", data)
		}
		written := ledger.Encode(first)
		if !json.Valid(written) {
			t.Fatalf("no JSON was written: %q", written)
		}
		again, err := ledger.Decode("there", ledger.Part{Text: string(written)})
		if err != nil {
			t.Fatalf("%v in %s", err, written)
		}
		if !bytes.Equal(ledger.Encode(again), written) || !reflect.DeepEqual(again.Locks, first.Locks) || len(again.Services) != len(first.Services) {
			t.Fatalf("%+v\nwas written as %s\nand read as %+v", first, written, again)
		}
	})
}

// A change of a log is read as it was written.
func FuzzDecodeChange(f *testing.F) {
	f.Add(ledger.AppendChange(nil, stageOf(1).Change))
	f.Add([]byte(`{"serial": 1, "kind": "set", "services": ["a", "é"], "time": "2026-01-02T03:04:05Z"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ledger.DecodeChange(data)
		if err != nil {
			return
		}
		written := ledger.AppendChange(nil, c)
		again, err := ledger.DecodeChange(written)
		if err != nil || !bytes.Equal(ledger.AppendChange(nil, again), written) {
			t.Fatalf("%+v was written as %s and read as %+v, %v", c, written, again, err)
		}
	})
}

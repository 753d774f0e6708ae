package ledger

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// plain is a stage of services that are all a little different.
func plain(services int) *Stage {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := &Stage{
		Name: "prod", Services: map[string]Service{},
		Change: Change{Serial: 7, ID: "id", Time: at, Kind: Record, Who: "Jörg", Why: "a \"reason\"", Services: []string{"a"}},
		Locks:  []Lock{{Run: "7", Owner: "o", Taken: at, Expires: at, Services: []string{"a", "b"}}, {Run: "8", Taken: at, Expires: at}},
	}
	for i := range services {
		d := Deploy{Commit: fmt.Sprintf("%040x", i), Outcome: Succeeded, Time: at.Add(time.Duration(i/3) * time.Second), Run: "r", Artifact: strings.Repeat("c", i%65)}
		service := Service{Name: fmt.Sprint("ü", i), Phase: i % 3}
		if i%7 > 0 {
			service.Baseline = &d
			service.Type = "command"
		}
		if i%5 == 1 {
			other := d
			other.Outcome, other.Dirty, other.Identical, other.Configuration = Failed, i%2 == 0, i%3 == 0, "ß"
			service.Last = &other
		}
		s.Services[fmt.Sprintf("services/%d", i)] = service
	}
	return s
}

// What is written is read the quick way, in one part and in many pieces, and is what it was.
func TestWhatIsWrittenIsReadQuickly(t *testing.T) {
	for _, services := range []int{0, 1, 2, 3_000} {
		s := plain(services)
		text := string(Encode(s))
		for _, text := range []string{text, strings.TrimSuffix(text, "\n")} {
			if read := quickly([]Part{{Text: text}}); !reflect.DeepEqual(read, s) {
				t.Errorf("%d services: read as %+v", services, read)
			}
		}
	}
	s := plain(2)
	head, one, two := string(EncodeHead(s)), string(EncodeServices(s, []string{"services/0"})), string(EncodeServices(s, []string{"services/1"}))
	for _, parts := range [][]Part{{{Text: head}, {Text: one}, {Text: two}}, {{Text: one}, {Text: head}, {Text: two}}} {
		if read := quickly(parts); !reflect.DeepEqual(read, s) {
			t.Errorf("in parts, it is read as %+v", read)
		}
	}
	if read := quickly([]Part{{Text: head}}); read == nil || read.Services != nil {
		t.Errorf("without services, it is read as %+v", read)
	}
}

// What is read the quick way is what any reader of JSON would read.
func FuzzQuickly(f *testing.F) {
	texts := []string{
		string(Encode(plain(3))), string(Encode(plain(0))), string(EncodeHead(plain(0))),
		string(EncodeServices(plain(9), []string{"services/1", "services/8"})), "",
	}
	for _, text := range texts {
		for _, with := range []string{"", texts[2]} {
			f.Add(text, with)
			f.Add(strings.Replace(text, `}}`, `},`, 1), with)
			f.Add(strings.Replace(text, `},`, `}}`, 1), with)
			f.Add(strings.Replace(text, `"phase": 1`, `"phase": 01`, 1), with)
			f.Add(strings.Replace(text, `services/2`, `services/1`, 1), with)
			f.Add(strings.Replace(text, `services/2`, `serv\\ices/1`, 1), with)
			f.Add(strings.Replace(text, `services/2`, "serv\tices/1\xff", 1), with)
			f.Add(strings.Replace(text, "\n}\n", "\n}\n}", 1), with)
		}
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		parts := []Part{{Text: one}}
		if two != "" {
			parts = append(parts, Part{Text: two})
		}
		quick := quickly(parts)
		if quick == nil {
			return
		}
		if read, err := decode("here", parts); err != nil || !reflect.DeepEqual(read, quick) {
			t.Fatalf("%q is read as %+v, and quickly as %+v; %v", parts, read, quick, err)
		}
	})
}

// Each byte is looked at, wherever it is.
func TestOddBytesAreFound(t *testing.T) {
	for length := range 20 {
		for at := range length {
			for c := range 256 {
				line := []byte(strings.Repeat("~", length))
				line[at] = byte(c)
				if want := c >= ' ' && c != '\\' && c < 0x80; isQuick(string(line)) != want {
					t.Errorf("%q: %v", line, !want)
				}
			}
		}
	}
	for _, line := range []string{"ääääääääää", "\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f]]]]]]]]", "        ", "[[[[[[[[!!!!!!!!"} {
		if !isQuick(line) {
			t.Errorf("%q is not plain", line)
		}
	}
}

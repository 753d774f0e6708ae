package gitstore

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/ledger"
)

// headFile has a stage's change and its locks; services are in servicesFile, or in files of the directory
// servicesDirectory.
const (
	headFile          = "ledger.json"
	servicesFile      = "services.json"
	servicesDirectory = "services/"
)

// together is how many services are in one file.
const together = 128

// fileOf gives the file of a service in a stage of so many.
func fileOf(path string, services int) string {
	if services <= together {
		return servicesFile
	}
	sum := sha256.Sum256([]byte(path))
	return servicesDirectory + hex.EncodeToString(sum[:1]) + ".json"
}

// files gives what of a stage's files differs from those of the stage before: contents by path, nil for a file that goes. Before
// may be nil for one that is not known: then all files are given.
func files(before, next *ledger.Stage) map[string][]byte {
	all := map[string][]byte{headFile: ledger.EncodeHead(next)}
	if before == nil {
		before = &ledger.Stage{}
	}
	spreadAnew := (len(before.Services) <= together) != (len(next.Services) <= together)
	changed := map[string]bool{}
	for path := range before.Services {
		if spreadAnew {
			all[fileOf(path, len(before.Services))] = nil
		} else if _, ok := next.Services[path]; !ok {
			changed[fileOf(path, len(next.Services))] = true
		}
	}
	for path, service := range next.Services {
		if old, ok := before.Services[path]; !ok || old != service || spreadAnew {
			changed[fileOf(path, len(next.Services))] = true
		}
	}
	inFile := map[string][]string{}
	for path := range next.Services {
		if len(changed) == 0 {
			break
		}
		if name := fileOf(path, len(next.Services)); changed[name] {
			inFile[name] = append(inFile[name], path)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		all[name] = nil
		if paths := inFile[name]; len(paths) > 0 {
			slices.Sort(paths)
			all[name] = ledger.EncodeServices(next, paths)
		}
	}
	return all
}

// message is that of a commit: a line for people, why, and the change as a line of JSON.
func message(s *ledger.Stage) string {
	c := s.Change
	var b strings.Builder
	fmt.Fprintf(&b, "monoplan: %s, stage %s", c.Kind, s.Name)
	switch n := len(c.Services); {
	case n == 1:
		fmt.Fprintf(&b, ": %s", oneLine(c.Services[0]))
	case n > 1:
		fmt.Fprintf(&b, ": %s and %d more", oneLine(c.Services[0]), n-1)
	}
	if c.Why != "" {
		fmt.Fprintf(&b, "\n\n%s", oneLine(c.Why))
	}
	return b.String() + "\n\n" + string(ledger.AppendChange(nil, c))
}

func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text)
}

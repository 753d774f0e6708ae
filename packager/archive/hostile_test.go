package archive

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
)

// files makes entries with a little content.
func files(names ...string) []craftedEntry {
	var entries []craftedEntry
	for _, n := range names {
		entries = append(entries, craftedEntry{name: n, content: "content of " + n, deflate: len(entries)%2 == 1})
	}
	return entries
}

// changed makes two entries, and changes the second one's headers.
func changed(change func(local, directory *craftedHeader)) crafted {
	entries := files("a", "b")
	entries[1].change = change
	return crafted{entries: entries}
}

// field makes an extra field.
func field(id uint16, values ...uint64) string {
	b := little.AppendUint16(nil, id)
	b = little.AppendUint16(b, uint16(8*len(values)))
	for _, v := range values {
		b = little.AppendUint64(b, v)
	}
	return string(b)
}

func directoryOnly(change func(h *craftedHeader)) crafted {
	return changed(func(_, directory *craftedHeader) { change(directory) })
}

func TestRefused(t *testing.T) {
	tests := map[string]struct {
		archive crafted
		want    string
	}{
		"parent":            {crafted{entries: files("../a")}, "leads out of its directory"},
		"parent inside":     {crafted{entries: files("a/../../b")}, "leads out of its directory"},
		"absolute":          {crafted{entries: files("/etc/passwd")}, "is an absolute name"},
		"backslash":         {crafted{entries: files(`a\..\b`)}, "is a name with a backslash"},
		"drive":             {crafted{entries: files("C:/a")}, "is a name with a drive"},
		"control character": {crafted{entries: files("a\nb")}, "is a name with a control character"},
		"zero":              {crafted{entries: files("a\x00.py")}, "is a name with a control character"},
		"not shortest":      {crafted{entries: files("a//b")}, "is a name that is not in its shortest form"},
		"dot":               {crafted{entries: files("./a")}, "is a name that is not in its shortest form"},
		"empty name":        {crafted{entries: files("")}, "is an empty name"},
		"long part":         {crafted{entries: files(strings.Repeat("a", 256))}, "is a name with a part of 256 bytes"},
		"long name":         {crafted{entries: files(strings.Repeat("a/", 2048) + "b")}, "is a name of 4097 bytes"},
		"not UTF-8": {
			directoryName("\xff"), "is a name that is not UTF-8",
		},
		"name of no encoding": {crafted{entries: files("é")}, "has a name that does not say how it is encoded"},

		"twice":               {crafted{entries: files("a", "b", "a")}, "is twice in the archive"},
		"case":                {crafted{entries: files("a/Readme", "a/README")}, `"a/Readme" is in the archive also as "a/README"`},
		"file and directory":  {crafted{entries: files("a", "a/b")}, `"a/b" is below "a", which is a file`},
		"directory entry":     {crafted{entries: []craftedEntry{{name: "a", content: "x"}, {name: "a/"}}}, `"a/" is in the archive also as "a"`},
		"content of none":     {crafted{entries: []craftedEntry{{name: "a/", content: "x"}}}, "is a directory with content"},
		"link":                {crafted{entries: []craftedEntry{{name: "a", content: "/etc", mode: typeLink | 0o777}}}, "is a symbolic link"},
		"device":              {crafted{entries: []craftedEntry{{name: "a", mode: 0o020644}}}, "is a device or a pipe"},
		"encrypted":           {changed(func(l, d *craftedHeader) { l.flags, d.flags = 1, 1 }), "is encrypted"},
		"patch":               {changed(func(l, d *craftedHeader) { l.flags, d.flags = 32, 32 }), "is a patch"},
		"bzip2":               {changed(func(l, d *craftedHeader) { l.method, d.method = 12, 12 }), "is compressed by method 12"},
		"stored sizes differ": {crafted{entries: []craftedEntry{{name: "a", content: "abc", change: func(l, d *craftedHeader) { l.size, d.size = 4, 4 }}}}, "is stored in 3 bytes, and its size is 4"},
		"expands too much":    {changed(func(l, d *craftedHeader) { l.size, d.size = 1<<30, 1<<30 }), "has a size that its bytes in the archive cannot have"},
		"bomb":                {crafted{entries: bomb()}, "is a bomb"},

		"other name before":   {changed(func(l, _ *craftedHeader) { l.name = "c" }), "has another name before its bytes"},
		"other method before": {changed(func(l, _ *craftedHeader) { l.method = Store }), "has another method of compression"},
		"other flags before":  {changed(func(l, _ *craftedHeader) { l.flags = flagDescriptor }), "has other flags before"},
		"other size before":   {changed(func(l, _ *craftedHeader) { l.size++ }), "has another checksum or size"},
		"other sum before":    {changed(func(l, _ *craftedHeader) { l.crc++ }), "has another checksum or size"},
		"nowhere":             {directoryOnly(func(h *craftedHeader) { h.offset = 7 }), "overlaps another entry"},
		"beyond":              {directoryOnly(func(h *craftedHeader) { h.offset = 1 << 20 }), "is not where the directory says"},
		"overlapping":         {overlapping(), "overlaps another entry"},
		"into the directory":  {changed(func(l, d *craftedHeader) { l.packed += 40; d.packed += 40 }), "reaches into the directory"},
		"hidden entry": {
			crafted{entries: []craftedEntry{{name: "a", after: "PK\x03\x04hidden"}, {name: "b"}}},
			"has an entry that its directory does not list",
		},
		"hidden at the start": {crafted{before: "PK\x03\x04", entries: files("a")}, "has an entry that its directory does not list"},
		"second name": {
			directoryOnly(func(h *craftedHeader) { h.extra = unicodePath("b", "c") }),
			`has a second name, "c"`,
		},

		"zip64 differs":       {directoryOnly(func(h *craftedHeader) { h.extra = field(fieldZip64, 1, 1) }), "has sizes in a zip64 field that differ"},
		"zip64 missing":       {directoryOnly(func(h *craftedHeader) { h.size = math.MaxUint32 }), "has a size that is in no zip64 field"},
		"zip64 short":         {directoryOnly(func(h *craftedHeader) { h.size = math.MaxUint32; h.extra = field(fieldZip64) }), "has a zip64 field that lacks a size"},
		"zip64 long":          {directoryOnly(func(h *craftedHeader) { h.size = math.MaxUint32; h.extra = field(fieldZip64, 12, 14) }), "has more in its zip64 field than it needs"},
		"zip64 twice":         {directoryOnly(func(h *craftedHeader) { h.extra = field(fieldZip64) + field(fieldZip64) }), "has its zip64 sizes twice"},
		"zip64 huge":          {directoryOnly(func(h *craftedHeader) { h.size = math.MaxUint32; h.extra = field(fieldZip64, 1<<63) }), "has a size that no file has"},
		"field too long":      {directoryOnly(func(h *craftedHeader) { h.extra = "\x01\x00\xff\x00" }), "has an extra field that is longer than there is"},
		"zip64 end elsewhere": {crafted{zip64: true, entries: files("a"), end: func(e *craftedEnd) { e.locator-- }}, "zip64 record that is not where"},
		"zip64 end longer":    {crafted{zip64: true, entries: files("a"), end: func(e *craftedEnd) { e.record++ }}, "zip64 record that is not where"},
		"zip64 end nowhere":   {crafted{zip64: true, entries: files("a"), end: func(e *craftedEnd) { e.locator = 1 << 62 }}, "zip64 locator that leads nowhere"},
		"two ends differ":     {crafted{zip64: true, entries: files("a"), end: func(e *craftedEnd) { e.entries = 2 }}, "has two records of where its directory is"},
		"two directories":     {crafted{zip64: true, entries: files("a", "b"), end: func(e *craftedEnd) { e.offset++; e.size-- }}, "has two records of where its directory is"},
		"directory elsewhere": {crafted{entries: files("a"), end: func(e *craftedEnd) { e.offset32-- }}, "has a directory that is not where"},
		"wrong count":         {crafted{entries: files("a", "b"), end: func(e *craftedEnd) { e.entries32 = 1 }}, "has 2 entries, and a record that says 1"},
		"directory cut":       {crafted{entries: files("a", "b"), end: func(e *craftedEnd) { e.size32 -= 3; e.offset32 += 3 }}, "has something else than an entry"},
		"shifted by a prefix": {shifted(), "has a directory that is not where"},
		"bytes after":         {crafted{entries: files("a"), after: "x"}, "does not end where its end record says"},
		"end in the comment":  {crafted{entries: files("a"), comment: "PK\x05\x06 and more than twenty bytes"}, "does not end where its end record says"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := test.archive.bytes(t)
			_, err := Read(bytes.NewReader(b), int64(len(b)))
			if _, ok := errors.AsType[*Error](err); !ok || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want an *Error with %q", err, test.want)
			}
		})
	}
}

func directoryName(name string) crafted {
	return changed(func(l, d *craftedHeader) {
		l.name, d.name = name, name
		l.flags, d.flags = flagUTF8, flagUTF8
	})
}

// bomb makes entries that say they become a megabyte each, and have the bytes that could.
func bomb() []craftedEntry {
	var entries []craftedEntry
	for i := range 300 {
		e := craftedEntry{name: strconv.Itoa(i), content: strings.Repeat("x", 1100)}
		e.change = func(l, d *craftedHeader) {
			l.method, d.method = Deflate, Deflate
			l.size, d.size = 1<<20, 1<<20
		}
		entries = append(entries, e)
	}
	return entries
}

// overlapping makes two entries in the directory that are one in the archive, as bombs are made that expand without end.
func overlapping() crafted {
	entries := files("a", "a2")
	entries[1].change = func(local, directory *craftedHeader) {
		directory.offset = 0
		directory.name = "a2"
	}
	return crafted{entries: entries}
}

// shifted makes an archive with something before it that its records do not count.
func shifted() crafted {
	return crafted{before: "#!/bin/sh\n", entries: files("a"), end: func(e *craftedEnd) { e.offset32 -= 10 }}
}

func unicodePath(name, second string) string {
	value := append([]byte{1}, little.AppendUint32(nil, crc(name))...)
	value = append(value, second...)
	return string(append(little.AppendUint16(little.AppendUint16(nil, fieldUnicodePath), uint16(len(value))), value...))
}

// What is unusual and right is read.
func TestRead(t *testing.T) {
	tests := map[string]crafted{
		"nothing":         {},
		"comment":         {entries: files("a", "b"), comment: "made by hand"},
		"zip64 end":       {entries: files("a", "b"), zip64: true},
		"zip64 end alone": {entries: files("a"), zip64: true, end: func(e *craftedEnd) { e.entries32, e.size32, e.offset32 = 0xffff, 0xffffffff, 0xffffffff }},
		"prefix":          {before: "#!/bin/sh\n", entries: files("a")},
		"case of directories": {
			entries: []craftedEntry{{name: "A/"}, {name: "a/"}, {name: "A/b"}, {name: "a/c"}},
		},
		"zip64 sizes": changed(func(l, d *craftedHeader) {
			l.extra = field(fieldZip64, uint64(l.size), uint64(l.packed))
			l.size, l.packed = math.MaxUint32, math.MaxUint32
		}),
		"zip64 sizes in the directory": changed(func(_, d *craftedHeader) {
			d.extra = field(fieldZip64, uint64(d.size), uint64(d.packed), uint64(d.offset))
			d.size, d.packed, d.offset = math.MaxUint32, math.MaxUint32, math.MaxUint32
		}),
		"needless zip64 sizes": changed(func(_, d *craftedHeader) { d.extra = field(fieldZip64, uint64(d.size), uint64(d.packed)) }),
		"data descriptor": {entries: []craftedEntry{
			{name: "a", content: "abc", after: "PK\x07\x08descriptor..", change: func(l, d *craftedHeader) {
				l.flags, d.flags = flagDescriptor, flagDescriptor
				l.crc, l.size, l.packed = 0, 0, 0
			}},
			{name: "b"},
		}},
		"padding":          changed(func(l, d *craftedHeader) { l.extra, d.extra = "\x00\x00\x00", "\x00" }),
		"the same name":    directoryOnly(func(h *craftedHeader) { h.extra = unicodePath("b", "b") }),
		"a name's old sum": directoryOnly(func(h *craftedHeader) { h.extra = unicodePath("x", "c") }),
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := test.bytes(t)
			a, err := Read(bytes.NewReader(b), int64(len(b)))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range a.Entries {
				if _, err := readAll(a, e); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// What the directory says about an entry's bytes is checked when they are read.
func TestContentRefused(t *testing.T) {
	both := func(change func(h *craftedHeader)) crafted {
		return changed(func(l, d *craftedHeader) { change(l); change(d) })
	}
	trailing := files("a", "b")
	trailing[1].change = func(l, d *craftedHeader) { l.packed += 3; d.packed += 3 }
	trailing[1].after = "xyz"
	tests := map[string]struct {
		archive crafted
		want    string
	}{
		"checksum": {both(func(h *craftedHeader) { h.crc++ }), "does not have the checksum"},
		"longer":   {both(func(h *craftedHeader) { h.size-- }), "is longer than the directory says"},
		"shorter":  {both(func(h *craftedHeader) { h.size++ }), "is shorter than the directory says"},
		"cut":      {both(func(h *craftedHeader) { h.packed -= 2 }), "is broken: unexpected EOF"},
		"trailing": {crafted{entries: trailing}, "has bytes after the end of its compressed content"},
		"stored":   {crafted{entries: []craftedEntry{{name: "b", content: "x", change: func(l, d *craftedHeader) { l.crc, d.crc = 1, 1 }}}}, "does not have the checksum"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := test.archive.bytes(t)
			a, err := Read(bytes.NewReader(b), int64(len(b)))
			if err != nil {
				t.Fatal(err)
			}
			e, ok := a.Lookup("b")
			if !ok {
				t.Fatal("there is no b")
			}
			_, err = readAll(a, e)
			if _, ok := errors.AsType[*Error](err); !ok || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want an *Error with %q", err, test.want)
			}
		})
	}
}

func readAll(a *Archive, e Entry) ([]byte, error) {
	content := a.Open(e)
	defer content.Close()
	return io.ReadAll(content)
}

package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/monoplan/monoplan/internal/durable"
)

// fileStore keeps all stages in one JSON file. Who writes holds the lock on a file beside it, and replaces the whole; who
// reads needs no lock. All that it writes is called after the file: plans know the names, and leave them out.
type fileStore struct {
	name string // as it was given
	path string

	mutex sync.Mutex
	// known is what was read or written last: most writes find what they wrote before.
	known *fileContent
}

// fileContent is the file as it was at some time, and never changes.
type fileContent struct {
	text   string
	stages map[string]fileStage
}

// fileStage is a stage in a file's content.
type fileStage struct {
	text    string
	version string
	// stage is what the text says, where it has been read or was written here.
	stage *Stage
}

var _ Store = (*fileStore)(nil)

// File makes a store of a file, which need not be there. Of a symbolic link it is the file that that leads to: everybody has to lock
// and to replace the same. It reads nothing.
func File(path string) Store { return &fileStore{name: path, path: durable.Follow(path)} }

func (f *fileStore) String() string { return f.name }

func (f *fileStore) Read(_ context.Context, stage string) (*Stage, error) {
	content, err := f.load()
	if err != nil {
		return nil, err
	}
	known, ok := content.stages[stage]
	switch {
	case !ok:
		return &Stage{Name: stage}, nil
	case known.stage != nil:
		return known.stage, nil
	}
	s, err := Decode(f.path, Part{Name: "stage " + stage, Text: known.text})
	if err != nil {
		return nil, err
	}
	if s.Name != stage {
		return nil, &CorruptError{Where: f.path, Err: fmt.Errorf("under stage %q there is stage %q", stage, s.Name)}
	}
	known.version = versionOf(known.text)
	s.Version, known.stage = known.version, s
	f.remember(content.with(stage, known))
	return s, nil
}

// load gives what the file has now; one that is not there has no stages.
func (f *fileStore) load() (*fileContent, error) {
	f.mutex.Lock()
	known := f.known
	f.mutex.Unlock()
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return &fileContent{}, nil
	}
	if err != nil {
		return nil, f.wrong(err)
	}
	defer file.Close()
	if known != nil {
		same, err := hasText(file, known.text)
		if err == nil && !same {
			_, err = file.Seek(0, io.SeekStart)
		}
		if err != nil {
			return nil, f.wrong(err)
		}
		if same {
			return known, nil
		}
	}
	text, err := readText(file)
	if err != nil {
		return nil, f.wrong(err)
	}
	stages, err := decodeStages(f.path, text)
	if err != nil {
		return nil, err
	}
	content := &fileContent{text: text, stages: map[string]fileStage{}}
	for name, text := range stages {
		content.stages[name] = fileStage{text: text}
	}
	f.remember(content)
	return content, nil
}

func (f *fileStore) remember(c *fileContent) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.known = c
}

// with gives the content with more known of a stage.
func (c *fileContent) with(stage string, s fileStage) *fileContent {
	stages := maps.Clone(c.stages)
	stages[stage] = s
	return &fileContent{c.text, stages}
}

// hasText reports whether a file has some text and nothing else.
func hasText(file *os.File, text string) (bool, error) {
	info, err := file.Stat()
	if err != nil || info.Size() != int64(len(text)) {
		return false, err
	}
	buffer := make([]byte, 64<<10)
	for {
		n, err := file.Read(buffer)
		if n > len(text) || text[:n] != string(buffer[:n]) {
			return false, nil
		}
		text = text[n:]
		if errors.Is(err, io.EOF) {
			return text == "", nil
		}
		if err != nil {
			return false, err
		}
	}
}

// readText reads a file into a string, of which the services then are parts: a copy of it would take as long as the file.
func readText(file *os.File) (string, error) {
	var text strings.Builder
	if info, err := file.Stat(); err == nil {
		text.Grow(int(info.Size()))
	}
	_, err := io.Copy(&text, file)
	return text.String(), err
}

// versionOf tells texts apart that monoplan wrote, since no two changes have the same ID, and those that a person edited
// meanwhile.
func versionOf(text string) string {
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	_, _ = io.Copy(sum, io.LimitReader(strings.NewReader(text), int64(len(text)))) // in pieces; neither of the two fails
	return fmt.Sprintf("%08x-%d", sum.Sum32(), len(text))
}

func (f *fileStore) Write(_ context.Context, next *Stage) (string, error) {
	text := bytes.TrimSpace(Encode(next))
	if err := os.MkdirAll(filepath.Dir(f.path), 0o777); err != nil {
		return "", f.wrong(err)
	}
	lock, err := durable.Lock(f.path + ".lock")
	if err != nil {
		return "", f.wrong(err)
	}
	defer lock.Close()
	content, err := f.load()
	if err != nil {
		return "", err
	}
	before, ok := content.stages[next.Name]
	if ok && before.version == "" {
		before.version = versionOf(before.text)
	}
	if before.version != next.Version {
		return "", &MovedError{Store: f.String(), Stage: next.Name}
	}
	if ok {
		if err := f.logPrevious(next.Name, before.text); err != nil {
			return "", err
		}
	}
	content = content.written(next.Name, text)
	if err := durable.ReplaceText(f.path, content.text); err != nil {
		return "", f.wrong(err)
	}
	written := content.stages[next.Name]
	written.version = versionOf(written.text)
	kept := *next
	kept.Version, kept.Previous = written.version, nil
	written.stage = &kept
	f.remember(content.with(next.Name, written))
	return written.version, nil
}

// written gives the content with another text of one stage.
func (c *fileContent) written(stage string, text []byte) *fileContent {
	size := 64 + len(stage) + len(text)
	for name, s := range c.stages {
		size += len(name) + len(s.text) + 16
	}
	stages := maps.Clone(c.stages)
	if stages == nil {
		stages = map[string]fileStage{}
	}
	stages[stage] = fileStage{}
	var whole strings.Builder
	whole.Grow(size)
	fmt.Fprintf(&whole, "{\n\"version\": %d,\n\"stages\": {", FormatVersion)
	var start int
	for i, name := range slices.Sorted(maps.Keys(stages)) {
		if i > 0 {
			whole.WriteByte(',')
		}
		whole.Write(append(appendString([]byte("\n"), name), ": "...))
		if name == stage {
			start = whole.Len()
			whole.Write(text)
			continue
		}
		whole.WriteString(stages[name].text)
	}
	whole.WriteString("}\n}\n")
	stages[stage] = fileStage{text: whole.String()[start : start+len(text)]}
	return &fileContent{whole.String(), stages}
}

func (f *fileStore) Stages(context.Context) ([]string, error) {
	content, err := f.load()
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(content.stages)), nil
}

// wrong makes the error of a store of an error of the file system.
func (f *fileStore) wrong(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return &RefusedError{Store: f.String(), Err: err}
	}
	return &UnreachableError{Store: f.String(), Err: err}
}

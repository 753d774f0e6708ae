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
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/monoplan/monoplan/internal/durable"
)

// fileStore keeps all stages in one JSON file. Who writes holds the lock on a file beside it, and replaces the whole; who
// reads needs no lock.
type fileStore struct {
	path string

	mutex sync.Mutex
	// text is what was read or written last, and stages the stages in it: most writes find what they wrote before.
	text   string
	stages map[string]string
}

var _ Store = (*fileStore)(nil)

// File makes a store of a file, which need not be there. It reads nothing.
func File(path string) Store { return &fileStore{path: path} }

func (f *fileStore) String() string { return f.path }

func (f *fileStore) Read(_ context.Context, stage string) (*Stage, error) {
	stages, err := f.load()
	if err != nil {
		return nil, err
	}
	return f.decode(stage, stages)
}

// load gives the texts of the stages, none where there is no file. They are the caller's to read.
func (f *fileStore) load() (map[string]string, error) {
	text, err := readText(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, f.wrong(err)
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.text != "" && f.text == text {
		return f.stages, nil
	}
	stages, err := decodeStages(f.path, text)
	if err == nil {
		f.text, f.stages = text, stages
	}
	return stages, err
}

// readText reads a file into a string, of which the services then are parts: a copy of it would take as long as the file.
func readText(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	var text strings.Builder
	if info, err := file.Stat(); err == nil {
		text.Grow(int(info.Size()))
	}
	_, err = io.Copy(&text, file)
	return text.String(), err
}

func (f *fileStore) decode(stage string, stages map[string]string) (*Stage, error) {
	text, ok := stages[stage]
	if !ok {
		return &Stage{Name: stage}, nil
	}
	s, err := Decode(f.path, Part{Name: "stage " + stage, Text: text})
	if err != nil {
		return nil, err
	}
	if s.Name != stage {
		return nil, &CorruptError{Where: f.path, Err: fmt.Errorf("under stage %q there is stage %q", stage, s.Name)}
	}
	s.Version = versionOf(text)
	return s, nil
}

// versionOf tells texts apart that monoplan wrote, since no two changes have the same ID, and those that a person edited
// meanwhile.
func versionOf(text string) string {
	if text == "" {
		return ""
	}
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	_, _ = io.Copy(sum, io.LimitReader(strings.NewReader(text), int64(len(text)))) // in pieces; neither of the two fails
	return fmt.Sprintf("%08x-%d", sum.Sum32(), len(text))
}

func (f *fileStore) Write(_ context.Context, next *Stage) (string, error) {
	text := string(bytes.TrimSpace(Encode(next)))
	if err := os.MkdirAll(filepath.Dir(f.path), 0o777); err != nil {
		return "", f.wrong(err)
	}
	lock, err := durable.Lock(f.path + ".lock")
	if err != nil {
		return "", f.wrong(err)
	}
	defer lock.Close()
	stages, err := f.load()
	if err != nil {
		return "", err
	}
	if versionOf(stages[next.Name]) != next.Version {
		return "", &MovedError{Store: f.String(), Stage: next.Name}
	}
	if err := f.logPrevious(next.Name, stages); err != nil {
		return "", err
	}
	stages = maps.Clone(stages)
	stages[next.Name] = text
	whole := encodeStages(stages)
	if err := durable.Replace(f.path, whole); err != nil {
		return "", f.wrong(err)
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.text, f.stages = string(whole), stages
	return versionOf(text), nil
}

func encodeStages(stages map[string]string) []byte {
	size := 64
	for name, text := range stages {
		size += len(name) + len(text) + 8
	}
	b := make([]byte, 0, size)
	b = append(b, "{\n\"version\": "...)
	b = strconv.AppendInt(b, FormatVersion, 10)
	b = append(b, ",\n\"stages\": {"...)
	for i, name := range slices.Sorted(maps.Keys(stages)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, '\n'), name)
		b = append(append(b, ": "...), stages[name]...)
	}
	return append(b, "}\n}\n"...)
}

func (f *fileStore) Stages(context.Context) ([]string, error) {
	stages, err := f.load()
	return slices.Sorted(maps.Keys(stages)), err
}

// wrong makes the error of a store of an error of the file system.
func (f *fileStore) wrong(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return &RefusedError{Store: f.String(), Err: err}
	}
	return &UnreachableError{Store: f.String(), Err: err}
}

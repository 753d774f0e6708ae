package packager

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/monoplan/monoplan/packager/assemble"
)

// state is what is remembered of a service beside its artifact. It is written last of all, and whatever it says is
// checked against the files: without it, or with one that lies, the artifact is only made anew.
type state struct {
	Format string `json:"format"`
	// Options is the digest of the service's options when Seen was noted.
	Options string `json:"options"`
	Seen    seen   `json:"seen"`
	Made    made   `json:"made"`
}

// made is one artifact.
type made struct {
	Key    string       `json:"key"`
	Inputs []input      `json:"inputs"`
	Code   archiveFile  `json:"code"`
	Layer  *archiveFile `json:"layer,omitempty"`
}

// archiveFile is one zip file, as the directory of artifacts has it.
type archiveFile struct {
	// File is relative to the directory of artifacts, with slashes.
	File string `json:"file"`
	assemble.ManifestArchive
	// Modified is the file's time when it was written or checked, in nanoseconds.
	Modified int64 `json:"modified"`
}

// readState gives what is remembered of a service; nothing where that cannot be read.
func readState(file string) state {
	var s state
	data, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(data, &s) != nil || s.Format != formatVersion {
		return state{}
	}
	return s
}

func (s state) write(file string) error {
	s.Format = formatVersion
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return writeFile(file, data)
}

// isThere reports whether all files of an artifact are still what they were.
func (m made) isThere(output string) bool {
	return m.Code.isThere(output) && (m.Layer == nil || m.Layer.isThere(output))
}

// inOutput describes the file as it is seen from the directory of artifacts.
func (a archiveFile) inOutput() assemble.ManifestArchive {
	m := a.ManifestArchive
	m.File = a.File
	return m
}

// isThere looks first at a file's size and time, and where the time is another at its content.
func (a archiveFile) isThere(output string) bool {
	file := filepath.Join(output, filepath.FromSlash(a.File))
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() != a.Size {
		return false
	}
	return info.ModTime().UnixNano() == a.Modified || hasSum(file, a.SHA256)
}

func hasSum(file, want string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	sum, err := sumOf(f)
	return err == nil && sum == want
}

// holds reports whether everything that was seen is still so: now has what the tree has at each path, and included gives
// what include: names below a directory.
func (s seen) holds(now map[string]string, included func(dir string) (identity string, err error)) bool {
	for _, e := range s.Paths {
		if now[e.Path] != e.Identity {
			return false
		}
	}
	for _, e := range s.Includes {
		if identity, err := included(e.Path); err != nil || identity != e.Identity {
			return false
		}
	}
	return true
}

// includes remembers what include: names below directories: the libraries that many services share are walked once.
type includes struct {
	worktree string
	known    map[includesKey]included
}

type includesKey struct{ dir, selection string }

// find gives the files below a directory that a service's include: names.
func (i includes) find(ctx context.Context, dir string, sel selection) (included, error) {
	key := includesKey{dir, sel.name}
	if found, ok := i.known[key]; ok {
		return found, nil
	}
	found, err := includedFiles(ctx, i.worktree, dir, sel)
	if err == nil {
		i.known[key] = found
	}
	return found, err
}

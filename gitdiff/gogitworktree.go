package gitdiff

import (
	"bytes"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/go-git/go-git/v5/plumbing/format/index"

	"github.com/monoplan/monoplan/gitdiff/odb"
	"github.com/monoplan/monoplan/internal/tree"
)

// Worktree compares the tree with what the index knows, as the disk has it, and adds the files that it does not know.
//
// A file whose times and size are those that the index has for it is the index's: git decides so too. Another is
// read, and equal where its content is, be it with the line ends that core.autocrlf gives. Attributes (gitattributes(5))
// are not read, nor filters run, so where there are any, such a file counts as modified once it was touched; that is to say too
// much, and never too little.
func (e *goGitEngine) Worktree(ctx context.Context, treeID string) (tree.Reader, []tree.Change, error) {
	if e.location.workTree == "" {
		return nil, nil, ErrNoWorktree
	}
	root, err := os.OpenRoot(e.location.workTree)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	settings, err := e.location.settings(e.env)
	if err != nil {
		return nil, nil, err
	}
	s := &diskState{
		ctx: ctx, engine: e, root: root, settings: settings,
		before: map[string]tree.Entry{}, links: linkedDirs{}, known: map[string]tree.Mode{}, dirs: map[string]bool{}, changes: map[string]tree.Change{},
		leftOut: map[string]string{},
	}
	_, s.hasAttributes = settings.get("core.attributesfile")
	s.hasAttributes = s.hasAttributes || exists(filepath.Join(e.location.commonDir, "info", "attributes"))
	under := e.Tree(treeID)
	if err := s.compare(under); err != nil {
		return nil, nil, err
	}
	sorted := sortedChanges(s.changes)
	return newWorktree(e.location.workTree, under, sorted), sorted, nil
}

// diskState is a comparison of a working tree being made.
type diskState struct {
	ctx      context.Context
	engine   *goGitEngine
	root     *os.Root
	settings config
	saved    time.Time             // when the index was written
	before   map[string]tree.Entry // the tree that is compared with
	links    linkedDirs
	known    map[string]tree.Mode // the paths of the index
	dirs     map[string]bool      // the directories that hold some of those
	changes  map[string]tree.Change
	loose    []string // the paths that the index does not know, and that are not ignored
	// leftOut has the IDs of ignore files that the index lets be missing: its own content counts in their place.
	leftOut map[string]string
	// hasAttributes says that files may have attributes, which have the last word on their line ends.
	hasAttributes bool
}

func (s *diskState) compare(under tree.Reader) error {
	err := under.List(s.ctx, func(e tree.Entry) error {
		s.before[e.Path] = e
		s.changes[e.Path] = tree.Change{Path: e.Path, OldMode: e.Mode, OldID: e.ID}
		return nil
	})
	if err != nil {
		return err
	}
	entries, saved, err := s.engine.readIndex()
	if err != nil {
		return err
	}
	s.saved = saved
	for _, entry := range entries {
		s.known[entry.Name], _ = canonicalMode(uint32(entry.Mode))
		if entry.SkipWorktree && path.Base(entry.Name) == ignoreFile {
			s.leftOut[entry.Name] = entry.Hash.String()
		}
		s.hasAttributes = s.hasAttributes || path.Base(entry.Name) == ".gitattributes"
		for dir := parent(entry.Name); dir != "." && !s.dirs[dir]; dir = parent(dir) {
			s.dirs[dir] = true
		}
	}
	for _, entry := range entries {
		if err := s.tracked(entry); err != nil {
			return err
		}
	}
	rules, err := s.engine.location.baseRules(s.engine.env, s.settings)
	if err != nil {
		return err
	}
	if err := s.untracked(".", rules); err != nil {
		return err
	}
	if err := overlay(s.ctx, s.root, under, s.changes, s.loose); err != nil {
		return err
	}
	return s.dropUnchanged()
}

// dropUnchanged takes out of changes the files that the index does not know and that are as the tree has them.
func (s *diskState) dropUnchanged() error {
	for _, path := range s.loose {
		c := s.changes[path]
		if c.OldMode != c.NewMode || !c.NewMode.IsFile() && c.NewMode != tree.Symlink {
			continue
		}
		data, err := readDisk(s.root, tree.Entry{Path: path, Mode: c.NewMode})
		if err != nil {
			return err
		}
		if s.identify(&index.Entry{Name: path, IntentToAdd: true}, data) == c.OldID {
			delete(s.changes, path)
		}
	}
	return nil
}

// readIndex reads the index, and tells when it was written; one that is not there has no entries.
func (e *goGitEngine) readIndex() (entries []*index.Entry, saved time.Time, err error) {
	path := filepath.Join(e.location.gitDir, "index")
	if explicit := e.env.get("GIT_INDEX_FILE"); explicit != "" {
		path = absolute(e.location.workTree, explicit)
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, saved, nil
	}
	if err != nil {
		return nil, saved, err
	}
	if info, err := os.Stat(path); err == nil {
		saved = info.ModTime()
	}
	var decoded index.Index
	err = index.NewDecoder(bytes.NewReader(data)).Decode(&decoded)
	switch {
	case errors.Is(err, index.ErrUnknownExtension), errors.Is(err, index.ErrUnsupportedVersion):
		return nil, saved, &UnsupportedError{What: fmt.Sprintf("this index (%v): it may be split or sparse", err)}
	case err != nil:
		return nil, saved, fmt.Errorf("%s: %w", path, err)
	}
	return decoded.Entries, saved, nil
}

// tracked compares what the disk has for an entry of the index.
func (s *diskState) tracked(e *index.Entry) error {
	if err := s.ctx.Err(); err != nil {
		return context.Cause(s.ctx)
	}
	if e.Stage != 0 {
		// A path in conflict is what the disk has. Its entries, one a side, all say the same here.
		e = &index.Entry{Name: e.Name, Mode: e.Mode, IntentToAdd: true}
	}
	mode, ok := canonicalMode(uint32(e.Mode))
	if !ok || mode == tree.Dir {
		return &UnsupportedError{What: "a sparse index"}
	}
	id := e.Hash.String()
	disk, err := diskMode(s.root, e.Name, s.links)
	if err != nil {
		return err
	}
	switch {
	case disk == tree.None && e.SkipWorktree:
		s.settle(e.Name, mode, id)
	case disk == tree.None:
	case mode == tree.Submodule:
		return s.submodule(e.Name, disk, id)
	case disk == tree.Dir:
	default:
		return s.file(e, mode, s.settings.recordedMode(disk, mode))
	}
	return nil
}

// settle says what the working tree has at a path: an ID for what git knows, and none for what must be read.
func (s *diskState) settle(path string, mode tree.Mode, id string) {
	before := s.before[path]
	if before.Mode == mode && before.ID == id {
		delete(s.changes, path)
		return
	}
	s.changes[path] = tree.Change{Path: path, OldMode: before.Mode, OldID: before.ID, NewMode: mode, NewID: id}
}

// submodule compares the commit that is checked out, and what differs from that.
func (s *diskState) submodule(path string, disk tree.Mode, id string) error {
	if disk != tree.Dir {
		s.settle(path, disk, "")
		return nil
	}
	commit, err := s.engine.location.checkedOut(s.ctx, s.engine.env, path, id, func(l *location, env environment) (Engine, error) {
		return openGoGit(l, env)
	})
	s.settle(path, tree.Submodule, commit)
	return err
}

// recordedMode is the mode that git would record: the index's where the file system cannot tell (core.fileMode,
// core.symlinks).
func (c config) recordedMode(disk, recorded tree.Mode) tree.Mode {
	if disk == tree.File && recorded == tree.Symlink && !c.boolean("core.symlinks", true) {
		return tree.Symlink
	}
	if disk.IsFile() && !c.boolean("core.filemode", true) {
		if recorded.IsFile() {
			return recorded
		}
		return tree.File
	}
	return disk
}

// file compares a file or a symbolic link.
func (s *diskState) file(e *index.Entry, recorded, disk tree.Mode) error {
	path := filepath.FromSlash(e.Name)
	info, err := s.root.Lstat(path)
	if err != nil {
		return err
	}
	if disk == recorded && !e.IntentToAdd && unchangedSince(e, info, s.saved) {
		s.settle(e.Name, disk, e.Hash.String())
		return nil
	}
	var data []byte
	if info.Mode()&fs.ModeSymlink != 0 {
		var target string
		target, err = s.root.Readlink(path)
		data = []byte(target)
	} else {
		data, err = s.root.ReadFile(path)
	}
	if err != nil {
		return err
	}
	s.settle(e.Name, disk, s.identify(e, data))
	return nil
}

// identify gives the ID of content that the index or the tree has at a path, or nothing for any other.
func (s *diskState) identify(e *index.Entry, data []byte) string {
	candidates := []string{odb.ID(odb.Blob, data, sha1.Size)}
	crlf, _ := s.settings.get("core.autocrlf")
	if isText := !s.hasAttributes && !bytes.Contains(data, []byte{0}); isText && (crlf == "input" || s.settings.boolean("core.autocrlf", false)) {
		candidates = append(candidates, odb.ID(odb.Blob, bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), sha1.Size))
	}
	for _, id := range candidates {
		if id == e.Hash.String() && !e.IntentToAdd || id == s.before[e.Name].ID {
			return id
		}
	}
	return ""
}

// unchangedSince reports whether a file is the one that the index has, by its times and size. One that was written
// as late as the index itself may have changed since without a trace (git's "racy" problem).
func unchangedSince(e *index.Entry, info fs.FileInfo, saved time.Time) bool {
	modified := info.ModTime()
	return e.ModifiedAt.Equal(modified) && modified.Before(saved) && e.Size == uint32(info.Size()) && sameInode(e, info)
}

// untracked walks a directory for files that the index does not know.
func (s *diskState) untracked(dir string, rules *ignoreRules) error {
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	data, err := readIgnoreFile(s.root, dir)
	if id := s.leftOut[path.Join(dir, ignoreFile)]; id != "" && errors.Is(err, fs.ErrNotExist) {
		data, err = s.engine.object(id, odb.Blob)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	rules = rules.within(dir, data)
	entries, err := readDirectory(s.root, dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := entry.Name()
		if dir != "." {
			path = dir + "/" + path
		}
		known := s.known[path]
		tracked := known == tree.Submodule || known != tree.None && !entry.IsDir()
		if entry.Name() == ".git" || tracked || rules.ignores(path, entry.IsDir()) {
			continue
		}
		switch {
		case !entry.IsDir():
			if entry.Type().IsRegular() || entry.Type()&fs.ModeSymlink != 0 {
				s.loose = append(s.loose, path)
			}
		case !s.dirs[path] && s.engine.location.isRepository(path):
			s.loose = append(s.loose, path)
		default:
			if err := s.untracked(path, rules); err != nil {
				return err
			}
		}
	}
	return nil
}

// readDirectory reads a directory of any name: an fs.FS takes none that is not UTF-8.
func readDirectory(root *os.Root, dir string) ([]fs.DirEntry, error) {
	file, err := root.Open(filepath.FromSlash(dir))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return file.ReadDir(-1)
}

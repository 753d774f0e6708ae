package gitdiff

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/monoplan/monoplan/internal/durable"
)

// RefMovedError is a reference that is not where it was to be moved from.
type RefMovedError struct {
	Ref string
	// Now is where it is, empty where it is nowhere; Want where it was to be.
	Now, Want string
}

func (e *RefMovedError) Error() string {
	return fmt.Sprintf("%s is at %s, not at %s", e.Ref, orNowhere(e.Now), orNowhere(e.Want))
}

func orNowhere(id string) string {
	if id == "" {
		return "no commit"
	}
	return id
}

// RefLockedError is a reference that another git process keeps locked, or one that was killed.
type RefLockedError struct {
	Path string
}

func (e *RefLockedError) Error() string {
	return fmt.Sprintf("%s is there: another git process updates this reference, or was killed while it did", e.Path)
}

// Tip gives the commit that a reference leads to, by its full name; empty where there is none.
func (d *Documents) Tip(ctx context.Context, ref string) (string, error) {
	l := d.repository.location
	if !l.refsAreFiles() {
		return d.revision(ctx, ref)
	}
	refs := &refStore{gitDir: l.gitDir, commonDir: l.commonDir}
	id, _ := refs.read(ref)
	return id, nil
}

// Tips gives the commits of all references below a prefix that ends in a slash, by their full names.
func (d *Documents) Tips(ctx context.Context, prefix string) (map[string]string, error) {
	l := d.repository.location
	if !l.refsAreFiles() {
		return d.listed(ctx, prefix)
	}
	refs := &refStore{gitDir: l.gitDir, commonDir: l.commonDir}
	tips := map[string]string{}
	packed, err := os.ReadFile(filepath.Join(l.commonDir, "packed-refs"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	parsePackedRefs(string(packed), tips)
	maps.DeleteFunc(tips, func(name, _ string) bool { return !strings.HasPrefix(name, prefix) || !validRef(name) })
	root := filepath.Join(l.commonDir, filepath.FromSlash(prefix))
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		rel, err := filepath.Rel(l.commonDir, path)
		if name := filepath.ToSlash(rel); validRef(name) {
			delete(tips, name) // its file goes before what is packed, be it damaged
			if id, _ := refs.read(name); id != "" {
				tips[name] = id
			}
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return tips, nil
}

// refsAreFiles reports whether references are kept as files (git-config(1), extensions.refStorage).
func (l *location) refsAreFiles() bool {
	kind, ok := l.config.get("extensions.refstorage")
	return !ok || kind == "files"
}

// Move moves a reference from one commit to another; an old one that is empty makes it, and is an error where it is there. Its
// errors are *RefMovedError, with nothing changed, and *RefLockedError.
func (d *Documents) Move(ctx context.Context, ref, old, new string) error {
	defer d.traced("move "+ref, time.Now())
	l := d.repository.location
	if !validRef(ref) || !isFullHex(new) {
		return fmt.Errorf("%q cannot be a reference to %q", ref, new)
	}
	if !l.refsAreFiles() {
		return d.updateRef(ctx, ref, old, new)
	}
	lock, err := d.lockRefs()
	if err != nil {
		return err
	}
	defer lock.Close()
	return d.refUpdate(ref).move(ctx, &refStore{gitDir: l.gitDir, commonDir: l.commonDir}, ref, old, new)
}

// clean removes what a killed writer left of a reference: git is to move it, and would be stopped.
func (d *Documents) clean(ref string) error {
	u := d.refUpdate(ref)
	if _, err := os.Lstat(u.mark); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	lock, err := d.lockRefs()
	if err != nil {
		return err
	}
	defer lock.Close()
	return u.clean()
}

// lockRefs has monoplan's writers of references take turns.
func (d *Documents) lockRefs() (*os.File, error) {
	dir := filepath.Join(d.repository.location.commonDir, "monoplan")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	return durable.Lock(filepath.Join(dir, "refs.lock"))
}

func (d *Documents) refUpdate(ref string) refUpdate {
	dir := d.repository.location.commonDir
	return refUpdate{
		path: filepath.Join(dir, filepath.FromSlash(ref)),
		mark: filepath.Join(dir, "monoplan", url.PathEscape(ref)),
	}
}

// refUpdate moves a reference that is a file by git's own protocol: who has made the file of its name with ".lock" may
// replace it by that one. Git itself would be stopped for good by such a file that a killed process left. So the
// file is written first under another name, the reference's mark, and linked: a lock that is the same file as the mark is one of
// monoplan's, and since monoplan's writers take turns by a lock that ends with its holder, its writer is dead.
type refUpdate struct {
	path, mark string
}

// lockPatience is how long a reference may be locked by others, which git does for an instant.
const lockPatience = 3 * time.Second

func (u refUpdate) move(ctx context.Context, refs *refStore, ref, old, new string) error {
	if err := u.clean(); err != nil {
		return err
	}
	if err := u.writeMark(new); err != nil {
		return err
	}
	defer os.Remove(u.mark)
	if err := os.MkdirAll(filepath.Dir(u.path), 0o777); err != nil {
		return err
	}
	if err := u.lock(ctx); err != nil {
		return err
	}
	now, _ := refs.read(ref)
	if now != old {
		return errors.Join(&RefMovedError{Ref: ref, Now: now, Want: old}, os.Remove(u.lockPath()))
	}
	if err := os.Rename(u.lockPath(), u.path); err != nil {
		return errors.Join(err, os.Remove(u.lockPath()))
	}
	return nil
}

func (u refUpdate) lockPath() string { return u.path + ".lock" }

// clean removes what a killed writer left: the mark, and a lock that is the same file.
func (u refUpdate) clean() error {
	mark, err := os.Lstat(u.mark)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if lock, err := os.Lstat(u.lockPath()); err == nil && os.SameFile(mark, lock) {
		if err := os.Remove(u.lockPath()); err != nil {
			return err
		}
	}
	return os.Remove(u.mark)
}

func (u refUpdate) writeMark(id string) error {
	f, err := os.OpenFile(u.mark, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(id + "\n")
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// lock links the mark to the lock's name, and waits for others to be done. Where files cannot be linked the mark becomes the lock.
func (u refUpdate) lock(ctx context.Context) error {
	const pause = 10 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		err := os.Link(u.mark, u.lockPath())
		if err != nil && !errors.Is(err, fs.ErrExist) {
			err = u.lockWithoutLinks()
		}
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		if waited >= lockPatience {
			return &RefLockedError{Path: u.lockPath()}
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-timer.C:
		}
	}
}

func (u refUpdate) lockWithoutLinks() error {
	content, err := os.ReadFile(u.mark)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(u.lockPath(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// local is git without the network.
func (d *Documents) local() (*command, error) {
	r := d.repository
	path, err := r.env.findGit()
	if err != nil {
		return nil, err
	}
	return newCommand(path, r.location, r.env, r.options), nil
}

// revision asks git for a reference.
func (d *Documents) revision(ctx context.Context, ref string) (string, error) {
	tips, err := d.listed(ctx, ref)
	return tips[ref], err
}

// listed asks git for references: one of this name, and those below it.
func (d *Documents) listed(ctx context.Context, pattern string) (map[string]string, error) {
	c, err := d.local()
	if err != nil {
		return nil, err
	}
	out, err := c.output(ctx, nil, "for-each-ref", "--format=%(objectname) %(refname)", strings.TrimSuffix(pattern, "/"))
	if err != nil {
		return nil, err
	}
	tips := map[string]string{}
	parsePackedRefs(string(out), tips)
	return tips, nil
}

// updateRef has git move a reference.
func (d *Documents) updateRef(ctx context.Context, ref, old, new string) error {
	c, err := d.local()
	if err != nil {
		return err
	}
	expected := old
	if old == "" {
		expected = strings.Repeat("0", len(new))
	}
	_, err = c.output(ctx, nil, withoutHooks("update-ref", "--no-deref", ref, new, expected)...)
	var failure *ProcessError
	if errors.As(err, &failure) {
		if now, nowErr := d.revision(ctx, ref); nowErr == nil && now != old {
			return &RefMovedError{Ref: ref, Now: now, Want: old}
		}
	}
	return err
}

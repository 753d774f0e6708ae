package packager

import (
	"context"
	"os"

	"github.com/monoplan/monoplan/packager/archive"
	"github.com/monoplan/monoplan/packager/wheel"
)

// strippedResult is the kind of result that names, in the store, what was stripped of a wheel.
const strippedResult = "stripped objects " + wheel.StrippedFormat + " "

// strippedOf gives the objects of a wheel without what only debuggers need, nil where it has none that are worthwhile. They are
// stripped and compressed once, and copied from the store from then on.
func (r *run) strippedOf(ctx context.Context, w openWheel) (*archive.Archive, error) {
	if !w.wheel.HasStripped() {
		return nil, nil
	}
	return r.stripped.do(ctx, w.sha256, func() (*archive.Archive, error) {
		file, err := r.findStripped(ctx, w)
		if err != nil {
			return nil, err
		}
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		r.atEnd(f.Close)
		info, err := f.Stat()
		if err != nil {
			return nil, err
		}
		return archive.Read(f, info.Size())
	})
}

// findStripped gives the file of what is stripped of a wheel, from the store or made.
func (r *run) findStripped(ctx context.Context, w openWheel) (string, error) {
	sum, ok, err := r.Store.Result(ctx, strippedResult+w.sha256)
	if err != nil {
		return "", err
	}
	if ok {
		if file, ok, err := r.Store.Get(ctx, string(sum)); ok || err != nil {
			return file, err
		}
	}
	f, err := os.CreateTemp(r.Temp, "stripped-")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := w.wheel.WriteStripped(ctx, f, r.Temp); err != nil {
		return "", err
	}
	if _, err := f.Seek(0, 0); err != nil {
		return "", err
	}
	made, file, err := r.Store.Put(ctx, "", f)
	if err != nil {
		return "", err
	}
	return file, r.Store.SetResult(ctx, strippedResult+w.sha256, []byte(made))
}

package gitdiff

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/monoplan/monoplan/gitdiff/odb"
)

// documentObjects reads the objects of documents: out of the object database, and through the git command what is not there or cannot
// be read, since that knows more of what a repository may be. With the go-git engine there is no git.
type documentObjects struct {
	store *odb.Store
	git   *catFile
}

func (r *Repository) openDocumentObjects() (*documentObjects, error) {
	store, err := openObjects(r.location, r.env)
	if r.inProcess() {
		return &documentObjects{store: store}, err
	}
	if err != nil {
		store = odb.New(nil, r.location.hashSize()) // git reads what cannot be read here
	}
	path, err := r.env.findGit()
	if err != nil {
		return nil, err
	}
	return &documentObjects{store: store, git: &catFile{command: newCommand(path, r.location, r.env, r.options)}}, nil
}

// documentsAtOnce is how many objects are held in memory.
const documentsAtOnce = 512

// read calls receive with each object, in order. For one that is not there the kind is 0.
func (d *documentObjects) read(ctx context.Context, ids []string, receive func(i int, o odb.Object) error) error {
	begin := 0
	for some := range slices.Chunk(ids, documentsAtOnce) {
		objects, err := d.some(ctx, some)
		if err != nil {
			return err
		}
		for i, o := range objects {
			if err := receive(begin+i, o); err != nil {
				return err
			}
		}
		begin += len(some)
	}
	return nil
}

func (d *documentObjects) some(ctx context.Context, ids []string) ([]odb.Object, error) {
	objects := make([]odb.Object, len(ids))
	var requests []request
	var index []int
	err := d.store.Each(ctx, ids, func(i int, r odb.Result) error {
		switch {
		case r.Err == nil:
			objects[i] = r.Object
		case d.git != nil:
			requests = append(requests, request{"contents", ids[i]})
			index = append(index, i)
		case !errors.Is(r.Err, odb.ErrMissing):
			return readError(ids[i], r.Err)
		}
		return nil
	})
	if err != nil || len(requests) == 0 {
		return objects, err
	}
	return objects, d.git.ask(ctx, requests, func(n int, a *answer) error {
		objects[index[n]] = odb.Object{Kind: odb.ParseKind(a.kind), Data: bytes.Clone(a.data)}
		return nil
	})
}

func (d *documentObjects) close() error {
	if d.git != nil {
		d.git.close()
	}
	return d.store.Close()
}

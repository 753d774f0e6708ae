package packager

import (
	"context"

	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/index"
)

// fetchTool gets a wheel that builds others from where the service's own come from, into the store.
func (r *resolver) fetchTool(ctx context.Context, t builder.Tool) (string, error) {
	c, err := r.client(ctx)
	if err != nil {
		return "", err
	}
	fetched, err := c.Fetch(ctx, index.Request{Package: t.Name, Version: t.Version, File: t.File, Hashes: []string{"sha256:" + t.SHA256}})
	return fetched.Path, err
}

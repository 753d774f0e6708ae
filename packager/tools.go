package packager

import (
	"context"
	"time"

	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/index"
)

// toolPatience is how long a tool may take to be fetched: a network that is closed without a word is not waited for.
const toolPatience = 10 * time.Second

// fetchTool gets a wheel that builds others from where the service's own come from, into the store. The builder knows another way.
func (r *resolver) fetchTool(ctx context.Context, t builder.Tool) (string, error) {
	c, err := r.client(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, toolPatience)
	defer cancel()
	fetched, err := c.Hasty().Fetch(ctx, index.Request{Package: t.Name, Version: t.Version, File: t.File, Hashes: []string{"sha256:" + t.SHA256}})
	return fetched.Path, err
}

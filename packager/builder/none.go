package builder

import "context"

// None builds nothing.
type None struct{}

var _ Builder = None{}

// Name gives "none".
func (None) Name() string { return "none" }

// Accept refuses whatever there is to build.
func (n None) Accept(_ context.Context, builds []Build) error {
	if len(builds) == 0 {
		return nil
	}
	return &RefusedError{Builder: n.Name(), Builds: builds}
}

// Identity gives nothing.
func (None) Identity(context.Context, Build) (string, error) { return "", nil }

// Build refuses.
func (n None) Build(ctx context.Context, b Build) (string, error) {
	return "", n.Accept(ctx, []Build{b})
}

// Close does nothing.
func (None) Close() error { return nil }

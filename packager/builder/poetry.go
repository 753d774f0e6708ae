package builder

import "context"

// Poetry runs Poetry on a project: for locks that are to be made anew, and for what only Poetry itself can install.
type Poetry interface {
	// PoetryIdentity names what decides a result besides the project, such as an image.
	PoetryIdentity(ctx context.Context, p PoetryProject) (string, error)
	// Lock brings the project's lock up to date, and gives its text.
	Lock(ctx context.Context, p PoetryProject) (string, error)
	// Install installs what the project needs into an environment of its own, and calls yield with each file of that: names
	// begin with lib/pythonX.Y/site-packages, with bin, or with another directory of an environment.
	Install(ctx context.Context, p PoetryProject, yield func(File) error) error
}

// PoetryProject is a project on which Poetry is run.
type PoetryProject struct {
	// Build has the project: Name is the service's, and nothing is put into Out.
	Build
	// Series is the Poetry to run, "1.8" or "2".
	Series string
	// Groups and Extras are installed besides the main dependencies.
	Groups, Extras []string
}

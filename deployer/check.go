package deployer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/monoplan/monoplan/internal/secret"
)

// Check finds what can be known to go wrong before anything runs: two services of one name, and a tool or a directory that
// is not there, unless a hook may be what brings it. The error joins all that there is: each is a *NameError, or a
// *ToolError, *NoCommandError, *StackNameError, *UnnamedStackError or *DirectoryError with the service's name before it.
func Check(c Config, services []Service) error {
	seen := make(map[string]bool)
	var errs []error
	for _, s := range services {
		if seen[s.Name] {
			errs = append(errs, &NameError{s.Name})
		}
		seen[s.Name] = true
		if _, err := c.expected(s); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// expected gives the commands that deploy or remove a service, before anything has run: where a hook may bring a tool or a
// directory, it will be there.
func (c Config) expected(s Service) ([]Command, error) {
	t := c.target(s, c.Env)
	t.find.assumes = c.mayInstall(s)
	commands, err := Commands(t)
	if err == nil && !t.find.assumes {
		err = t.directory()
	}
	if err != nil {
		return nil, withoutSecrets(fmt.Errorf("%s: %w", s.Name, err), secret.In(c.Env))
	}
	return commands, nil
}

// directory is a *DirectoryError where the directory that the commands of a service run in is not there.
func (t Target) directory() error {
	if _, err := os.Stat(t.Dir); errors.Is(err, fs.ErrNotExist) {
		return &DirectoryError{t.Service.Path}
	}
	return nil
}

// DirectoryError is a service whose directory is in its commit and not in the working tree.
type DirectoryError struct {
	// Path is the directory, relative to the repository.
	Path string
}

func (e *DirectoryError) Error() string {
	return fmt.Sprintf("its directory %s is not in the working tree", e.Path)
}

// mayInstall reports whether a command that runs before a service's tool could be what installs it.
func (c Config) mayInstall(s Service) bool {
	if s.Remove {
		return len(c.Hooks.BeforeRemove) > 0
	}
	return c.Hooks.Prepare()
}

// NameError is two services of one name.
type NameError struct{ Name string }

func (e *NameError) Error() string { return fmt.Sprintf("two services are called %q", e.Name) }

package deployer

import (
	"fmt"
	"path/filepath"
)

// commandRunner runs what deploy: in seed.yml has.
type commandRunner struct{}

func (commandRunner) Commands(t Target) ([]Command, error) {
	own := t.own()
	if own.IsZero() {
		return nil, &NoCommandError{t.Service}
	}
	if len(own.Args) > 0 && own.Args[0] == filepath.Base(own.Args[0]) {
		if _, err := t.find.find(own.Args[0]); err != nil {
			return nil, err
		}
	}
	return []Command{own}, nil
}

// NoCommandError is a service of which nobody said how it is deployed, or removed.
type NoCommandError struct{ Service Service }

func (e *NoCommandError) Error() string {
	verb := "deploys"
	if e.Service.Remove {
		verb = "removes"
	}
	return fmt.Sprintf("nothing says what %s a service of type %q", verb, e.Service.Type)
}

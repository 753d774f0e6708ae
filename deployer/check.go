package deployer

import "fmt"

// Check finds what can be known to go wrong before anything runs: two services of one name, and a tool that is not
// installed, unless a hook may be what installs it. The error is a *NameError, a *ToolError or a *NoCommandError, with
// the service's name before it.
func Check(c Config, services []Service) error {
	seen := make(map[string]bool)
	for _, s := range services {
		if seen[s.Name] {
			return &NameError{s.Name}
		}
		seen[s.Name] = true
		if c.mayInstall(s) && s.own().IsZero() {
			continue
		}
		if _, err := Commands(c.target(s, c.Env)); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return nil
}

// mayInstall reports whether a command that runs before a service's tool could be what installs it.
func (c Config) mayInstall(s Service) bool {
	h := c.Hooks
	if s.Remove {
		return len(h.BeforeRemove) > 0
	}
	return len(h.BeforeCompile)+len(h.Compile)+len(h.BeforeBuild)+len(h.BeforeDeploy) > 0
}

// NameError is two services of one name.
type NameError struct{ Name string }

func (e *NameError) Error() string { return fmt.Sprintf("two services are called %q", e.Name) }

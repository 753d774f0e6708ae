package deployer

import (
	"fmt"
	"strings"

	"github.com/monoplan/monoplan/internal/secret"
)

// StepError is a command of a service that did not end well.
type StepError struct {
	Service string
	Step    Step
	// Command is what ran, as a person would type it; empty where none could be run yet.
	Command string
	// Status is the exit status; -1 where a signal ended it, whose name Signal then has, or where it never began.
	Status int
	Signal string
	// Err is why it did not begin, or nil.
	Err error
	// Tail has the last lines that it printed, secrets left out.
	Tail string
	// Log is the path of the service's log.
	Log string
}

func (e *StepError) Error() string {
	if e.Command == "" {
		return fmt.Sprintf("%s: %s: %s", e.Service, e.Step, e.ended())
	}
	return fmt.Sprintf("%s: %s: %s: %s", e.Service, e.Step, quoteCommand(e.Command), e.ended())
}

func (e *StepError) ended() string {
	switch {
	case e.Err != nil:
		return e.Err.Error()
	case e.Signal != "":
		return "ended by signal: " + e.Signal
	}
	return fmt.Sprintf("exit status %d", e.Status)
}

func (e *StepError) Unwrap() error { return e.Err }

// hiddenError is an error whose words had secrets: those of the system have the path of a program that was to run.
type hiddenError struct {
	error
	text string
}

// withoutSecrets gives an error whose words have no secrets; nil for none.
func withoutSecrets(err error, s *secret.Values) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if hidden := s.Hide(text); hidden != text {
		return &hiddenError{err, hidden}
	}
	return err
}

func (e *hiddenError) Error() string { return e.text }

func (e *hiddenError) Unwrap() error { return e.error }

// quoteCommand gives the first line of a command.
func quoteCommand(command string) string {
	first, rest, more := strings.Cut(strings.TrimSpace(command), "\n")
	if more && strings.TrimSpace(rest) != "" {
		first += " …"
	}
	return "`" + first + "`"
}

// StackNameError is a name that CloudFormation takes for no stack.
type StackNameError struct{ Name string }

func (e *StackNameError) Error() string {
	return fmt.Sprintf("%q can be no stack's name: CloudFormation takes letters, digits and hyphens, a letter first, %d at most", e.Name, longestStackName)
}

// UnnamedStackError is a stack that each clone of the repository would call by another name: that of its directory.
type UnnamedStackError struct{ Name string }

func (e *UnnamedStackError) Error() string {
	return fmt.Sprintf("nothing in the repository names its stack: it would be %q after the directory of this clone, and another in another", e.Name)
}

// ToolError is a tool that is not installed.
type ToolError struct {
	// Tool is how its documentation calls it.
	Tool string
	// Names are those of the programs that were looked for, best first.
	Names []string
	// Get is the command that installs it; empty where nobody can know.
	Get string
}

func (e *ToolError) Error() string {
	if len(e.Names) == 1 {
		return fmt.Sprintf("%s is not installed: no %s in node_modules or PATH", e.Tool, e.Names[0])
	}
	return fmt.Sprintf("%s is not installed: none of %s in node_modules or PATH", e.Tool, strings.Join(e.Names, ", "))
}

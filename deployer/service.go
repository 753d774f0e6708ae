package deployer

import (
	"context"
	"io"
)

// The types of services that have a tool.
const (
	Serverless = "serverless"
	SAM        = "sam"
	CDK        = "cdk"
	SST        = "sst"
	OwnCommand = "command"
)

// rootPath is the path of a service at the repository's root.
const rootPath = "."

// Service is a service that is to be deployed or removed.
type Service struct {
	// Name, Path and Type are as a plan has them: the path relative to the repository's root, with "/", "." for itself.
	Name, Path, Type string
	// Unnamed says that nothing in the repository gives it Name, which is then that of the directory of this clone.
	Unnamed bool
	// Phase is the group that it is deployed with; lower ones go first.
	Phase int
	// Remove says that the service is to be removed, from the commit that it was last deployed from.
	Remove bool
	// Commit is that from which it is deployed or removed, in hex.
	Commit string
	// Checkout is the top of the files that it is deployed from, where that is not Config.Root: a service that is to be
	// removed is not in head.
	Checkout string
	// Marker is the name of its marker; empty where it has one of those that its tool finds by itself.
	Marker string
	// Deploy and Withdraw stand instead of what the tool of its type does to deploy or remove it; the zero value for that.
	Deploy, Withdraw Command
	// Package makes the artifact that is deployed; nil where the tool makes its own. log takes what it has to say.
	// It is called after the hook before_build.
	Package func(ctx context.Context, log io.Writer) (Packaged, error)
}

// Command is a command as seed.yml has it: a text for the shell, or a program with its arguments. Of the two one is set.
type Command struct {
	Shell string
	Args  []string
}

// IsZero reports whether there is no command.
func (c Command) IsZero() bool { return c.Shell == "" && len(c.Args) == 0 }

// Packaged is what packaging a service gives.
type Packaged struct {
	Artifact Artifact
	// Identical says that just this is deployed already, with the same configuration: nothing is run any more.
	Identical bool
}

// Artifact is a service's artifact as its manifest has it. Empty strings stand for what there is not.
type Artifact struct {
	// File and Layer are the paths of the zip archives, absolute.
	File, Layer string
	// SHA256 is that of File, in hex.
	SHA256 string
}

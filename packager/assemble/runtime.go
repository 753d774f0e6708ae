package assemble

import (
	"slices"

	"github.com/monoplan/monoplan/internal/python"
)

// Node is a package of a closure.
type Node struct {
	Name string
	// DependsOn has the names of the packages in the closure that this one needs.
	DependsOn []string
	// Direct says that the service or one of its libraries asks for it by name.
	Direct bool
	// Extras says that it was asked for with extras.
	Extras bool
}

// sdk has the packages that every Python of AWS Lambda has and that are there for AWS: who asks for them means Lambda's.
var sdk = []string{"awslambdaric", "boto3", "botocore", "s3transfer"}

// carried has what Lambda's Pythons have because the SDK needs it. Its version is not the service's to choose.
var carried = []string{"jmespath", "python-dateutil", "six", "urllib3"}

// InRuntime reports whether every Python of AWS Lambda has a package, in some version.
func InRuntime(name string) bool {
	return slices.Contains(sdk, name) || slices.Contains(carried, name)
}

// ExcludeRuntime gives the names of those packages that an artifact can do without because the runtime has them, in the
// order of the closure. These are the AWS SDK, what the SDK needs and the runtime has, unless something else in the
// closure needs it too or asks for it by name, and what nothing but these needs.
//
// What the runtime has is what AWS says of all of its managed Pythons: Boto3 "and its dependencies", versions of which change
// without notice (AWS Lambda Developer Guide, "Working with .zip file archives for Python Lambda functions",
// https://docs.aws.amazon.com/lambda/latest/dg/python-package.html); and the client that calls the handler. Nothing is said of
// pip, setuptools, or of what only some of the runtimes have, such as snapshot-restore-py: these are packaged.
func ExcludeRuntime(closure []Node) []string {
	left := map[string]bool{}
	for _, n := range closure {
		name := python.NormalizeName(n.Name)
		if slices.Contains(sdk, name) || slices.Contains(carried, name) && !n.Direct {
			left[name] = true
		}
	}
	if len(left) == 0 {
		return nil
	}
	keepNeeded(closure, left)
	leaveOrphans(closure, left)
	var names []string
	for _, n := range closure {
		if left[python.NormalizeName(n.Name)] {
			names = append(names, n.Name)
		}
	}
	return names
}

// keepNeeded takes back from left what a package needs that stays. The SDK's packages are never taken back: every
// package that needs them works with the runtime's.
func keepNeeded(closure []Node, left map[string]bool) {
	for again := true; again; {
		again = false
		for _, n := range closure {
			if left[python.NormalizeName(n.Name)] {
				continue
			}
			for _, d := range n.DependsOn {
				if name := python.NormalizeName(d); left[name] && !slices.Contains(sdk, name) {
					delete(left, name)
					again = true
				}
			}
		}
	}
}

// leaveOrphans adds to left what only packages in it need. What was asked for by an extra is no orphan: the runtime's
// SDK has no extras.
func leaveOrphans(closure []Node, left map[string]bool) {
	for again := true; again; {
		again = false
		for _, n := range closure {
			name := python.NormalizeName(n.Name)
			if !left[name] && !n.Direct && orphan(closure, left, name) {
				left[name] = true
				again = true
			}
		}
	}
}

func orphan(closure []Node, left map[string]bool, name string) bool {
	needed := false
	for _, n := range closure {
		for _, d := range n.DependsOn {
			if python.NormalizeName(d) != name {
				continue
			}
			if !left[python.NormalizeName(n.Name)] || n.Extras {
				return false
			}
			needed = true
		}
	}
	return needed
}

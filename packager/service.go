package packager

import (
	"strconv"
	"time"

	"github.com/monoplan/monoplan/internal/python/target"
	"github.com/monoplan/monoplan/packager/assemble"
	"github.com/monoplan/monoplan/packager/closure"
)

// Service is what is to be packaged.
type Service struct {
	Name string
	// Path is its directory in the tree, "." for the root; Without has directories of other services in it, relative to the tree,
	// that do not belong to it.
	Path    string
	Without []string
	// Forced says that it is to be packaged even where the tool that deploys it would do so itself.
	Forced bool
	// Runtime is Lambda's name of what its functions run on, empty where that is not known. What runs on anything but Python is
	// left to the tool that deploys it.
	Runtime string
	// Requirements are what its marker names in the place of requirements.txt, and Modules those that only functions of it have.
	Requirements closure.Requirements
	Modules      []closure.Requirements
	Options      Options
}

// Options say how a service is packaged.
type Options struct {
	// Target is the machine that the artifact is for. It may be empty for a service without dependencies.
	Target target.Target
	// Builder is the name of the builder of what no index has as a wheel. Image is the one that it builds in, and BaseImage what such
	// an image is made of; both may be empty.
	Builder, Image, BaseImage string
	Format                    Format
	// Include and Exclude are patterns in gitignore's syntax, seen from the directory of the service and of each path dependency.
	Include, Exclude []string
	// Groups and Extras are installed besides the main dependencies.
	Groups, Extras []string
	// Slim strips tests, stubs and debug symbols, and SlimPatterns what they name besides.
	Slim         bool
	SlimPatterns []string
	// ExcludeRuntime leaves out what the runtime provides.
	ExcludeRuntime bool
	// Bytecode makes bytecode beforehand.
	Bytecode bool
	// Relock makes the lock anew where what it is made from has changed, and Install takes what poetry install brings.
	Relock, Install bool
	// Requirements puts the dependencies into a directory .serverless/requirements of the service in the working tree, too.
	Requirements bool
}

// Format is what an artifact consists of.
type Format string

// The formats.
const (
	Bundle      Format = "bundle"       // one zip
	Layer       Format = "layer"        // a zip of code and one of dependencies
	SharedLayer Format = "shared-layer" // as Layer, but services with the same dependencies share one
)

// inputs are what of the options goes into the key, by the names that an explanation has for them.
func (o Options) inputs() []input {
	all := func(list []string) string {
		d := newDigest("list")
		d.list(list)
		return d.sum()
	}
	return []input{
		{"target", o.Target.String()},
		{"format", string(o.Format)},
		{"groups", all(o.Groups)},
		{"extras", all(o.Extras)},
		{"slim", strconv.FormatBool(o.Slim) + " " + all(o.SlimPatterns)},
		{"exclude_runtime", strconv.FormatBool(o.ExcludeRuntime)},
		{"bytecode", strconv.FormatBool(o.Bytecode)},
		{"install", map[bool]string{false: "wheels", true: "poetry"}[o.Install]},
	}
}

// digest names the options, and what else of a service is not in the tree.
func (s Service) digest() string {
	d := newDigest("service")
	d.add(s.Name, s.Path, s.Runtime, strconv.FormatBool(s.Forced), strconv.FormatBool(s.Options.Requirements), s.Options.Builder,
		s.Options.Image, s.Options.BaseImage)
	d.add(strconv.FormatBool(s.Options.Relock), s.Requirements.Path, strconv.FormatBool(s.Requirements.Unknown))
	d.list(s.Without)
	d.list(s.Options.Include)
	d.list(s.Options.Exclude)
	for _, i := range s.Options.inputs() {
		d.add(i.Name, i.Value)
	}
	return d.sum()
}

// Outcome is what became of a service.
type Outcome string

// The outcomes.
const (
	Packaged  Outcome = "packaged"
	Unchanged Outcome = "unchanged"
	// WouldPackage is Packaged in a dry run, with nothing done.
	WouldPackage Outcome = "would-package"
	// Left is a service that the tool that deploys it packages itself.
	Left   Outcome = "left"
	Failed Outcome = "failed"
)

// Result is what became of one service.
type Result struct {
	Service Service
	Outcome Outcome
	// Why says why a service was left.
	Why string
	// Err is why it failed.
	Err error
	// Code and Layer are the archives, with their files relative to the directory of artifacts; Artifact and LayerArtifact are their
	// stable names. A service without dependencies, and one in a bundle, has no layer.
	Code                    assemble.ManifestArchive
	Layer                   *assemble.ManifestArchive
	Artifact, LayerArtifact string
	// Manifest is the path of the manifest.
	Manifest string
	// Upload has, of each archive that Lambda takes by way of S3 alone, what makes it so large.
	Upload []*assemble.LimitError
	Key    string
	// Moved has what of the key's inputs is not as it was for the artifact before, and First says that there was none.
	Moved []Move
	First bool
	// Relocked has, of a lock that was made anew, what is not as in the commit's: packages with their versions.
	Relocked []Move
	// Unmatched has the patterns of include: that name nothing, neither in the service's directory nor in a path dependency's.
	Unmatched []string
	// Fetched and Built count the wheels that this service was the first to need, and FetchedBytes their size. In a dry run they are what
	// would be fetched and built.
	Fetched, Built int
	FetchedBytes   int64
	Took           time.Duration
}

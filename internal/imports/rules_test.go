package imports

// rule is one sentence about imports. Packages are named relative to the module where they are its own; "/..." stands
// for a package and all below it, "std" for the standard library, "module" for this module.
type rule struct {
	why string
	// who has the packages that the rule is about, but for those in except.
	who, except []string
	// never has what they must not reach.
	never []string
	// only, where given, has all that they may import themselves.
	only []string
	// through has packages that may do it for them: what is reached by way of one of these is not held against who.
	through []string
	// tests says that the rule holds for what their tests import, too.
	tests bool
}

// The packages that a user sees. Each does one step, and cmd/monoplan puts the steps together.
const (
	cmd       = "cmd/..."
	plan      = "planner/..."
	gitdiff   = "gitdiff/..."
	workspace = "workspace/..."
	packager  = "packager/..."
	deployer  = "deployer/..."
	ledger    = "ledger/..."
	report    = "report/..."
	private   = "internal/..."
)

// rules is the layout, as docs/architecture.md tells it.
var rules = []rule{
	{
		why:  "the planner is the rules and nothing else: it imports the standard library only",
		who:  []string{plan},
		only: []string{"std", plan},
	},
	{
		why: "a plan is a function of its input: no files, no processes, no network, no clock, no log",
		who: []string{plan},
		// What the standard library reaches itself (fmt imports os) is not the planner's doing.
		through: []string{"std"},
		never: []string{
			"os/...", "io/fs", "io/ioutil", "path/filepath", "embed", "syscall/...", "net/...", "time/...",
			"log/...", "flag", "runtime/...", "plugin", "unsafe", "crypto/rand", "math/rand/...", "testing/...",
		},
	},
	neverOneAnother(gitdiff),
	neverOneAnother(workspace),
	neverOneAnother(packager),
	neverOneAnother(deployer),
	neverOneAnother(report),
	{
		why: "a step knows the planner's words, and no other step: the ledger alone reads git through gitdiff",
		who: []string{ledger},
		never: []string{
			workspace, packager, deployer, report, cmd,
		},
	},
	{
		why:   "what is shared is below what shares it: internal packages may know the planner's words, and no step",
		who:   []string{private},
		never: []string{gitdiff, workspace, packager, deployer, ledger, report, cmd},
	},
	{
		why:     "gitdiff is the only package that knows git",
		who:     []string{"module"},
		except:  []string{gitdiff},
		through: []string{gitdiff},
		never:   []string{"github.com/go-git/...", "gopkg.in/src-d/go-git.v4/...", "github.com/libgit2/..."},
		tests:   true,
	},
	{
		why:     "YAML is read in workspace, where its errors get their positions",
		who:     []string{"module"},
		except:  []string{workspace},
		through: []string{workspace, "github.com/spf13/cobra/doc"}, // cobra writes its own for man pages
		never:   []string{"github.com/goccy/go-yaml/...", "gopkg.in/yaml.v2", "gopkg.in/yaml.v3", "go.yaml.in/yaml/...", "sigs.k8s.io/yaml/..."},
	},
	{
		why:     "TOML is read in workspace, and in internal/python for Python's manifests",
		who:     []string{"module"},
		except:  []string{workspace, "internal/python/..."},
		through: []string{workspace, "internal/python/..."},
		never:   []string{"github.com/pelletier/go-toml/...", "github.com/BurntSushi/toml/..."},
	},
	{
		why:     "Docker is how some packages are built, and nobody else's concern",
		who:     []string{"module"},
		except:  []string{packager},
		through: []string{packager},
		never:   []string{"github.com/docker/...", "github.com/moby/...", "github.com/containerd/..."},
	},
	{
		why:    "flags and commands are cmd's",
		who:    []string{"module"},
		except: []string{cmd},
		never:  []string{"github.com/spf13/cobra/...", "github.com/spf13/pflag/...", "github.com/spf13/viper/..."},
		tests:  true,
	},
	{
		why:     "a cloud's SDK stays in the package that speaks to it, whoever has a use for it",
		who:     []string{"module"},
		except:  []string{"internal/bucket/..."},
		through: []string{"internal/bucket/..."},
		never:   []string{"github.com/aws/...", "cloud.google.com/...", "google.golang.org/api/...", "github.com/Azure/...", "github.com/minio/..."},
		tests:   true,
	},
	{
		why: "what only tests need is in no binary",
		who: []string{"module"},
		except: []string{
			"internal/history/...",    // makes the repositories of tests
			"internal/dockertest/...", // has what tests with an engine share
			"internal/bucket/buckettest/...",
			"internal/javascript/original/...", // asks JavaScript's own libraries
			"internal/check/...",               // is ./test itself
			"internal/moto/...",
			"bench/...",
		},
		never: []string{
			"testing/...", "internal/history/...", "internal/dockertest/...", "github.com/rogpeppe/go-internal/testscript/...",
			"github.com/santhosh-tekuri/jsonschema/...",
		},
	},
}

// neverOneAnother is the rule of a step: it may know the planner's words and no other step.
func neverOneAnother(step string) rule {
	r := rule{
		why: "a step knows the planner's words, and no other step",
		who: []string{step},
	}
	for _, other := range []string{gitdiff, workspace, packager, deployer, ledger, report, cmd} {
		if other != step {
			r.never = append(r.never, other)
		}
	}
	return r
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/monoplan/monoplan/internal/bucket"
	"github.com/monoplan/monoplan/internal/durable"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/packager"
	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/builder/docker"
	"github.com/monoplan/monoplan/packager/index"
	"github.com/monoplan/monoplan/packager/store"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
	"github.com/monoplan/monoplan/workspace"
)

type packageOptions struct {
	comparison
	stage       string
	services    []string
	output      string
	explain     bool
	dryRun      bool
	offline     bool
	concurrency int
	timeout     time.Duration
	format      string
}

const packageLong = `
Turn services into AWS Lambda artifacts: their own code, their locked dependencies, and their path dependencies. Names
or directories choose services, --since those that changed since a commit, --stage those that a deploy to a stage would
deploy; without any of them all are packaged. What has not changed since it was packaged last is not made again.

Artifacts are in .monoplan/artifacts: <service>.zip is the one to deploy, <service>/ has its manifest.json, its bill of
materials (sbom.cdx.json), and the artifact under its hash; layers/ has layers. What is packaged is the commit at --head,
tracked files only; with --worktree it is the working tree, with those untracked files that git does not ignore.

Services that another tool packages itself, such as those of Node.js with a bundler, are left to it.`

const packageExample = `  monoplan package
  monoplan package posts users --explain
  monoplan package --since "$LAST" --format json
  monoplan package --offline --dry-run`

func newPackage(a *app) *cobra.Command {
	var o packageOptions
	cmd := &cobra.Command{
		Use:     "package [service...]",
		Short:   "Turn services into AWS Lambda artifacts",
		Long:    withExitCodes(packageLong),
		Example: packageExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			o.services = args
			return runPackage(cmd.Context(), a, o)
		},
	}
	o.addFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.stage, "stage", "", "package what a deploy to this `stage` would deploy")
	flags.StringVarP(&o.output, "output", "o", "", "put artifacts into `directory` (default .monoplan/artifacts)")
	flags.BoolVar(&o.explain, "explain", false, "say which inputs of an artifact moved")
	flags.BoolVar(&o.dryRun, "dry-run", false, "say what would be packaged, fetched and built, and do nothing")
	flags.BoolVar(&o.offline, "offline", false, "fetch nothing: take what the store has, and build without a network")
	flags.IntVar(&o.concurrency, "concurrency", runtime.GOMAXPROCS(0), "how many services are packaged at once")
	flags.DurationVar(&o.timeout, "timeout", 0, "end a build that takes longer than this `time`, such as 10m (default: as long as it likes)")
	formatFlag(cmd, &o.format, "text", "json")
	return cmd
}

func (o *packageOptions) check(cmd *cobra.Command) error {
	if err := o.comparison.check(cmd); err != nil {
		return err
	}
	switch {
	case o.concurrency < 1:
		return usage("leave it out for one a processor", "--concurrency must be 1 or more")
	case o.timeout < 0:
		return usage("leave it out for as long as it likes", "--timeout must not be negative")
	case cmd.Flags().Changed("stage") && strings.TrimSpace(o.stage) == "":
		return usage("an unset variable?", "--stage is empty")
	case o.stage != "" && (o.hasSince || o.worktree):
		return usage("a stage has a baseline for each service, and deploys what is committed", "--stage excludes --since and --worktree")
	case cmd.Flags().Changed("output") && o.output == "":
		return usage("an unset variable? leave it out for .monoplan/artifacts", "--output is empty")
	}
	return nil
}

func runPackage(ctx context.Context, a *app, o packageOptions) (err error) {
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	p, err := o.plan(ctx, s)
	if err != nil {
		return err
	}
	a.warnAll(p.workspace.Warnings)
	chosen, err := o.choose(s, p)
	if err != nil {
		return err
	}
	j, err := s.newPackaging(ctx, p, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.close()) }()
	results := j.run(ctx, chosen)
	s.step("package")
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := o.print(a, j, results); err != nil {
		return err
	}
	return j.verdict(results)
}

// plan is what the services are chosen from.
func (o *packageOptions) plan(ctx context.Context, s *session) (*planned, error) {
	if o.stage == "" {
		return s.plan(ctx, o.comparison, false)
	}
	p, err := s.planStage(ctx, stageOptions{
		name: o.stage, head: o.head, hasHead: o.hasHead, onMissing: o.onMissing, algorithm: o.algorithm,
		ledger: ledgerOptions{network: s.app.fetch},
	})
	if err != nil {
		return nil, err
	}
	return &planned{view: p.view, plan: p.plan}, p.ledger.close()
}

// choose gives the services to package: those named, or all, and with --since or --stage those of them that are to be
// deployed.
func (o *packageOptions) choose(s *session, p *planned) ([]planner.ServicePlan, error) {
	candidates := p.plan.Services
	if len(o.services) > 0 {
		candidates = nil
		for _, name := range o.services {
			found, ok := findService(p.plan, name, s.subjectPaths(name))
			if !ok {
				return nil, &usageError{"there is no service " + report.Quote(name), serviceHint(p.plan)}
			}
			if !slices.ContainsFunc(candidates, func(c planner.ServicePlan) bool { return c.Path == found.Path }) {
				candidates = append(candidates, found)
			}
		}
	}
	gone := func(c planner.ServicePlan) bool {
		return c.Action == planner.Remove || len(c.Reasons) > 0 && c.Reasons[0].Rule == planner.NotInCommit
	}
	return slices.DeleteFunc(slices.Clone(candidates), func(c planner.ServicePlan) bool {
		return gone(c) && len(o.services) == 0 || (o.hasSince || o.stage != "") && c.Action != planner.Deploy
	}), nil
}

// packaging is one run of the packager, with what it has open.
type packaging struct {
	*session
	planned  *planned
	options  packageOptions
	config   packager.Config
	temp     *durable.Temporary
	progress *progress
}

func (s *session) newPackaging(ctx context.Context, p *planned, o packageOptions) (*packaging, error) {
	environment, err := index.ReadEnvironment(s.app.getenv)
	if err != nil {
		return nil, err
	}
	st, err := s.app.openStore(ctx, p.config.Store, o.offline)
	if err != nil {
		return nil, err
	}
	temp, err := durable.NewTemporary(s.app.getenv("TMPDIR"), "monoplan-package-")
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	j := &packaging{session: s, planned: p, options: o, temp: temp, progress: s.app.newProgress()}
	j.config = packager.Config{
		Tree: p.tree, Worktree: s.repo.WorkTree, Temp: temp.Dir, Env: s.app.Env, Store: st,
		Concurrency: o.concurrency, Timeout: o.timeout, DryRun: o.dryRun, Progress: j.progress.event,
		Index: index.Config{Environment: environment, Offline: o.offline, UserAgent: "monoplan/" + version(), Report: j.progress.fetch},
	}
	if err := j.addBuilders(); err != nil {
		return nil, errors.Join(err, st.Close(), temp.Remove())
	}
	if !o.worktree {
		j.config.Subtree = func(id string) tree.Reader { return s.repo.Tree(id) }
	}
	j.config.Output, j.config.Private = s.artifacts(o.output)
	if j.config.Private != "" {
		j.config.Log = j.buildLog
	}
	return j, nil
}

// addBuilders adds the ways to build, by the names that seed.yml has for them. Where it names none it is Docker's engine, and
// this machine for what is the same on any where no engine answers.
func (j *packaging) addBuilders() error {
	env, o := j.app.Env, j.options
	local := builder.NewLocal(buildEnvironment(env, o.offline), j.temp.Dir)
	config := docker.Config{Env: env, Offline: o.offline, NoPull: j.app.noPull, DryRun: o.dryRun, Now: time.Now(), Report: j.progress.step}
	if text := j.app.getenv(buildMemoryVariable); text != "" {
		memory, err := parseBytes(text)
		if err != nil {
			return fmt.Errorf("%s: %w", buildMemoryVariable, err)
		}
		config.Memory = &memory
	}
	engine := docker.New(config)
	j.config.Poetry = engine
	j.config.Builders = map[string]builder.Builder{
		"":       &builder.Fallback{First: engine, Then: local, Note: j.progress.fallBack},
		"docker": engine, "local": local, "none": builder.None{},
	}
	return nil
}

// buildMemoryVariable says how much memory the files of builds in a container may take.
const buildMemoryVariable = "MONOPLAN_BUILD_MEMORY"

// buildLog gives the file for what a build writes, that of the last build of this name.
func (j *packaging) buildLog(name string) (io.WriteCloser, error) {
	dir := filepath.Join(j.config.Private, "logs")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	return os.Create(filepath.Join(dir, name+".log"))
}

// buildEnvironment keeps pip and uv from the network, too, where nothing is to be fetched.
func buildEnvironment(env []string, offline bool) []string {
	if !offline {
		return env
	}
	return append(slices.Clone(env), "PIP_NO_INDEX=1", "UV_OFFLINE=1")
}

// artifacts gives the directory of artifacts, and the one above it that is kept out of git.
func (s *session) artifacts(output string) (dir, private string) {
	if output != "" {
		return s.app.resolve(output), ""
	}
	top := s.repo.WorkTree
	if top == "" {
		top = s.app.resolve("")
	}
	private = filepath.Join(top, ".monoplan")
	return filepath.Join(private, "artifacts"), private
}

func (j *packaging) close() error {
	errs := []error{j.config.Store.Close()}
	for _, b := range j.config.Builders {
		errs = append(errs, b.Close())
	}
	return errors.Join(append(errs, j.temp.Remove())...)
}

// run packages services; the results are in their order. What is wrong with a service's settings is its result.
func (j *packaging) run(ctx context.Context, chosen []planner.ServicePlan) []packager.Result {
	results := make([]packager.Result, len(chosen))
	var services []packager.Service
	var at []int
	for i, c := range chosen {
		service, err := j.service(c)
		if err != nil {
			results[i] = packager.Result{Service: service, Outcome: packager.Failed, Err: err}
			continue
		}
		if why := j.leftBySettings(c.Path); why != "" {
			results[i] = packager.Result{Service: service, Outcome: packager.Left, Why: why}
			continue
		}
		services = append(services, service)
		at = append(at, i)
	}
	j.progress.begin(len(services))
	for i, r := range packager.Run(ctx, j.config, services) {
		results[at[i]] = r
	}
	j.progress.end()
	j.settleUnmatched(results)
	return results
}

// settleUnmatched leaves of the patterns that name nothing those that name nothing for any of the services which have them from the
// same line of seed.yml: what is said for all need not be there for each.
func (j *packaging) settleUnmatched(results []packager.Result) {
	matched := make(map[string]bool)
	place := func(r packager.Result, pattern string) string { return fmt.Sprint(j.includeLine(r), " ", pattern) }
	for _, r := range results {
		for _, pattern := range r.Service.Options.Include {
			if !slices.Contains(r.Unmatched, pattern) {
				matched[place(r, pattern)] = true
			}
		}
	}
	for i, r := range results {
		results[i].Unmatched = slices.DeleteFunc(r.Unmatched, func(pattern string) bool { return matched[place(r, pattern)] })
	}
}

// includeLine is the line of seed.yml that says what is included into a service's artifact.
func (j *packaging) includeLine(r packager.Result) int {
	settings, _ := j.planned.config.PackageOf(r.Service.Path)
	return settings.Lines["include"]
}

// unmatchedText says what may be wrong about a pattern that names nothing.
func unmatchedText(pattern string) string {
	return fmt.Sprintf("include: %q names nothing in the working tree that could be taken along: was it generated?", pattern)
}

// warnUnmatched tells of each pattern that names nothing once.
func (j *packaging) warnUnmatched(results []packager.Result) {
	told := make(map[string]bool)
	for _, r := range results {
		for _, pattern := range r.Unmatched {
			line := j.includeLine(r)
			if about := fmt.Sprint(line, " ", pattern); !told[about] {
				told[about] = true
				j.app.messages().warn(workspace.ConfigFile, line, unmatchedText(pattern))
			}
		}
	}
}

// verdict says of each service that failed what was wrong, and which archives not every way of deploying can take.
func (j *packaging) verdict(results []packager.Result) error {
	failed := 0
	j.warnUnmatched(results)
	for _, r := range results {
		for _, large := range r.Upload {
			j.app.messages().warn("", 0, named(r.Service.Name, large).Error())
		}
		if r.Err == nil {
			continue
		}
		failed++
		j.app.messages().fail(named(r.Service.Name, r.Err), j.hint(r.Err), exitFailed)
	}
	if failed > 0 {
		return statusError(exitFailed)
	}
	return nil
}

// named puts a service's name before each line that begins an error.
func named(service string, err error) error {
	var lines []string
	for _, e := range parts(err) {
		lines = append(lines, report.Quote(service)+": "+e.Error())
	}
	return &serviceError{strings.Join(lines, "\n"), err}
}

// parts gives the errors that were joined.
func parts(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, parts(e)...)
		}
		return all
	}
	return []error{err}
}

// serviceError is what went wrong with one service.
type serviceError struct {
	text string
	err  error
}

func (e *serviceError) Error() string { return e.text }
func (e *serviceError) Unwrap() error { return e.err }

// openStore opens the user's store, with the one that machines share behind it. Offline none is shared.
func (a *app) openStore(ctx context.Context, shared string, offline bool) (*store.Store, error) {
	config, err := a.storeConfig()
	if err != nil {
		return nil, err
	}
	if shared != "" && !offline {
		remote, err := bucket.Open(ctx, shared)
		if err != nil {
			return nil, fmt.Errorf("store %s: %w", shared, err)
		}
		config.Remote = remote
	}
	return store.Open(config)
}

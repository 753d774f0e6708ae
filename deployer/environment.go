package deployer

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/secret"
)

// environment is what the commands of one service have in common.
type environment struct {
	// variables are those of the run and of the service, and base those of the user without these names.
	variables map[string]string
	base      []string
	// file is that of BASH_ENV, and size what of it forTools has read.
	file string
	size int64
	// exported has the variables as they are when the file was read; nil before that.
	exported []string
	secrets  *secret.Values
}

// variableNames are the variables that a command has from here, and never from whoever started monoplan: Seed's (its
// documentation, "Adding a Build Spec") and monoplan's own.
func variableNames() []string {
	return []string{
		"SEED_APP_NAME", "SEED_STAGE_NAME", "SEED_STAGE_BRANCH", "SEED_SERVICE_NAME", "SEED_SERVICE_PATH", "SEED_BUILD_ID",
		"SEED_BUILD_SERVICE_SHA", "SEED_BRANCH", "SEED_PULL_REQUEST_NUMBER",
		"MONOPLAN_STAGE", "MONOPLAN_SERVICE", "MONOPLAN_SERVICE_PATH", "MONOPLAN_COMMIT", "MONOPLAN_RUN",
		"MONOPLAN_ARTIFACT", "MONOPLAN_LAYER", "MONOPLAN_SHA256", "BASH_ENV",
	}
}

// newEnvironment makes the environment of a service, and its file for BASH_ENV.
func (r *run) newEnvironment(s Service) (*environment, error) {
	e := &environment{
		variables: r.variables(s),
		base:      slices.DeleteFunc(slices.Clone(r.Env), func(v string) bool { return slices.Contains(variableNames(), nameOf(v)) }),
		secrets:   secret.In(r.Env),
	}
	if r.Region != "" {
		// AWS_REGION is what the SDKs read, AWS_DEFAULT_REGION what the AWS command line and older SDKs do.
		e.variables["AWS_REGION"], e.variables["AWS_DEFAULT_REGION"] = r.Region, r.Region
	}
	file, err := os.CreateTemp(r.Temp, "bash-env-")
	if err != nil {
		return e, err
	}
	e.file = file.Name()
	e.variables["BASH_ENV"] = e.file
	if outer := lookup(r.Env, "BASH_ENV"); outer != "" {
		text := "if [ -f " + quote(outer) + " ]; then . " + quote(outer) + "; fi\n"
		_, err = file.WriteString(text)
	}
	return e, errors.Join(err, file.Close())
}

// variables gives what a command finds out about the run and its service. What there is not is not set.
func (r *run) variables(s Service) map[string]string {
	seedPath := s.Path
	if seedPath == rootPath {
		seedPath = ""
	}
	variables := map[string]string{
		"SEED_APP_NAME": r.App, "SEED_STAGE_NAME": r.Stage, "SEED_SERVICE_NAME": s.Name, "SEED_SERVICE_PATH": seedPath,
		"SEED_BUILD_ID": r.Run, "SEED_BUILD_SERVICE_SHA": s.Commit,
		"MONOPLAN_STAGE": r.Stage, "MONOPLAN_SERVICE": s.Name, "MONOPLAN_SERVICE_PATH": cmp.Or(s.Path, rootPath),
		"MONOPLAN_COMMIT": s.Commit, "MONOPLAN_RUN": r.Run,
	}
	for name, value := range map[string]string{
		"SEED_STAGE_BRANCH": r.StageBranch, "SEED_BRANCH": r.Branch, "SEED_PULL_REQUEST_NUMBER": r.PullRequest,
	} {
		if value != "" {
			variables[name] = value
		}
	}
	if s.Remove {
		// A configuration that takes its artifact from there has to be read to be removed.
		for _, name := range []string{"MONOPLAN_ARTIFACT", "MONOPLAN_LAYER", "MONOPLAN_SHA256"} {
			variables[name] = ""
		}
	}
	return variables
}

func (e *environment) setArtifact(a Artifact) {
	for name, value := range map[string]string{
		"MONOPLAN_ARTIFACT": a.File, "MONOPLAN_LAYER": a.Layer, "MONOPLAN_SHA256": a.SHA256,
	} {
		if value != "" {
			e.variables[name] = value
		}
	}
	e.exported = nil
}

// list gives the variables as a process takes them.
func (e *environment) list() []string {
	list := slices.Clone(e.base)
	for name, value := range e.variables {
		list = append(list, name+"="+value)
	}
	slices.Sort(list[len(e.base):])
	return list
}

// forCommand gives the variables for a command. A shell reads BASH_ENV's file by itself.
func (e *environment) forCommand(c Command, sh shell) ([]string, error) {
	exported, err := e.forTools(sh)
	if c.Shell != "" {
		return e.list(), err
	}
	return exported, err
}

// forTools gives the variables with what hooks have left in BASH_ENV's file, for programs that are no shell. What they
// left is a script: a shell runs it and tells.
func (e *environment) forTools(sh shell) ([]string, error) {
	info, err := os.Stat(e.file)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0:
		return e.list(), nil
	case err != nil:
		return nil, err
	case e.exported != nil && info.Size() == e.size:
		return e.exported, nil
	}
	told := e.file + ".told"
	defer os.Remove(told)
	argv := sh.argv(`env -0 > "$1"`, told)
	cmd := &exec.Cmd{Path: argv[0], Args: argv, Env: e.list(), Dir: filepath.Dir(e.file)}
	if err := cmd.Run(); err != nil {
		return nil, &bashEnvError{err}
	}
	text, err := os.ReadFile(told)
	if err != nil {
		return nil, &bashEnvError{err}
	}
	e.exported = strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
	e.size = info.Size()
	e.secrets.Add(e.exported)
	return e.exported, nil
}

// bashEnvError is a BASH_ENV that could not be run.
type bashEnvError struct{ err error }

func (e *bashEnvError) Error() string {
	return "what the hooks left in BASH_ENV does not run: " + e.err.Error()
}
func (e *bashEnvError) Unwrap() error { return e.err }

// remove removes BASH_ENV's file.
func (e *environment) remove() error {
	if e.file == "" {
		return nil
	}
	if err := os.Remove(e.file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func nameOf(variable string) string {
	name, _, _ := strings.Cut(variable, "=")
	return name
}

// lookup gives the value of a variable, empty where it is not set. Of two settings the last counts.
func lookup(env []string, name string) string {
	for _, v := range slices.Backward(env) {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

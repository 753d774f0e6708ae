package deployer

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/environ"
	"github.com/monoplan/monoplan/internal/secret"
)

// environment is what the commands of one service have in common.
type environment struct {
	// variables are those of the run and of the service, and base those of the user without these names.
	variables map[string]string
	base      []string
	// file is that of BASH_ENV.
	file    string
	secrets *secret.Values
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
	if outer := environ.Get(r.Env, "BASH_ENV"); outer != "" {
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

// isLeft reports whether hooks have left anything in BASH_ENV's file.
func (e *environment) isLeft() (bool, error) {
	info, err := os.Stat(e.file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && info.Size() > 0, err
}

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

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/monoplan/monoplan/deployer"
	"github.com/monoplan/monoplan/report"
	"github.com/monoplan/monoplan/workspace"
)

// setCommands fills in how seed.yml has a service deployed and removed, its marker for the tool of its type, and whether its name holds
// in every clone.
func (d *deploy) setCommands(s *deployer.Service) {
	own := d.staged.config.DeployOf(s.Path)
	s.Deploy, s.Withdraw = command(own.Command), command(own.Remove)
	s.Marker = markerOf(d.staged.workspace, s.Path)
	s.Unnamed = d.isUnnamed(s)
}

// isUnnamed reports whether a service is called after the directory of this clone: one at the root, to which neither seed.yml nor its
// marker gives another name.
func (d *deploy) isUnnamed(s *deployer.Service) bool {
	named := slices.ContainsFunc(d.staged.config.Services, func(e workspace.ServiceEntry) bool { return e.Path == s.Path && e.Name != "" })
	return s.Path == "." && s.Name == d.repositoryName() && !named
}

// setFormerCommands fills them in for a service that is to be removed, from the seed.yml that it was deployed with: head's
// may say nothing of it any more.
func setFormerCommands(s *deployer.Service) error {
	text, err := os.ReadFile(filepath.Join(s.Checkout, workspace.ConfigFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var c *workspace.Config
	if err == nil {
		c, err = workspace.ParseConfig(workspace.ConfigFile, text)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be removed, for the seed.yml that it was deployed with is needed: %w", report.Quote(s.Name), err)
	}
	own := c.DeployOf(s.Path)
	s.Deploy, s.Withdraw = command(own.Command), command(own.Remove)
	for _, e := range c.Services {
		if e.Path == s.Path {
			s.Marker = e.Marker
		}
	}
	return nil
}

func command(c workspace.Command) deployer.Command {
	return deployer.Command{Shell: c.Shell, Args: c.Args}
}

// hooks are seed.yml's.
func (d *deploy) hooks() deployer.Hooks {
	h := d.staged.config.Hooks
	return deployer.Hooks{
		BeforeCompile: h.BeforeCompile, Compile: h.Compile, BeforeBuild: h.BeforeBuild,
		BeforeDeploy: h.BeforeDeploy, AfterDeploy: h.AfterDeploy,
		BeforeRemove: h.BeforeRemove, AfterRemove: h.AfterRemove,
	}
}

package main

import (
	"github.com/monoplan/monoplan/deployer"
	"github.com/monoplan/monoplan/workspace"
)

// setCommands fills in how seed.yml has a service deployed and removed, and its marker for the tool of its type.
func (d *deploy) setCommands(s *deployer.Service) {
	own := d.staged.config.DeployOf(s.Path)
	s.Deploy, s.Withdraw = command(own.Command), command(own.Remove)
	s.Marker = markerOf(d.staged.workspace, s.Path)
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

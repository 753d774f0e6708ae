package main

import "github.com/monoplan/monoplan/deployer"

func (d *deploy) setCommands(s *deployer.Service) {
	s.Marker = markerOf(d.staged.workspace, s.Path)
}

func (d *deploy) hooks() deployer.Hooks { return deployer.Hooks{} }

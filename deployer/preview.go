package deployer

// Planned is a command that a run would run.
type Planned struct {
	Step    Step
	Command Command
}

// Preview gives the commands that Run would run for a service, in their order, if all go well. It runs none, so what a
// hook would install is called by its name. Its errors are those of Check.
func Preview(c Config, s Service) ([]Planned, error) {
	var planned []Planned
	hook := func(step Step, commands []string) {
		for _, text := range commands {
			planned = append(planned, Planned{step, Command{Shell: text}})
		}
	}
	tool := StepDeploy
	if s.Remove {
		tool = StepRemove
		hook(StepBeforeRemove, c.Hooks.BeforeRemove)
	} else {
		hook(StepBeforeCompile, c.Hooks.BeforeCompile)
		hook(StepCompile, c.Hooks.Compile)
		hook(StepBeforeBuild, c.Hooks.BeforeBuild)
		hook(StepBeforeDeploy, c.Hooks.BeforeDeploy)
	}
	commands, err := c.expected(s)
	if err != nil {
		return planned, err
	}
	for _, command := range commands {
		planned = append(planned, Planned{tool, command})
	}
	if s.Remove {
		hook(StepAfterRemove, c.Hooks.AfterRemove)
	} else {
		hook(StepAfterDeploy, c.Hooks.AfterDeploy)
	}
	return planned, nil
}

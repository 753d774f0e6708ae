package planner

// ruleBeforeFiles gives the first rule that deploys a service whatever files changed, or "" where the files decide.
// present counts the services of S that head has.
func ruleBeforeFiles(o Options, s Service, present int) Rule {
	switch {
	case o.FilesAlone:
		return ""
	case o.Force:
		return Forced
	case s.AlwaysDeploy:
		return CheckDisabled
	case present == 1:
		return SingleService
	case s.Baseline.State == NeverDeployed:
		return FirstDeploy
	case s.Baseline.State == LastRunFailed:
		return PreviousFailed
	case s.Baseline.State == Unavailable:
		return MissingBaseline
	}
	return ""
}

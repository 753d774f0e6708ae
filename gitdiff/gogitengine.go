package gitdiff

func openGoGit(*location, environment, Options) (*gitEngine, error) {
	return nil, &UnsupportedError{What: "any repository yet"}
}

package main

func (d *deploy) printDryRun() error { return nil }

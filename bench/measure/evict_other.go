//go:build unix && !linux

package main

import "errors"

func evictFile(string) error { return errors.New("only Linux can be asked to forget a file") }

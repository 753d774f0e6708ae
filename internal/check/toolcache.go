package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// installed gives the directory that has tools of a kind, in the user's cache, and installs them where it is not there
// whole. It is named after what is to be in it, versions included. Tests use hundreds of megabytes of tools, so they are
// installed only where CI=true, or where MONOPLAN_TEST_TOOLS asks for it.
func (c *checker) installed(kind string, install func(dir string) error, what ...any) (string, error) {
	if !c.ci && os.Getenv("MONOPLAN_TEST_TOOLS") == "" {
		return "", errors.New("set MONOPLAN_TEST_TOOLS=1 to install what it takes (CI=true does)")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(fmt.Append(nil, what...))
	dir := filepath.Join(cache, "monoplan-test", kind+"-"+hex.EncodeToString(sum[:6]))
	complete := filepath.Join(dir, "complete")
	if _, err := os.Stat(complete); err == nil {
		return dir, nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	if err := install(dir); err != nil {
		return "", err
	}
	return dir, os.WriteFile(complete, nil, 0o666)
}

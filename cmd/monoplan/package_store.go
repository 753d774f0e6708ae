package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/monoplan/monoplan/packager/store"
)

// The variables that say where the store is and how large it may get.
const (
	storeDirVariable   = "MONOPLAN_CACHE_DIR"
	storeLimitVariable = "MONOPLAN_CACHE_LIMIT"
)

// defaultStoreLimit is 10 GB.
const defaultStoreLimit = 10_000_000_000

// storeConfig is the user's store: in the cache directory of the system unless a variable says otherwise.
func (a *app) storeConfig() (store.Config, error) {
	config := store.Config{Limit: defaultStoreLimit, Scratch: a.getenv("TMPDIR"), Warn: func(err error) { a.messages().warn("", 0, err.Error()) }}
	if text := a.getenv(storeLimitVariable); text != "" {
		limit, err := parseBytes(text)
		if err != nil {
			return config, fmt.Errorf("%s: %w", storeLimitVariable, err)
		}
		config.Limit = limit
	}
	if dir := a.getenv(storeDirVariable); dir != "" {
		config.Dir = a.resolve(dir)
		return config, nil
	}
	cache, err := a.cacheDir()
	config.Dir = filepath.Join(cache, "monoplan", "store")
	return config, err
}

// cacheDir is where a user's caches are: the XDG base directory specification, macOS' Library, Windows' local data.
func (a *app) cacheDir() (string, error) {
	home := a.getenv("HOME")
	switch dir := a.getenv("XDG_CACHE_HOME"); {
	case filepath.IsAbs(dir):
		return dir, nil
	case runtime.GOOS == "darwin" && home != "":
		return filepath.Join(home, "Library", "Caches"), nil
	case runtime.GOOS == "windows" && a.getenv("LocalAppData") != "":
		return a.getenv("LocalAppData"), nil
	case home != "":
		return filepath.Join(home, ".cache"), nil
	}
	return "", &hinted{errors.New("there is no place for the store: HOME is not set"), "set " + storeDirVariable + " to a directory"}
}

// parseBytes reads a size such as 500MB or 2 GiB.
func parseBytes(text string) (int64, error) {
	units := []struct {
		name string
		size float64
	}{
		{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
		{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1},
	}
	for _, u := range units {
		number, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(n >= 0 && n*u.size < 1<<62) {
			break
		}
		return int64(n * u.size), nil
	}
	return 0, fmt.Errorf("%q is no size such as 500MB or 2GB", text)
}

// formatBytes writes a size with three digits at most.
func formatBytes(n int64) string {
	size := float64(n)
	for _, unit := range []string{"B", "kB", "MB", "GB"} {
		switch {
		case unit == "B" && size < 1000:
			return fmt.Sprintf("%d B", n)
		case size < 10:
			return fmt.Sprintf("%.1f %s", size, unit)
		case size < 999.5:
			return fmt.Sprintf("%.0f %s", size, unit)
		}
		size /= 1000
	}
	return fmt.Sprintf("%.1f TB", size)
}

package gitdiff

import (
	"path/filepath"
	"strings"
)

// settings reads all configuration that counts in the repository: the system's, the user's and its own, and what they
// include (git-config(1), FILES). Conditional includes are left out, and so is what the environment adds.
func (l *location) settings(env environment) (config, error) {
	files := []string{}
	if env.get("GIT_CONFIG_NOSYSTEM") == "" {
		system := env.get("GIT_CONFIG_SYSTEM")
		if system == "" {
			system = "/etc/gitconfig"
		}
		files = append(files, system)
	}
	if global := env.get("GIT_CONFIG_GLOBAL"); global != "" {
		files = append(files, global)
	} else {
		files = append(files, userConfig(env, "config"))
		if home := env.get("HOME"); home != "" {
			files = append(files, filepath.Join(home, ".gitconfig"))
		}
	}
	files = append(files, filepath.Join(l.commonDir, "config"))
	if l.config.boolean("extensions.worktreeconfig", false) {
		files = append(files, filepath.Join(l.gitDir, "config.worktree"))
	}
	all := config{}
	for _, file := range files {
		if file == "" {
			continue
		}
		if err := all.include(file, env, 0); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// userConfig is a file of the user's git configuration directory, or nothing.
func userConfig(env environment, name string) string {
	if dir := env.get("XDG_CONFIG_HOME"); dir != "" {
		return filepath.Join(dir, "git", name)
	}
	if home := env.get("HOME"); home != "" {
		return filepath.Join(home, ".config", "git", name)
	}
	return ""
}

// maxIncludes is how deep git lets files include others.
const maxIncludes = 10

// include adds a file's settings, and before them those of the files that it includes.
func (c config) include(path string, env environment, depth int) error {
	own := config{}
	if err := own.read(path); err != nil || depth > maxIncludes {
		return err
	}
	for _, other := range own["include.path"] {
		other = expandHome(other, env)
		if err := c.include(absolute(filepath.Dir(path), other), env, depth+1); err != nil {
			return err
		}
	}
	for key, values := range own {
		c[key] = append(c[key], values...)
	}
	return nil
}

func expandHome(path string, env environment) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return filepath.Join(env.get("HOME"), rest)
	}
	return path
}

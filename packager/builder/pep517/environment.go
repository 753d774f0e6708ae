package pep517

import (
	"slices"
	"strings"
)

// Unset lists variables by which a Python, an installer or a backend would let the machine that it runs on into a build.
func Unset() []string {
	return []string{
		"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "VIRTUAL_ENV", "CONDA_PREFIX", "PIP_TARGET", "PIP_PREFIX",
		"PIP_USER", "PIP_REQUIRE_VIRTUALENV", "UV_PROJECT_ENVIRONMENT", "PYENV_VERSION", "SETUPTOOLS_USE_DISTUTILS",
	}
}

// Settings are the variables of every build.
func Settings() []string {
	return []string{
		"SOURCE_DATE_EPOCH=315532800", // 1980-01-01, the first day that a zip can name
		"PYTHONHASHSEED=0", "PYTHONDONTWRITEBYTECODE=1", "PYTHONNOUSERSITE=1", "TZ=UTC", "LC_ALL=C.UTF-8",
		"PIP_NO_INPUT=1", "PIP_DISABLE_PIP_VERSION_CHECK=1", "PIP_NO_WARN_SCRIPT_LOCATION=1", "UV_NO_PROGRESS=1",
	}
}

// VersionSettings tell the version to backends that would ask version control: a source has no history. A version that the
// lock leaves to the project, and that only its history knows, is 0.0.0.
func VersionSettings(version string) []string {
	if version == "" {
		version = "0.0.0"
	}
	return []string{
		"SETUPTOOLS_SCM_PRETEND_VERSION=" + version, "PBR_VERSION=" + version, "PDM_BUILD_SCM_VERSION=" + version,
		"POETRY_DYNAMIC_VERSIONING_BYPASS=" + version, "UV_DYNAMIC_VERSIONING_BYPASS=" + version,
	}
}

// CompilerSettings have compilers leave out of what they make where the source lay, in a directory of its own for each build.
func CompilerSettings(source string) []string {
	flag := "-ffile-prefix-map=" + source + "=."
	if strings.ContainsAny(source, " \t\n'\"\\") {
		return nil // everybody who takes flags apart does that in a way of his own
	}
	return []string{"CFLAGS=" + flag, "CXXFLAGS=" + flag}
}

// compilerVariables are what compilers and linkers take from a user. A wheel's key does not have them, and in a container they
// are not there either, so that nothing may depend on them.
func compilerVariables() []string {
	return []string{"CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "ARCHFLAGS", "RUSTFLAGS", "CARGO_BUILD_TARGET"}
}

// CleanEnvironment gives an environment without what would let this machine's Python, or its user's flags, into a build, and
// with Settings.
func CleanEnvironment(env []string) []string {
	out := make(map[string]bool)
	for _, name := range slices.Concat(Unset(), compilerVariables()) {
		out[name] = true
	}
	var clean []string
	for _, setting := range env {
		if name, _, _ := strings.Cut(setting, "="); !out[name] {
			clean = append(clean, setting)
		}
	}
	return append(clean, Settings()...)
}

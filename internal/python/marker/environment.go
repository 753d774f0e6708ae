package marker

// Environment is what the variables of a marker stand for on one machine (PEP 508), and what was asked for there.
type Environment struct {
	OSName                       string // "posix"
	SysPlatform                  string // "linux"
	PlatformMachine              string // "x86_64", "aarch64"
	PlatformPythonImplementation string // "CPython"
	PlatformRelease              string // of the kernel; empty where it is not known
	PlatformSystem               string // "Linux"
	PlatformVersion              string // of the kernel's build; empty where it is not known
	PythonVersion                string // "3.12"
	PythonFullVersion            string // "3.12.4"
	ImplementationName           string // "cpython"
	ImplementationVersion        string // "3.12.4"

	// Extras are those asked for of the package whose dependencies carry the marker, in any spelling. `extra == "x"` holds where x is one
	// of them, and without any the variable is the empty string.
	Extras []string
	// Groups are the dependency groups asked for, for `"x" in dependency_groups`.
	Groups []string
}

// variable is a marker's variable by its place in the list below.
type variable uint8

const (
	noVariable variable = iota
	osName
	sysPlatform
	platformMachine
	platformPythonImplementation
	platformRelease
	platformSystem
	platformVersion
	pythonVersion
	pythonFullVersion
	implementationName
	implementationVersion
	extra
	extras
	dependencyGroups
)

// variableNamed gives the variable of a name. Those with a dot, and python_implementation, are from before PEP 508.
func variableNamed(name string) variable {
	switch name {
	case "os_name", "os.name":
		return osName
	case "sys_platform", "sys.platform":
		return sysPlatform
	case "platform_machine", "platform.machine":
		return platformMachine
	case "platform_python_implementation", "platform.python_implementation", "python_implementation":
		return platformPythonImplementation
	case "platform_release":
		return platformRelease
	case "platform_system":
		return platformSystem
	case "platform_version", "platform.version":
		return platformVersion
	case "python_version":
		return pythonVersion
	case "python_full_version":
		return pythonFullVersion
	case "implementation_name":
		return implementationName
	case "implementation_version":
		return implementationVersion
	case "extra":
		return extra
	case "extras":
		return extras
	case "dependency_groups":
		return dependencyGroups
	}
	return noVariable
}

// isVersion reports whether the variable compares as a version, as far as both sides are versions.
func (v variable) isVersion() bool {
	return v == platformRelease || v == pythonVersion || v == pythonFullVersion || v == implementationVersion
}

// isSet reports whether the variable is a set of names, to be asked for members only.
func (v variable) isSet() bool { return v == extras || v == dependencyGroups }

// value gives what a variable that is one text stands for.
func (e *Environment) value(v variable) string {
	switch v {
	case osName:
		return e.OSName
	case sysPlatform:
		return e.SysPlatform
	case platformMachine:
		return e.PlatformMachine
	case platformPythonImplementation:
		return e.PlatformPythonImplementation
	case platformRelease:
		return e.PlatformRelease
	case platformSystem:
		return e.PlatformSystem
	case platformVersion:
		return e.PlatformVersion
	case pythonVersion:
		return e.PythonVersion
	case pythonFullVersion:
		return e.PythonFullVersion
	case implementationName:
		return e.ImplementationName
	default:
		return e.ImplementationVersion
	}
}

package workspace

import (
	"path"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
)

// The types of services, as a plan has them.
const (
	typeServerless = "serverless"
	typeSST        = "sst"
	typeCDK        = "cdk"
	typeSAM        = "sam"
	typeCommand    = "command"
)

// markerNames has the markers of each type, in order of precedence: first the types, then the files of a type.
var markerNames = []struct {
	serviceType string
	files       []string
}{
	{typeServerless, []string{"serverless.yml", "serverless.yaml", "serverless.json", "serverless.ts", "serverless.js", "serverless.mjs", "serverless.cjs"}},
	{typeSST, []string{"sst.config.ts", "sst.json"}},
	{typeCDK, []string{"cdk.json"}},
	{typeSAM, []string{"template.yaml", "template.yml"}},
}

// markerRank orders markers in one directory, best first.
var markerRank = func() map[string]int {
	rank := make(map[string]int)
	for _, m := range markerNames {
		for _, f := range m.files {
			rank[f] = len(rank)
		}
	}
	return rank
}()

// markerType gives the type of service that a file of this name marks, or "". A template is a marker only if its
// content says so.
func markerType(name string) string {
	for _, m := range markerNames {
		for _, f := range m.files {
			if f == name {
				return m.serviceType
			}
		}
	}
	return ""
}

// writtenByTools are the directories that deploying tools, bundlers and package managers write; a marker below one is
// a copy.
var writtenByTools = map[string]bool{
	"node_modules": true, ".serverless": true, ".aws-sam": true, ".aws-composer": true, "cdk.out": true, ".sst": true,
	".venv": true, ".monoplan": true,
}

// IsWrittenByTool reports whether a path lies below a directory that deploying tools, bundlers and package managers write.
func IsWrittenByTool(path string) bool { return isWrittenByTool(path) }

// isWrittenByTool reports whether a path lies below a directory that tools write.
func isWrittenByTool(p string) bool {
	return anySegment(parentPath(p), func(s string) bool { return writtenByTools[s] })
}

// inNodeModules reports whether a path, seen from dir, lies below a node_modules.
func inNodeModules(p, dir string) bool {
	if !strings.Contains(p, "node_modules") {
		return false
	}
	if dir != root {
		p = strings.TrimPrefix(p, dir)
	}
	return anySegment(parentPath(p), func(s string) bool { return s == "node_modules" })
}

func anySegment(p string, is func(string) bool) bool {
	for s := range strings.SplitSeq(p, "/") {
		if is(s) {
			return true
		}
	}
	return false
}

// isTemplateName reports whether a file of this name is read as a serverless.yml or a template, marker or not.
func isTemplateName(name string) bool {
	switch name {
	case "serverless.yml", "serverless.yaml", "serverless.json", "template.yaml", "template.yml":
		return true
	}
	return false
}

// isYAMLOrJSON reports whether a file of this name is included where a template names it.
func isYAMLOrJSON(name string) bool {
	switch path.Ext(name) {
	case ".yml", ".yaml", ".json":
		return true
	}
	return false
}

// isJSONName reports whether the tools read a file of this name as JSON, and as nothing else.
func isJSONName(name string) bool { return path.Ext(name) == ".json" }

// isTypeScriptConfig reports whether a file of this name is TypeScript's, in JSON with comments and trailing commas ("What is a
// tsconfig.json" in its handbook).
func isTypeScriptConfig(name string) bool {
	return isJSONName(name) && (strings.HasPrefix(name, "tsconfig") || strings.HasPrefix(name, "jsconfig"))
}

// isManifestName reports whether a file of this name is a Python manifest or lock.
func isManifestName(name string) bool {
	switch name {
	case "pyproject.toml", "hatch.toml", "requirements.txt", "Pipfile", "Pipfile.lock", "setup.cfg", "poetry.lock", "uv.lock", "pdm.lock":
		return true
	}
	return python.IsPylock(name)
}

// declaresDependencies reports whether a file of this name is a Python manifest that closes a service: setup.py alone
// is code, hatch.toml is read beside a pyproject.toml, and a lock repeats what a manifest says.
func declaresDependencies(name string) bool {
	switch name {
	case "pyproject.toml", "requirements.txt", "Pipfile", "setup.cfg":
		return true
	}
	return false
}

// isLock reports whether a file of this name is a lock.
func isLock(name string) bool {
	return isManifestName(name) && (strings.HasSuffix(name, ".lock") || python.IsPylock(name))
}

// isSource reports whether a file of this name is source in a language whose reach is not read.
func isSource(name string) bool {
	switch path.Ext(name) {
	case ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".go", ".rs", ".java", ".kt", ".cs", ".rb", ".php":
		return true
	}
	return false
}

// setupScript is the program that builds a Python project, where there is one, and says of what.
const setupScript = "setup.py"

// isScript reports whether a file of this name may lead out of its service by a path that it holds.
func isScript(name string) bool {
	switch name {
	case "Makefile", "makefile", "GNUmakefile", setupScript:
		return true
	}
	switch lower := strings.ToLower(name); lower {
	case "dockerfile", "containerfile", "justfile", ".justfile",
		"taskfile.yml", "taskfile.yaml", "taskfile.dist.yml", "taskfile.dist.yaml":
		return true
	default:
		return strings.HasPrefix(lower, "dockerfile.") || isScriptExtension(path.Ext(lower)) || isTerraform(lower)
	}
}

// isScriptExtension reports whether files whose names end so are scripts of make, Docker or a shell.
func isScriptExtension(extension string) bool {
	switch extension {
	case ".mk", ".dockerfile", ".just", ".sh", ".bash", ".zsh", ".ksh", ".fish", ".ps1", ".psm1", ".bat", ".cmd":
		return true
	}
	return false
}

// isTerraform reports whether a file of this name is Terraform's, or of what is run like it. They are scripts that install nothing, and of
// which there may be many.
func isTerraform(name string) bool {
	lower := strings.ToLower(name)
	switch path.Ext(lower) {
	case ".tf", ".tofu", ".hcl":
		return true
	}
	return strings.HasSuffix(lower, ".tf.json")
}

package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/monoplan/monoplan/planner"
)

// configFile is the one orphan that no ignore line is suggested for: what it says decides the plan.
const configFile = "seed.yml"

// isSeed reports whether a reason is about that file alone.
func isSeed(r planner.Reason) bool { return r.File == configFile && r.Files == 1 }

// OrphanHint explains the surprise of a plan that deploys services for a file that none of them has, a README or a CI
// file: it names the file and the line of seed.yml that would spare it, where there are several that of one. It is empty
// where no service is deployed for that reason alone, where all such files are gone, where the packages could not be read
// (then that is what to mend), and where what one service has for an orphan may be in the package of another.
func OrphanHint(p *planner.Plan) string {
	orphan, services, nowhere := planner.Reason{}, 0, "no service and no library"
	isOfPackages := func(r planner.Reason) bool { return r.Rule == planner.WorkspacePackage }
	inPackages := false
	for _, s := range p.Services {
		inPackages = inPackages || slices.ContainsFunc(s.Reasons, isOfPackages)
		if s.Action == planner.Deploy && len(s.Reasons) == 1 && s.Reasons[0].Rule == planner.OrphanFile {
			orphan = s.Reasons[0]
			services++
			if knowsPackages(s) {
				nowhere = "no package"
			}
		}
	}
	if inPackages && nowhere != "no package" {
		return ""
	}
	if services == 0 || orphan.Left == "" || orphan.Left == configFile || orphan.File == configFile || p.PackagesUnknown {
		return ""
	}
	file, pattern := Quote(orphan.File), yamlString(ignorePattern(orphan.Left))
	if orphan.Files == 1 {
		return fmt.Sprintf("%s is in %s, and so deploys %s; if none of them needs it, add to seed.yml: ignore: [%s]",
			file, nowhere, count(services, "service"), pattern)
	}
	return fmt.Sprintf("%s and %s are in %s, and so deploy %s; seed.yml can ignore those that none of them needs, as this one: ignore: [%s]",
		file, count(orphan.Files-1, "more file"), nowhere, count(services, "service"), pattern)
}

// ignorePattern is the gitignore(5) pattern that matches this one path and no other; a byte that no YAML file can
// hold is left to "?".
func ignorePattern(path string) string {
	var b strings.Builder
	b.WriteByte('/')
	for i, r := range path {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(path[i:], "\uFFFD"):
			b.WriteByte('?')
		case strings.ContainsRune(`\*?[`, r), r == ' ' && i == len(path)-1:
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// yamlString is a double-quoted scalar of YAML 1.2 (7.3.1), whose escapes are those of Go for what can be in a path.
func yamlString(s string) string {
	return strings.ReplaceAll(fmt.Sprintf("%q", s), `\x7f`, `\x7F`)
}

package python

import "strings"

// ParseSetupCfg reads a setup.cfg as setuptools does (its "declarative config"): what is required, and where packages are found.
func ParseSetupCfg(data []byte) (*Manifest, error) {
	options, err := parseINI(decodeText(data))
	p := pyproject{Manifest: &Manifest{}}
	for _, option := range options {
		p.setupOption(option)
	}
	return p.Manifest, err
}

func (p *pyproject) setupOption(option iniOption) {
	// An older setuptools takes dashes and capitals in names too.
	name := strings.ReplaceAll(strings.ToLower(option.name), "-", "_")
	switch section := option.section; {
	case section == "metadata" && name == "name":
		for _, line := range option.lines {
			p.Name = NormalizeName(line.text)
		}
	case section == "options" && (name == "install_requires" || name == "setup_requires"):
		p.setupRequirements(option, false)
	case section == "options" && name == "tests_require":
		p.setupRequirements(option, true)
	case section == "options.extras_require":
		p.setupRequirements(option, false)
	case section == "options.packages.find" && name == "where":
		p.setupDirectories(option)
	case section == "options" && name == "package_dir", section == "options.data_files":
		p.setupDirectories(option)
	}
}

// setupRequirements reads a list with one requirement a line, or, where the value is one line, with ";" between them; or
// "file:" and the names of files that hold the list.
func (p *pyproject) setupRequirements(option iniOption, dev bool) {
	lines := option.lines
	if len(lines) > 0 && strings.HasPrefix(lines[0].text, "file:") {
		p.setupFiles(lines, dev)
		return
	}
	if len(lines) == 1 {
		for requirement := range strings.SplitSeq(lines[0].text, ";") {
			p.requirement(requirement, lines[0].number, dev)
		}
		return
	}
	for _, line := range lines {
		p.requirement(line.text, line.number, dev)
	}
}

func (p *pyproject) setupFiles(lines []iniLine, dev bool) {
	for i, line := range lines {
		text := line.text
		if i == 0 {
			text = strings.TrimPrefix(text, "file:")
		}
		for file := range strings.SplitSeq(text, ",") {
			if file = strings.TrimSpace(file); file != "" {
				p.reference(Reference{Path: file, Kind: RequirementsFile, Line: line.number, Dev: dev})
			}
		}
	}
}

// setupDirectories reads a list of directories or files, or of "package = directory".
func (p *pyproject) setupDirectories(option iniOption) {
	for _, line := range option.lines {
		for item := range strings.SplitSeq(line.text, ",") {
			if _, directory, isPair := strings.Cut(item, "="); isPair {
				item = directory
			}
			if path := cutGlob(strings.TrimSpace(item)); path != "" {
				p.reference(Reference{Path: path, Kind: PackageSource, Line: line.number})
			}
		}
	}
}

// SetupRequirement is one thing that a setup.cfg says a project needs.
type SetupRequirement struct {
	// Text is a requirement (PEP 508), or the path of a file with a requirement on each line where IsFile is set.
	Text   string
	IsFile bool
	// Extra is the extra that it is for, normalized; empty for the project itself.
	Extra string
	Line  int // 1-based
}

// SetupRequirements gives what a setup.cfg says that a project needs when it is installed, and for its extras. An extra under a
// condition ("name:marker") is left out.
func SetupRequirements(data []byte) ([]SetupRequirement, error) {
	options, err := parseINI(decodeText(data))
	var all []SetupRequirement
	for _, option := range options {
		name := strings.ReplaceAll(strings.ToLower(option.name), "-", "_")
		switch {
		case option.section == "options" && name == "install_requires":
			all = append(all, option.requirements("")...)
		case option.section == "options.extras_require" && !strings.Contains(option.name, ":"):
			all = append(all, option.requirements(NormalizeName(option.name))...)
		}
	}
	return all, err
}

// requirements reads a list as setupRequirements does.
func (o iniOption) requirements(extra string) []SetupRequirement {
	p := pyproject{Manifest: &Manifest{}}
	var all []SetupRequirement
	if len(o.lines) > 0 && strings.HasPrefix(o.lines[0].text, "file:") {
		p.setupFiles(o.lines, false)
		for _, file := range p.References {
			all = append(all, SetupRequirement{Text: file.Path, IsFile: true, Extra: extra, Line: file.Line})
		}
		return all
	}
	for _, line := range o.lines {
		texts := []string{line.text}
		if len(o.lines) == 1 {
			texts = strings.Split(line.text, ";")
		}
		for _, text := range texts {
			all = append(all, SetupRequirement{Text: strings.TrimSpace(text), Extra: extra, Line: line.number})
		}
	}
	return all
}

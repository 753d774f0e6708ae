package docker

import (
	_ "embed" // for Dockerfile
	"fmt"
	"strings"
)

//go:embed Dockerfile
var dockerfile string

// stage is one of the Dockerfile's stages.
type stage struct {
	// name is its own, and from that of the image or the stage that it begins with.
	name, from string
	// args are the names of what its commands see as variables; commands are for the shell.
	args, commands []string
}

// parseDockerfile reads as much of the language as the embedded file has: ARG, FROM … AS, USER, and RUN for the shell.
func parseDockerfile(text string) ([]stage, error) {
	var stages []stage
	for _, line := range instructions(text) {
		word, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		last := len(stages) - 1
		switch {
		case word == "FROM":
			fields := strings.Fields(rest)
			if len(fields) != 3 || fields[1] != "AS" {
				return nil, fmt.Errorf("the Dockerfile: %q names no stage", line)
			}
			stages = append(stages, stage{from: fields[0], name: fields[2]})
		case word == "ARG" && last < 0, word == "USER" && rest == "root":
		case word == "ARG":
			stages[last].args = append(stages[last].args, rest)
		case word == "RUN" && last >= 0:
			stages[last].commands = append(stages[last].commands, rest)
		default:
			return nil, fmt.Errorf("the Dockerfile: %q is not followed here", line)
		}
	}
	return stages, nil
}

// instructions joins lines that go on, and leaves out comments.
func instructions(text string) []string {
	var all []string
	joined := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if before, goesOn := strings.CutSuffix(line, `\`); goesOn {
			joined += before
			continue
		}
		all = append(all, joined+line)
		joined = ""
	}
	return all
}

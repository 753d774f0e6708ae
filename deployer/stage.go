package deployer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// StageName is the name of a stage that is made of a branch's.
type StageName struct {
	Name string
	// Doubt is why the name is not the one that the command printed; nil where it is, or where there is no command.
	Doubt error
}

// stageNameTime is how long the command may take that makes the name of a stage.
const stageNameTime = 2 * time.Second

// MakeStageName gives the name of the stage that the branch c.StageBranch is deployed to: what the command prints, a
// text for the shell that has the branch as SEED_STAGE_BRANCH and two seconds. Where there is no command, where it fails
// or takes longer, the name is the branch's, as far as that can be one (seed.run/docs/adding-a-build-spec: "Customize
// stage names"). The error is a *ToolError where there is no shell, or that of a branch of which no name can be made.
func MakeStageName(ctx context.Context, c Config, command string) (StageName, error) {
	return makeStageName(ctx, c, command, stageNameTime)
}

func makeStageName(ctx context.Context, c Config, command string, limit time.Duration) (StageName, error) {
	own := sanitize(c.StageBranch)
	if own == "" {
		return StageName{}, fmt.Errorf("no name of a stage can be made of the branch %q", c.StageBranch)
	}
	if command == "" {
		return StageName{Name: own}, nil
	}
	name, err := c.construct(ctx, command, limit)
	if err == nil || ctx.Err() != nil {
		return StageName{Name: name}, err
	}
	if missing := new(ToolError); errors.As(err, &missing) {
		return StageName{}, err
	}
	return StageName{Name: own, Doubt: err}, nil
}

// construct runs the command that prints a stage's name.
func (c Config) construct(ctx context.Context, command string, limit time.Duration) (string, error) {
	sh, err := findShell(c.Env)
	if err != nil {
		return "", err
	}
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	argv := sh.argv(command)
	var printed bytes.Buffer
	cmd := exec.CommandContext(timed, argv[0], argv[1:]...)
	cmd.Dir, cmd.Stdout = c.Root, &printed
	cmd.Env = append(c.Env[:len(c.Env):len(c.Env)], "SEED_STAGE_BRANCH="+c.StageBranch, "SEED_APP_NAME="+c.App, "BASH_ENV="+os.DevNull)
	lead(cmd)
	cmd.Cancel = func() error { return killGroup(cmd.Process) }
	cmd.WaitDelay = quiet
	err = cmd.Run()
	name := strings.TrimSpace(printed.String())
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case timed.Err() != nil:
		return "", fmt.Errorf("stage_name_constructor took longer than %s", limit)
	case err != nil:
		return "", fmt.Errorf("stage_name_constructor: %w", err)
	case name == "" || name != sanitize(name):
		return "", fmt.Errorf("stage_name_constructor printed %q, which is no name of a stage", shorten(name))
	}
	return name, nil
}

// shorten gives the beginning of what a command printed.
func shorten(text string) string {
	const most = 60
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// longestStage is how long the name of a stage may be: it is in the names of stacks, which have 128 characters.
const longestStage = 64

// sanitize makes of a text the name of a stage that Serverless and CloudFormation take: letters, digits and single "-"
// between them, with a letter first. One that is too long is cut, and ends in what tells the text from others that begin like it.
// It is empty where nothing is left.
func sanitize(text string) string {
	var b strings.Builder
	for _, r := range text {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		switch {
		case letter, r >= '0' && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		case r >= '0' && r <= '9':
			b.WriteString("b-" + string(r)) // b for branch
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := strings.TrimRight(b.String(), "-")
	if len(name) <= longestStage {
		return name
	}
	sum := sha256.Sum256([]byte(text))
	end := "-" + hex.EncodeToString(sum[:4])
	return strings.TrimRight(name[:longestStage-len(end)], "-") + end
}

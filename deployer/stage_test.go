package deployer

import (
	"os"
	"strings"
	"testing"
	"time"
)

// The command is that of Seed's documentation in its meaning: the part behind the slash, but for two branches.
const seedsExample = `
if [ "$SEED_STAGE_BRANCH" = master ]; then echo master
elif [ "$SEED_STAGE_BRANCH" = beta ]; then echo beta
else echo "$SEED_STAGE_BRANCH" | cut -d/ -f2
fi`

func TestMakeStageName(t *testing.T) {
	for name, test := range map[string]struct{ branch, command, want, doubt string }{
		"Seed's example":      {"feature/dark-mode", seedsExample, "dark-mode", ""},
		"its other branch":    {"master", seedsExample, "master", ""},
		"no command":          {"feature/dark_mode", "", "feature-dark-mode", ""},
		"a digit first":       {"42-answers", "", "b-42-answers", ""},
		"it fails":            {"feature/x", "echo nope; exit 3", "feature-x", "stage_name_constructor: exit status 3"},
		"it prints nothing":   {"dev", "true", "dev", `stage_name_constructor printed "", which is no name of a stage`},
		"it prints a path":    {"dev", "echo a/b", "dev", `stage_name_constructor printed "a/b", which is no name of a stage`},
		"it prints two lines": {"dev", "echo a; echo b", "dev", `stage_name_constructor printed "a\nb", which is no name of a stage`},
		"only stdout counts":  {"dev", "echo oh >&2; pwd | grep -q . && echo it", "it", ""},
		"a long name": {
			"feature/" + strings.Repeat("long-", 11) + "x-tail-1", "", "feature-long-long-long-long-long-long-long-long-long-lo-cfa7271e", ""},
		"another long name": {
			"feature/" + strings.Repeat("long-", 11) + "x-tail-2", "", "feature-long-long-long-long-long-long-long-long-long-lo-3de35268", ""},
		"cut behind a hyphen":       {strings.Repeat("a", 54) + "/" + strings.Repeat("b", 54), "", strings.Repeat("a", 54) + "-74908ce9", ""},
		"no longer than it may be":  {strings.Repeat("a", 62) + "/b/", "", strings.Repeat("a", 62) + "-b", ""},
		"it prints too long a name": {"dev", "echo " + strings.Repeat("a", 65), "dev", `stage_name_constructor printed "` + strings.Repeat("a", 60) + `…", which is no name of a stage`},
		"it takes too long":         {"dev", "trap '' TERM; echo a; sleep 600 & sleep 600", "dev", "stage_name_constructor took longer than 1s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := Config{Root: t.TempDir(), Env: append(os.Environ(), "BASH_ENV=/not/there"), StageBranch: test.branch}
			got, err := makeStageName(t.Context(), c, test.command, time.Second)
			if err != nil {
				t.Fatal(err)
			}
			doubt := ""
			if got.Doubt != nil {
				doubt = got.Doubt.Error()
			}
			if got.Name != test.want || doubt != test.doubt {
				t.Errorf("got %q, %q, want %q, %q", got.Name, doubt, test.want, test.doubt)
			}
		})
	}
}

func TestMakeStageNameOfNothing(t *testing.T) {
	for _, branch := range []string{"", "---", "/", "日本"} {
		if got, err := MakeStageName(t.Context(), Config{StageBranch: branch}, "echo dev"); err == nil {
			t.Errorf("%q: got %q", branch, got.Name)
		}
	}
}

func FuzzSanitize(f *testing.F) {
	for _, branch := range []string{"", "master", "feature/x", "1", "-a-", "ä/b", strings.Repeat("ab-", 40)} {
		f.Add(branch)
	}
	f.Fuzz(func(t *testing.T, branch string) {
		name := sanitize(branch)
		if again := sanitize(name); again != name {
			t.Errorf("%q becomes %q, and that %q", branch, name, again)
		}
		if strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") != "" || len(name) > longestStage {
			t.Errorf("%q becomes %q", branch, name)
		}
	})
}

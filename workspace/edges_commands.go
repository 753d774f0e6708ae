package workspace

import (
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// commands adds the edges of what seed.yml has run to deploy a service: its own command, in its directory, and the hooks, at the
// repository's root. What the programs reach that these name, nobody can say.
func (b *builder) commands(s Service) {
	own := mention{what: "command", scalar: true}
	for _, text := range append([]string{s.command.Shell}, s.command.Args...) {
		b.words(s.Path, s.Path, text, place{b.config.File, s.line}, own)
	}
	hook := mention{what: "hook", scalar: true, noScripts: true}
	for _, text := range b.config.Hooks.ofDeploys() {
		b.words(s.Path, root, text, place{file: b.config.File}, hook)
	}
}

// words adds the edges of a command's words that name something, from the directory that it runs in. A word without a slash may mean
// anything, such as a tool's own command: it counts where it names a file. A directory around the service counts only where ".."
// says so: any command runs in one, and before a variable ("services/$NAME") it is there for the service's own.
func (b *builder) words(node, dir, command string, at place, m mention) {
	for word := range strings.FieldsFuncSeq(command, isBetweenTokens) {
		if behind, ok := upwards(word); ok { // an option's
			word = behind
		}
		c, ok := pathOf(word, formOfToken)
		if !ok {
			continue
		}
		to := b.lookups.resolve(dir, c.Path)
		isDirectory := to.entry.Mode == tree.Dir
		if isDirectory && (!strings.Contains(word, "/") || lies(node, to.entry.Path)) && !hasUpSegment(c.Path) {
			continue
		}
		m.text = c.Path
		b.edge(node, to, at, m)
	}
}

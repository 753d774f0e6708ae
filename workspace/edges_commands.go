package workspace

import (
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/tree"
)

// commands adds the edges of what seed.yml has run to deploy a service: its own command, in its directory, and the hooks, at the
// repository's root. What the programs reach that these name, nobody can say; but a configuration or a template that its own command
// names (serverless deploy --config prod.yml, sam deploy -t infra/app.yaml) is read as one that the marker names.
func (b *builder) commands(s Service) {
	command, at := mention{what: "command", scalar: true}, place{b.config.File, s.line}
	words := append([]string{s.command.Shell}, s.command.Args...)
	b.installed(s.Path, python.ParseScript([]byte(strings.Join(words, " "))), s.Path, at)
	for _, text := range words {
		if asksForRoot(text) {
			b.noteProgram(at, runsProgram)
		}
		b.words(s.Path, s.Path, text, at, command, func(to resolved, c candidate) {
			own := to.entry.Path == s.Marker || isTemplateName(baseName(to.entry.Path)) && lies(to.entry.Path, s.Path)
			if !own { // those are read anyway
				b.includeTemplates(s.Path, at.file, to, c)
			}
		})
	}
	hook := mention{what: "hook", scalar: true, noScripts: true}
	for _, text := range b.config.Hooks.ofDeploys() {
		b.words(s.Path, root, text, place{file: b.config.File}, hook, func(resolved, candidate) {})
	}
}

// words adds the edges of a command's words that name something, from the directory that it runs in. A word without a slash may mean
// anything, such as a tool's own command: it counts where it names a file. A directory around the service counts only where ".."
// says so: any command runs in one, and before a variable ("services/$NAME") it is there for the service's own. It calls yield with
// what each word that counts led to.
func (b *builder) words(node, dir, command string, at place, m mention, yield func(to resolved, c candidate)) {
	for word := range strings.FieldsFuncSeq(fromHere.Replace(command), isBetweenTokens) {
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
		yield(to, c)
	}
}

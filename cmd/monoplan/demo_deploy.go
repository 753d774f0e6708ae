package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
)

// demoSeed says how the demo's services are deployed: by commands that only say so.
const demoSeed = `# The tools that deploy make their own packages here, to be quick.
package: false
services:
  - path: services/posts
    deploy: {command: "test -e schema.sql || { echo there is no schema.sql; exit 1; }"}
  - path: services/users
    deploy: {command: "echo deploying $MONOPLAN_SERVICE to $MONOPLAN_STAGE"}
  - path: services/users/admin
    deploy: {command: "echo deploying $MONOPLAN_SERVICE to $MONOPLAN_STAGE"}
  - path: services/site
    deploy: {command: "echo deploying $MONOPLAN_SERVICE to $MONOPLAN_STAGE"}
phases: [[posts, users, admin], [site]]
`

// deploys takes the repository through a deploy that fails, one of what is left, and one that undoes a change.
func (d *demo) deploys(ctx context.Context) error {
	for _, c := range demoDeploys(d.files) {
		before := d.commit
		if err := d.commitStep(c.title, c.files); err != nil {
			return err
		}
		for _, args := range c.commands {
			if args = slices.Clone(args); args[len(args)-1] == "--head" {
				args = append(args, before)
			}
			if err := d.try(ctx, args); err != nil {
				return err
			}
		}
		d.say("\n%s\n", c.lesson)
	}
	return nil
}

// deployStep is one commit of the demo's last part, and what is then deployed of it.
type deployStep struct {
	title string
	files map[string]string
	// commands are shown and run; one that ends in --head is given the commit before.
	commands [][]string
	lesson   string
}

func demoDeploys(files map[string]string) []deployStep {
	const handler = "services/site/handler.js"
	plan, run := []string{"plan", "--stage", "dev"}, []string{"deploy", "--stage", "dev"}
	return []deployStep{
		{
			"in two phases", map[string]string{"seed.yml": demoSeed}, [][]string{plan, run},
			"One service failed, the two beside it finished, and the phase after them was not begun.",
		},
		{
			"what was missing", map[string]string{"services/posts/schema.sql": "create table posts (id text);\n"}, [][]string{plan, run},
			"What had succeeded was remembered, so only what was left was deployed.",
		},
		{
			"a mistake", map[string]string{handler: files[handler] + "// a mistake\n"}, [][]string{run, {"plan", "--stage", "dev", "--head"}},
			"To go back to the commit before would deploy what came since: compared is what is deployed with what will be.",
		},
		{
			"a rollback", map[string]string{handler: files[handler]}, [][]string{run, run},
			"And then there is nothing left to deploy.",
		},
	}
}

// commitStep writes files and commits them.
func (d *demo) commitStep(title string, files map[string]string) error {
	before := maps.Clone(d.files)
	maps.Copy(d.files, files)
	if err := d.write(before); err != nil {
		return err
	}
	d.say("\nDeploying, %s: %s\n", title, strings.Join(changedFiles(before, d.files), ", "))
	return d.save(title)
}

// try shows a command that may fail: that is then part of the story.
func (d *demo) try(ctx context.Context, args []string) error {
	stderr := d.app.Stderr
	defer func() { d.app.Stderr = stderr }()
	d.app.Stderr = d.app.out
	var status statusError
	if err := d.run(ctx, args...); err != nil && !errors.As(err, &status) {
		return err
	}
	return nil
}

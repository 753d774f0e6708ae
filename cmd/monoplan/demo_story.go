package main

import (
	"maps"
	"strings"

	"golang.org/x/tools/txtar"

	_ "embed" // for demo.txtar and demo.lock
)

//go:embed demo.txtar
var demoArchive []byte

// demoLock is what "poetry lock" writes for the service posts.
//
//go:embed demo.lock
var demoLock string

// chapter is one change of the demo's repository, and what there is to see in its plan.
type chapter struct {
	title string
	// change edits the files of the repository, by their paths.
	change func(files map[string]string)
	// explain is what is explained after the plan, a service or a file.
	explain string
	lesson  string
}

// demoStart has the files of the demo's first commit.
func demoStart() map[string]string {
	files := make(map[string]string)
	for _, f := range txtar.Parse(demoArchive).Files {
		files[f.Name] = string(f.Data)
	}
	return files
}

// demoStory is the demo's five changes, each made on top of the one before.
func demoStory() []chapter {
	return []chapter{
		{
			title: "a file of one service",
			change: func(files map[string]string) {
				files["services/posts/handler.py"] += "\n\ndef count_posts(event, context):\n    return 1\n"
			},
			explain: "posts",
			lesson:  "Only the service that has the file is deployed.",
		},
		{
			title: "a file of a shared library",
			change: func(files map[string]string) {
				files["libs/dates/dates/__init__.py"] += "\n\ndef year():\n    return date.today().year\n"
			},
			explain: "posts",
			lesson: "posts reaches the library through another one, by its Poetry path dependencies. web is JavaScript: what it\n" +
				"imports is not read, so it may use any library. users and admin declare what they use, and this is not part of it.",
		},
		{
			title: "a file of a service nested in another",
			change: func(files map[string]string) {
				files["services/users/admin/handler.py"] += "\n\ndef list_admins(event, context):\n    return [\"ada\"]\n"
			},
			explain: "users",
			lesson:  "users is deployed too: the package made of its directory has the nested one in it.",
		},
		{
			title:   "a file that nobody has",
			change:  func(files map[string]string) { files["README.md"] += "\nIt has four services.\n" },
			explain: "README.md",
			lesson:  "It lies in no service and no library, so nobody knows who uses it: doubt deploys.",
		},
		{
			title: "a service that moves",
			change: func(files map[string]string) {
				moved := make(map[string]string)
				for _, name := range []string{"serverless.yml", "package.json", "handler.js"} {
					moved["services/site/"+name] = strings.Replace(files["services/web/"+name], "service: web", "service: site", 1)
					delete(files, "services/web/"+name)
				}
				maps.Copy(files, moved)
			},
			explain: "services/web",
			lesson:  "Its new directory is deployed, its old one is to be removed, and nobody else is concerned.",
		},
	}
}

package main

import (
	"cmp"
	"os"
	"os/user"
	"path"
	"strings"
)

// origin is where a deploy comes from.
type origin struct {
	branch, pullRequest string
}

// origin asks the variables of CIs first, for a CI checks out a commit and no branch: GitHub Actions, GitLab, Buildkite,
// CircleCI, Jenkins.
func (a *app) origin(checkedOut string) origin {
	pull := cmp.Or(
		a.getenv("CI_MERGE_REQUEST_IID"), number(a.getenv("BUILDKITE_PULL_REQUEST")),
		number(path.Base(a.getenv("CIRCLE_PULL_REQUEST"))), a.getenv("CHANGE_ID"),
	)
	if rest, ok := strings.CutPrefix(a.getenv("GITHUB_REF"), "refs/pull/"); ok {
		pull, _, _ = strings.Cut(rest, "/")
	}
	return origin{
		branch: cmp.Or(
			a.getenv("GITHUB_HEAD_REF"), a.getenv("GITHUB_REF_NAME"),
			a.getenv("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"), a.getenv("CI_COMMIT_BRANCH"),
			a.getenv("BUILDKITE_BRANCH"), a.getenv("CIRCLE_BRANCH"), a.getenv("CHANGE_BRANCH"), a.getenv("BRANCH_NAME"),
			checkedOut,
		),
		pullRequest: pull,
	}
}

// number gives a text that is one, and nothing for any other: a build of no pull request has "false".
func number(s string) string {
	if strings.Trim(s, "0123456789") != "" {
		return ""
	}
	return s
}

// owner says for people who deploys: the CI's user or job, or the user of this machine.
func (a *app) owner() string {
	who := cmp.Or(a.getenv("GITHUB_ACTOR"), a.getenv("GITLAB_USER_LOGIN"), a.getenv("BUILDKITE_BUILD_CREATOR"), a.getenv("CIRCLE_USERNAME"), a.getenv("BUILD_USER_ID"))
	if who == "" {
		if u, err := user.Current(); err == nil {
			who = u.Username
		}
	}
	host, err := os.Hostname()
	if err != nil {
		return cmp.Or(who, "somebody")
	}
	return cmp.Or(who, "somebody") + "@" + host
}

// jobURL is where a CI shows the job; empty elsewhere.
func (a *app) jobURL() string {
	if server, repository, run := a.getenv("GITHUB_SERVER_URL"), a.getenv("GITHUB_REPOSITORY"), a.getenv("GITHUB_RUN_ID"); run != "" {
		return server + "/" + repository + "/actions/runs/" + run
	}
	return cmp.Or(a.getenv("CI_JOB_URL"), a.getenv("BUILDKITE_BUILD_URL"), a.getenv("CIRCLE_BUILD_URL"), a.getenv("BUILD_URL"))
}

// region is that of the cloud, as AWS' own tools find it in the environment; empty leaves it to them.
func (a *app) region() string { return cmp.Or(a.getenv("AWS_REGION"), a.getenv("AWS_DEFAULT_REGION")) }

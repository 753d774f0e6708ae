package workspace

import (
	"path"
	"slices"
	"strings"
)

// Ledger is what ledger: of seed.yml says: where it is remembered which commit was deployed.
type Ledger struct {
	// Backend is git, file or s3.
	Backend string
	// Remote is the git remote that shares the ledger, or empty; Ref is where its refs are, with {stage} in it.
	Remote, Ref string
	// Path is that of the file, relative to the repository's root or absolute.
	Path string
	// URL is s3://bucket/prefix.
	URL string
}

// stageInRef stands for the stage's name in a ref.
const stageInRef = "{stage}"

// defaultLedgerRef is where the git backend keeps a stage that nothing else is said of.
const defaultLedgerRef = "refs/monoplan/" + stageInRef

// RefOf gives the ref of a stage.
func (l Ledger) RefOf(stage string) string { return strings.ReplaceAll(l.Ref, stageInRef, stage) }

// has reports whether a path is one of the ledger's own: the file, or one of those that ledger.File keeps beside it.
func (l Ledger) has(p string) bool {
	if l.Backend != "file" {
		return false
	}
	beside, isLedger := strings.CutPrefix(p, path.Clean(l.Path))
	return isLedger && (beside == "" || beside == ".lock" ||
		beside[0] == '.' && (strings.HasSuffix(beside, ".log") || strings.HasSuffix(beside, ".tmp")) && !strings.Contains(beside, "/"))
}

// ledger reads where the ledger is. A key of another backend is an error: it would be believed to work.
func (p *configParser) ledger(n *yamlNode) {
	l := &p.config.Ledger
	places := map[string]*yamlNode{}
	known := p.ledgerKeys()
	for key, read := range known {
		known[key] = func(n *yamlNode) {
			places[key] = n.value()
			read(n)
		}
	}
	p.mapping(n, "ledger", known)
	for _, key := range []string{"remote", "ref", "path", "url"} {
		at, owner := places[key], ledgerKeyOwner(key)
		if at != nil && owner != l.Backend {
			p.fail(at, "%s is for the ledger's backend %s, not %s", key, owner, l.Backend)
		}
	}
	if n = n.value(); n.kind != yamlMapping {
		return
	}
	switch {
	case l.Backend == "file" && places["path"] == nil:
		p.fail(n, "the ledger's backend file needs a path")
	case l.Backend == "s3" && places["url"] == nil:
		p.fail(n, "the ledger's backend s3 needs a url such as s3://bucket/prefix")
	}
}

// ledgerKeyOwner is the backend that a key of ledger: is for.
func ledgerKeyOwner(key string) string {
	switch key {
	case "path":
		return "file"
	case "url":
		return "s3"
	}
	return "git"
}

func (p *configParser) ledgerKeys() keys {
	l := &p.config.Ledger
	return keys{
		"backend": func(n *yamlNode) {
			if s, ok := p.oneOf(n, "backend", "git", "file", "s3"); ok {
				l.Backend = s
			}
		},
		"remote": func(n *yamlNode) { l.Remote = p.remote(n) },
		"ref":    func(n *yamlNode) { p.ledgerRef(n) },
		"path":   func(n *yamlNode) { l.Path, _ = p.string(n, "path") },
		"url":    func(n *yamlNode) { l.URL, _ = p.bucketURL(n, "url") },
	}
}

// remote reads the name of a remote, or a URL of one.
func (p *configParser) remote(n *yamlNode) string {
	s, ok := p.string(n, "remote")
	if ok && strings.HasPrefix(s, "-") {
		p.fail(n.value(), "remote must be the name of a git remote, not %q", s)
	}
	return s
}

// ledgerRef reads where the refs of stages are. Each stage needs one of its own.
func (p *configParser) ledgerRef(n *yamlNode) {
	s, ok := p.string(n, "ref")
	if !ok {
		return
	}
	name, hasRefs := strings.CutPrefix(s, "refs/")
	rest := strings.ReplaceAll(name, stageInRef, "stage")
	switch {
	case !hasRefs || rest == name:
		p.fail(n.value(), "ref must be like refs/heads/monoplan/%s, not %q", stageInRef, s)
	case !isRefName(rest) || !strings.Contains(rest, "/"):
		p.fail(n.value(), "ref is not the name of a git ref: %q", s)
	default:
		p.config.Ledger.Ref = s
	}
}

// isRefName reports whether git would take a name for a ref (git-check-ref-format(1)).
func isRefName(name string) bool {
	bad := strings.ContainsAny(name, " ~^:?*[\\\x7f") || strings.Contains(name, "..") || strings.Contains(name, "@{") ||
		strings.HasSuffix(name, ".") || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' })
	return !bad && !slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool {
		return part == "" || part[0] == '.' || strings.HasSuffix(part, ".lock")
	})
}

// bucketURL reads a place in a bucket.
func (p *configParser) bucketURL(n *yamlNode, what string) (string, bool) {
	s, ok := p.string(n, what)
	bucket, isS3 := strings.CutPrefix(s, "s3://")
	if ok && (!isS3 || bucket == "" || bucket[0] == '/') {
		p.fail(n.value(), "%s must be s3://bucket/prefix, not %q", what, s)
		ok = false
	}
	return s, ok
}

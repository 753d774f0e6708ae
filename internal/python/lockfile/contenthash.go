package lockfile

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/monoplan/monoplan/internal/python/pep440"
	"github.com/monoplan/monoplan/internal/python/toml"
)

// IsFresh reports whether a poetry.lock was made from a manifest as it is now, by the hash that each of them gives (poetry check --lock).
// manifest is the document of the pyproject.toml beside it. A lock without a hash is not fresh: nothing says that it fits.
func (l *Lock) IsFresh(manifest *toml.Value) bool {
	if l.ContentHash == "" {
		return false
	}
	for _, hash := range contentHashes(manifest, l.Tool) {
		if hash == l.ContentHash {
			return true
		}
	}
	return false
}

// ContentHash gives the hash that the newest Poetry writes into the lock of a manifest.
func ContentHash(manifest *toml.Value) string {
	return contentHash(manifest, relevant{dependencyGroups: true})
}

// contentHashes gives the hashes that a lock of the manifest may have. Poetry takes [dependency-groups] in since 2.3, and [project] since 2.0.
func contentHashes(manifest *toml.Value, tool string) []string {
	hashes := []string{ContentHash(manifest)}
	if manifest.Get("project") != nil && manifest.Get("dependency-groups") != nil && isBefore(tool, "2.3.0") {
		hashes = append(hashes, contentHash(manifest, relevant{}))
	}
	if manifest.Get("project") != nil && isBefore(tool, "2.0.0") {
		hashes = append(hashes, contentHash(manifest, relevant{poetryOnly: true}))
	}
	return hashes
}

// isBefore reports whether a version of Poetry is before another. Locks did not name their tool before 1.4.
func isBefore(tool, than string) bool {
	if tool == "" {
		return true
	}
	v, err := pep440.Parse(tool)
	limit, limitErr := pep440.Parse(than)
	return err == nil && limitErr == nil && v.Compare(limit) < 0
}

// relevant says which parts of a manifest a version of Poetry hashes.
type relevant struct {
	dependencyGroups bool
	poetryOnly       bool // as if there were no [project], which Poetry 1 does not know
}

// contentHash computes what Poetry writes as content-hash: the SHA-256 of the relevant tables as JSON, with sorted keys. Without relevant
// keys in [project] these are tables of [tool.poetry] (null for those that are missing and as old as Poetry itself), else both,
// under their own names.
func contentHash(manifest *toml.Value, r relevant) string {
	project := object{}
	if !r.poetryOnly {
		project.take(manifest.Get("project"), "requires-python", "dependencies", "optional-dependencies")
	}
	poetry := object{}
	legacy := []string{"dependencies", "source", "extras", "dev-dependencies"}
	poetry.take(manifest.Get("tool", "poetry"), legacy...)
	poetry.take(manifest.Get("tool", "poetry"), "group")
	content := poetry
	if len(project) > 0 {
		content = object{"project": project, "tool": object{"poetry": poetry}}
		if groups := manifest.Get("dependency-groups"); r.dependencyGroups && len(groups.Entries()) > 0 {
			content["dependency-groups"] = groups
		}
	} else {
		for _, key := range legacy {
			if poetry[key] == nil {
				poetry[key] = (*toml.Value)(nil)
			}
		}
	}
	sum := sha256.Sum256(appendJSON(nil, content))
	return hex.EncodeToString(sum[:])
}

// object is a JSON object of other objects, and of TOML values as they are.
type object map[string]any

func (o object) take(table *toml.Value, keys ...string) {
	for _, key := range keys {
		if v := table.Get(key); v != nil {
			o[key] = v
		}
	}
}

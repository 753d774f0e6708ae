package planner

import (
	"slices"
	"strings"
)

// holding is a target with the changed paths that it holds and no target inside it does.
type holding struct {
	target  int // index into the network's targets
	library bool
	files
	// keys has every path, sorted, where services lie in the target: which of the paths are outside of one is then a
	// question. A submodule's path ends in "/", for it lies in the service at its path.
	keys []string
}

func (h *holding) put(c Change, withKey bool) {
	h.add(c.Path)
	switch {
	case withKey && c.Submodule:
		h.keys = append(h.keys, c.Path+"/")
	case withKey:
		h.keys = append(h.keys, c.Path)
	}
}

// outside gives the paths that lie outside of a service's directory; target is the holding's path.
func (h *holding) outside(service, target string) files {
	switch {
	case lies(target, service):
		return files{}
	case !lies(service, target):
		return h.files
	}
	prefix := service + "/"
	from, _ := slices.BinarySearch(h.keys, prefix)
	n, _ := slices.BinarySearchFunc(h.keys[from:], prefix, func(key, prefix string) int {
		if strings.HasPrefix(key, prefix) {
			return -1
		}
		return 1
	})
	f := files{count: len(h.keys) - n}
	switch {
	case from > 0:
		f.first = h.keys[0]
	case n < len(h.keys):
		f.first = h.keys[n]
	}
	f.first = strings.TrimSuffix(f.first, "/")
	return f
}

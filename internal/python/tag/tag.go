package tag

import "fmt"

// Tag is one triple of PEP 425: "cp312-cp312-manylinux_2_17_x86_64".
type Tag struct {
	Interpreter, ABI, Platform string
}

// String gives the tag as wheels' names have it.
func (t Tag) String() string { return t.Interpreter + "-" + t.ABI + "-" + t.Platform }

// CPython gives the tags that a CPython 3 of a minor version takes on platforms that are given best first: the tags of its own
// interface, those of the stable interface (abi3) back to 3.2, and those of pure Python, best first.
func CPython(minor int, platforms []string) []Tag {
	own := fmt.Sprintf("cp3%d", minor)
	var tags []Tag
	add := func(interpreter, abi string, platforms ...string) {
		for _, platform := range platforms {
			tags = append(tags, Tag{interpreter, abi, platform})
		}
	}
	add(own, own, platforms...)
	add(own, "abi3", platforms...)
	add(own, "none", platforms...)
	for older := minor - 1; older >= 2; older-- {
		add(fmt.Sprintf("cp3%d", older), "abi3", platforms...)
	}
	pure := pureInterpreters(minor)
	for _, interpreter := range pure {
		add(interpreter, "none", platforms...)
	}
	add(own, "none", "any")
	for _, interpreter := range pure {
		add(interpreter, "none", "any")
	}
	return tags
}

// pureInterpreters gives py312, py3, py311, py310, … py30.
func pureInterpreters(minor int) []string {
	all := []string{fmt.Sprintf("py3%d", minor), "py3"}
	for older := minor - 1; older >= 0; older-- {
		all = append(all, fmt.Sprintf("py3%d", older))
	}
	return all
}

// Manylinux gives the platforms of a Linux with glibc 2.minor, best first (PEP 600), with the names from before that PEP (513, 571, 599)
// behind those that they stand for. arch is Python's word for it: "x86_64", "aarch64".
func Manylinux(minor int, arch string) []string {
	oldest := 17
	if arch == "x86_64" || arch == "i686" {
		oldest = 5
	}
	var platforms []string
	for ; minor >= oldest; minor-- {
		platforms = append(platforms, fmt.Sprintf("manylinux_2_%d_%s", minor, arch))
		switch minor {
		case 17:
			platforms = append(platforms, "manylinux2014_"+arch)
		case 12:
			platforms = append(platforms, "manylinux2010_"+arch)
		case 5:
			platforms = append(platforms, "manylinux1_"+arch)
		}
	}
	return append(platforms, "linux_"+arch)
}

// Musllinux gives the platforms of a Linux with musl 1.minor, best first (PEP 656).
func Musllinux(minor int, arch string) []string {
	var platforms []string
	for ; minor >= 0; minor-- {
		platforms = append(platforms, fmt.Sprintf("musllinux_1_%d_%s", minor, arch))
	}
	return append(platforms, "linux_"+arch)
}

package assemble

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Limits of AWS Lambda ("Lambda quotas"), in bytes: of an archive that is uploaded to Lambda itself and not by way of
// S3, and of what a function's code and layers unpack to; and of how many layers a function has.
const (
	MaxDirectUpload = 50 << 20
	MaxUnpacked     = 250 << 20
	MaxLayers       = 5
)

// LimitError says that a service does not fit into Lambda. It does not name the service.
type LimitError struct {
	// What is what there is too much of: "zipped", "unpacked", "layers".
	What string
	// Have and Limit are bytes, or layers.
	Have, Limit int64
	// Blame has the largest shares first.
	Blame []Share
}

func (e *LimitError) Error() string {
	if e.What == "layers" {
		return fmt.Sprintf("%d layers, and a function has at most %d", e.Have, e.Limit)
	}
	text := fmt.Sprintf("%s %s, and Lambda takes %s", megabytes(e.Have), e.What, megabytes(e.Limit))
	if e.What == "zipped" {
		text += " without S3"
	}
	var blamed []string
	for _, s := range e.Blame[:min(len(e.Blame), 5)] {
		blamed = append(blamed, e.share(s))
	}
	return text + "; " + strings.Join(blamed, ", ")
}

func (e *LimitError) share(s Share) string {
	size := s.Unpacked
	if e.What == "zipped" {
		size = s.Packed
	}
	text := cmp.Or(s.Name, "its own code") + " " + megabytes(size)
	if s.By != "" {
		text += " by " + s.By
	}
	return text
}

// megabytes gives bytes in millions, which is how Lambda's own messages and most tools count; with a decimal below ten.
func megabytes(n int64) string {
	if n < 10_000_000 {
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%d MB", (n+500_000)/1_000_000)
}

// CheckLimits checks the archives of one service, code and layers together: what they unpack to, and how many layers
// these are with those that the service has besides (whose sizes nobody knows here). The error is a [*LimitError].
func CheckLimits(archives []Report, layers int) error {
	if layers > MaxLayers {
		return &LimitError{What: "layers", Have: int64(layers), Limit: MaxLayers}
	}
	unpacked := int64(0)
	var all []Share
	for _, a := range archives {
		unpacked += a.Unpacked
		all = append(all, a.Shares...)
	}
	if unpacked > MaxUnpacked {
		return &LimitError{"unpacked", unpacked, MaxUnpacked, blame(all, func(s Share) int64 { return s.Unpacked })}
	}
	return nil
}

// CheckUpload says that an archive is too large to be uploaded to Lambda itself, and of its packages which are to blame;
// nil where it is not. How an archive is uploaded is for the tool that deploys it to decide, so this is no error by itself.
func CheckUpload(a ManifestArchive, packages []ManifestPackage) *LimitError {
	if a.Size <= MaxDirectUpload {
		return nil
	}
	own := a.Size
	var shares []Share
	for _, p := range packages {
		own -= p.Packed
		shares = append(shares, Share{Name: p.Name, Version: p.Version, By: p.By, Packed: p.Packed})
	}
	shares = append(shares, Share{Packed: max(0, own)})
	return &LimitError{"zipped", a.Size, MaxDirectUpload, blame(shares, func(s Share) int64 { return s.Packed })}
}

// blame sorts shares by size, the largest first, and leaves out those that brought nothing.
func blame(shares []Share, size func(Share) int64) []Share {
	shares = slices.DeleteFunc(slices.Clone(shares), func(s Share) bool { return size(s) == 0 })
	slices.SortStableFunc(shares, func(a, b Share) int {
		return cmp.Or(cmp.Compare(size(b), size(a)), strings.Compare(a.Name, b.Name))
	})
	return shares
}

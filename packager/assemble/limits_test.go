package assemble

import (
	"errors"
	"testing"
)

func TestCheckLimits(t *testing.T) {
	report := func(size int64, shares ...Share) Report {
		r := Report{Size: size, Shares: shares}
		for _, s := range shares {
			r.Unpacked += s.Unpacked
		}
		return r
	}
	const mb = 1_000_000
	code := Share{Unpacked: 3 * mb, Packed: mb}
	pandas := Share{Name: "pandas", Version: "2.0", By: "libs/etl", Unpacked: 68 * mb, Packed: 20 * mb}
	torch := Share{Name: "torch", Version: "2.0", Unpacked: 200 * mb, Packed: 60 * mb}
	tests := map[string]struct {
		archives []Report
		layers   int
		want     string
	}{
		"fits":            {archives: []Report{report(90*mb, code, pandas)}, layers: 5},
		"exactly":         {archives: []Report{report(MaxDirectUpload, Share{Unpacked: MaxUnpacked})}},
		"one byte more":   {archives: []Report{report(1, Share{Unpacked: MaxUnpacked}), report(1, Share{Name: "a", Unpacked: 1})}, want: "262 MB unpacked, and Lambda takes 262 MB; its own code 262 MB, a 0.0 MB"},
		"unpacked":        {archives: []Report{report(1, code), report(1, torch, pandas)}, layers: 1, want: "271 MB unpacked, and Lambda takes 262 MB; torch 200 MB, pandas 68 MB by libs/etl, its own code 3.0 MB"},
		"zipped":          {archives: []Report{report(80*mb, code, pandas)}},
		"too many layers": {layers: 6, want: "6 layers, and a function has at most 5"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := CheckLimits(test.archives, test.layers)
			if test.want == "" {
				if err != nil {
					t.Errorf("error %v, want none", err)
				}
				return
			}
			if e, ok := errors.AsType[*LimitError](err); !ok || e.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

func TestCheckUpload(t *testing.T) {
	packages := []ManifestPackage{{Name: "empty"}, {Name: "pandas", By: "libs/etl", Packed: 60_000_000}, {Name: "six", Packed: 20_000}}
	if e := CheckUpload(ManifestArchive{Size: MaxDirectUpload}, packages); e != nil {
		t.Error(e)
	}
	e := CheckUpload(ManifestArchive{Size: 61_000_000}, packages)
	want := "61 MB zipped, and Lambda takes 52 MB without S3; pandas 60 MB by libs/etl, its own code 1.0 MB, six 0.0 MB"
	if e == nil || e.Error() != want {
		t.Errorf("got %v, want %s", e, want)
	}
	if e := CheckUpload(ManifestArchive{Size: 60_000_000}, nil); e == nil || e.Error() != "60 MB zipped, and Lambda takes 52 MB without S3; its own code 60 MB" {
		t.Errorf("without packages: %v", e)
	}
}

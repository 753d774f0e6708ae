package assemble

import (
	"encoding/json"
	"io"
)

// ManifestVersion is the version of the manifest's format. It changes when a reader would misunderstand.
const ManifestVersion = 1

// Manifest says what was made for a service, and of what. docs/manifest.schema.json describes its JSON form.
type Manifest struct {
	Version int    `json:"version"`
	Service string `json:"service"`
	// Path is the service's directory in the repository.
	Path string `json:"path"`
	// Runtime and Architecture are AWS Lambda's names, as in python3.12 and arm64. Runtime is empty for a service that
	// is packaged without one being known.
	Runtime      string `json:"runtime,omitempty"`
	Architecture string `json:"architecture,omitempty"`
	// Format is bundle, layer or shared-layer.
	Format string `json:"format"`
	// Code is the archive of the function itself, Layers those of its dependencies.
	Code   ManifestArchive   `json:"code"`
	Layers []ManifestArchive `json:"layers"`
	// Packages has what the archives were made of, sorted by name.
	Packages []ManifestPackage `json:"packages"`
	// Provided has the packages that were left out because the runtime has them, sorted.
	Provided []string `json:"provided"`
	// Key is the hash of Inputs, in hexadecimal digits. With the same key there is nothing to make anew.
	Key    string          `json:"key"`
	Inputs []ManifestInput `json:"inputs"`
}

// ManifestArchive is one zip file.
type ManifestArchive struct {
	// File is its path, relative to the manifest and with slashes.
	File string `json:"file"`
	// SHA256 is its hash in hexadecimal digits, CodeSHA256 the same in base64, as Lambda's CodeSha256 has it.
	SHA256     string `json:"sha256"`
	CodeSHA256 string `json:"code_sha256"`
	// Size is its length, Unpacked that of its files' contents, in bytes; Files is how many these are.
	Size     int64 `json:"size"`
	Unpacked int64 `json:"unpacked"`
	Files    int   `json:"files"`
}

// ManifestPackage is one installed package.
type ManifestPackage struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Wheel is the wheel's file name, SHA256 its hash in hexadecimal digits.
	Wheel  string `json:"wheel"`
	SHA256 string `json:"sha256"`
	// By says who asks for it, where that is not the service.
	By string `json:"by,omitempty"`
	// Files counts its files in the archives; Unpacked is the length of their contents, Packed that in the archive.
	Files    int   `json:"files"`
	Unpacked int64 `json:"unpacked"`
	Packed   int64 `json:"packed"`
}

// ManifestInput is one of the things that the key was made from.
type ManifestInput struct {
	Name string `json:"name"`
	Hash string `json:"hash"`
}

// NewManifestArchive describes an archive that was written to a file.
func NewManifestArchive(file string, r Report) ManifestArchive {
	return ManifestArchive{
		File: file, SHA256: r.SHA256, CodeSHA256: r.CodeSHA256,
		Size: r.Size, Unpacked: r.Unpacked, Files: r.Files,
	}
}

// Encode writes the manifest as indented JSON, with lists where there is nothing to list.
func (m Manifest) Encode(w io.Writer) error {
	m.Version = ManifestVersion
	m.Layers = listed(m.Layers)
	m.Packages = listed(m.Packages)
	m.Provided = listed(m.Provided)
	m.Inputs = listed(m.Inputs)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(m)
}

// listed makes an empty list of none, which JSON would call null.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

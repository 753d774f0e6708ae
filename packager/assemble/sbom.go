package assemble

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/packager/wheel"
)

// Component is a package of a service, for its bill of materials.
type Component struct {
	Name, Version string
	// Published says that the version is one of an index of packages, which gives it a package URL.
	Published bool
	// SHA256 is the wheel's hash in hexadecimal digits, Metadata what the wheel says about itself.
	SHA256   string
	Metadata wheel.Headers
	// DependsOn has the names of the components that it needs.
	DependsOn []string
}

// WriteSBOM writes a bill of materials in CycloneDX's JSON form, version 1.6: a service, its components, and who needs
// which. direct has the names of those that the service asks for itself. There is no time in it, and its serial number
// is made of its content, so that the same service gives the same bytes.
func WriteSBOM(w io.Writer, service string, components []Component, direct []string) error {
	bom := cyclonedx.NewBOM()
	bom.Metadata = &cyclonedx.Metadata{
		Component: &cyclonedx.Component{BOMRef: "service:" + service, Type: cyclonedx.ComponentTypeApplication, Name: service},
	}
	sorted := slices.SortedFunc(slices.Values(components), func(a, b Component) int {
		return strings.Compare(python.NormalizeName(a.Name), python.NormalizeName(b.Name))
	})
	references := map[string]string{}
	var listed []cyclonedx.Component
	for _, c := range sorted {
		described := c.describe()
		references[python.NormalizeName(c.Name)] = described.BOMRef
		listed = append(listed, described)
	}
	dependencies := []cyclonedx.Dependency{{Ref: bom.Metadata.Component.BOMRef, Dependencies: needs(direct, references)}}
	for _, c := range sorted {
		dependencies = append(dependencies, cyclonedx.Dependency{
			Ref: references[python.NormalizeName(c.Name)], Dependencies: needs(c.DependsOn, references),
		})
	}
	bom.Components, bom.Dependencies = &listed, &dependencies
	return encodeSBOM(w, bom)
}

func (c Component) describe() cyclonedx.Component {
	described := cyclonedx.Component{
		BOMRef:  "python:" + python.NormalizeName(c.Name) + "@" + c.Version,
		Type:    cyclonedx.ComponentTypeLibrary,
		Name:    c.Name,
		Version: c.Version,
	}
	if c.Published {
		described.PackageURL = packageURL(c.Name, c.Version)
		described.BOMRef = described.PackageURL
	}
	if c.SHA256 != "" {
		described.Hashes = &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: c.SHA256}}
	}
	if summary := c.Metadata.Get("Summary"); summary != "" {
		described.Description = summary
	}
	described.Licenses = licences(c.Metadata)
	return described
}

// packageURL is the name of a published package in the form of purl-spec's type pypi.
func packageURL(name, version string) string {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	return "pkg:pypi/" + url.PathEscape(name) + "@" + strings.ReplaceAll(url.PathEscape(version), "+", "%2B")
}

// longestLicence is the longest text that names a licence and is not the licence itself, in bytes.
const longestLicence = 100

// licences gives the licence as an expression (PEP 639), or in the words of older metadata.
func licences(m wheel.Headers) *cyclonedx.Licenses {
	if expression := m.Get("License-Expression"); expression != "" {
		return &cyclonedx.Licenses{{Expression: expression}}
	}
	var named cyclonedx.Licenses
	if text := m.Get("License"); text != "" && len(text) <= longestLicence && !strings.Contains(text, "\n") {
		named = append(named, cyclonedx.LicenseChoice{License: &cyclonedx.License{Name: text}})
	} else {
		for _, c := range m.All("Classifier") {
			if _, ok := strings.CutPrefix(c, "License :: "); ok {
				name := c[strings.LastIndex(c, " :: ")+len(" :: "):]
				named = append(named, cyclonedx.LicenseChoice{License: &cyclonedx.License{Name: name}})
			}
		}
	}
	if named == nil {
		return nil
	}
	return &named
}

// needs gives the references of those names that are components, sorted.
func needs(names []string, references map[string]string) *[]string {
	var refs []string
	for _, n := range names {
		if ref, ok := references[python.NormalizeName(n)]; ok {
			refs = append(refs, ref)
		}
	}
	slices.Sort(refs)
	refs = slices.Compact(refs)
	if refs == nil {
		return nil
	}
	return &refs
}

// encodeSBOM writes the bill with a serial number: a UUID of the version for those that are made of anything (RFC 9562,
// version 8), here of the bill's own hash.
func encodeSBOM(w io.Writer, bom *cyclonedx.BOM) error {
	var text bytes.Buffer
	if err := cyclonedx.NewBOMEncoder(&text, cyclonedx.BOMFileFormatJSON).EncodeVersion(bom, cyclonedx.SpecVersion1_6); err != nil {
		return err
	}
	sum := sha256.Sum256(text.Bytes())
	id := sum[:16]
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	bom.SerialNumber = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
	return cyclonedx.NewBOMEncoder(w, cyclonedx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).
		EncodeVersion(bom, cyclonedx.SpecVersion1_6)
}

package lockfile

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/requirement"
	"github.com/monoplan/monoplan/internal/python/syntax"
	"github.com/monoplan/monoplan/internal/python/tag"
)

// Reader gives a file of the tree by its slash-separated path, and whether it is there.
type Reader func(path string) (data []byte, found bool, err error)

// ParseRequirements reads a file of requirements and what it includes (-r) or is constrained by (-c), as pip does. Each line is a package,
// with the version that "==" pins, and with its hashes. Errors are *syntax.FileError or *URLFileError.
func ParseRequirements(file string, read Reader) (*Lock, error) {
	r := requirementsReader{
		read: read, lock: &Lock{Format: Requirements},
		seen: map[string]bool{},
	}
	if found, err := r.file(file, false); err != nil {
		return nil, err
	} else if !found {
		return nil, &syntax.FileError{File: file, Err: errors.New("no such file")}
	}
	if r.main.URL != "" {
		r.lock.Indexes = slices.Insert(r.lock.Indexes, 0, r.main)
		r.lock.HasMainIndex = true
	}
	return r.lock, nil
}

// URLFileError is a file at a URL that a file of requirements includes. Such a file is not read: it is not in the commit.
type URLFileError struct {
	File   string
	Line   int
	Option string
}

func (e *URLFileError) Error() string {
	return fmt.Sprintf("%s:%d: %s names a file at a URL, and such files are not read", e.File, e.Line, e.Option)
}

type requirementsReader struct {
	read Reader
	lock *Lock
	main Index
	seen map[string]bool
}

// mostFiles bounds what includes itself by ever longer paths, through a symbolic link.
const mostFiles = 500

// file reads a file, once as requirements and once as constraints, and reports whether it is there.
func (r *requirementsReader) file(file string, constrains bool) (found bool, err error) {
	key := fmt.Sprint(constrains, file)
	if r.seen[key] {
		return true, nil
	}
	r.seen[key] = true
	if len(r.seen) > mostFiles {
		return true, &syntax.FileError{File: file, Err: fmt.Errorf("more than %d files include one another", mostFiles)}
	}
	data, found, err := r.read(file)
	if err != nil || !found {
		return false, err
	}
	for _, line := range python.RequirementLines(data) {
		if err := r.line(file, line, constrains); err != nil {
			return true, err
		}
	}
	return true, nil
}

func (r *requirementsReader) line(file string, line python.RequirementLine, constrains bool) error {
	text, options := line.Split()
	at := func(err error) error {
		return &syntax.FileError{File: file, Err: &syntax.Error{Line: line.Line, Column: 1, Message: err.Error()}}
	}
	var hashes []File
	for _, option := range options {
		switch option.Name {
		case "--hash":
			algorithm, digest, ok := strings.Cut(option.Argument, ":")
			if !ok || algorithm == "" || digest == "" {
				return at(fmt.Errorf("%q is no hash", option.Argument))
			}
			hashes = append(hashes, File{Hash: algorithm + ":" + strings.ToLower(digest)})
		case "--requirement", "--constraint":
			given, local := python.LocalPath(option.Argument)
			included := path.Join(path.Dir(file), given)
			if strings.Contains(option.Argument, "://") && !local {
				return &URLFileError{file, line.Line, option.Name}
			}
			if !local || path.IsAbs(given) || strings.HasPrefix(included, "../") {
				return at(fmt.Errorf("%s is not in the repository", option.Argument))
			}
			found, err := r.file(included, constrains || option.Name == "--constraint")
			if err != nil {
				return err
			}
			if !found {
				return at(fmt.Errorf("there is no file %s", included))
			}
		case "--index-url":
			r.main = Index{option.Argument, file, line.Line}
		case "--extra-index-url":
			r.lock.Indexes = append(r.lock.Indexes, Index{option.Argument, file, line.Line})
		case "--no-binary":
			r.noBinary(option.Argument, file, line.Line)
		case "--editable":
			text = option.Argument + editableMarker(line.Text)
		}
	}
	if text == "" {
		return nil
	}
	p, err := requirementPackage(text)
	if err != nil {
		return at(err)
	}
	p.File, p.Line = file, line.Line
	for _, hash := range hashes {
		p.addHash(hash)
	}
	if constrains {
		r.lock.Constraints = append(r.lock.Constraints, newConstraint(p, text))
		return nil
	}
	r.lock.Packages = append(r.lock.Packages, p)
	return nil
}

// editableMarker gives the marker behind a path that is to be editable, with the semicolon in front: `uv export` writes it, and pip, which
// splits the line as a shell does, does not see it.
func editableMarker(line string) string {
	_, condition, found := strings.Cut(line, " ;")
	if !found {
		return ""
	}
	condition, _, _ = strings.Cut(condition, " --")
	return " ;" + condition
}

// addHash adds a hash: of the one file that the line names, or of one of those that the index has.
func (p *Package) addHash(hash File) {
	if len(p.Files) == 1 && p.Files[0].Name != "" && p.Files[0].Hash == "" {
		p.Files[0].Hash = hash.Hash
		return
	}
	p.Files = append(p.Files, hash)
}

// noBinary reads names with commas between them, ":all:", or ":none:", which takes back what was said before (pip's --no-binary).
func (r *requirementsReader) noBinary(argument, file string, line int) {
	n := NoBinary{File: file, Line: line}
	for name := range strings.SplitSeq(argument, ",") {
		switch name = strings.TrimSpace(name); name {
		case ":all:":
			r.lock.NoBinary = append(r.lock.NoBinary, NoBinary{File: file, Line: line})
			return
		case ":none:":
			r.lock.NoBinary, n.Names = nil, nil
		default:
			n.Names = append(n.Names, python.NormalizeName(name))
		}
	}
	if n.Names != nil {
		r.lock.NoBinary = append(r.lock.NoBinary, n)
	}
}

// requirementPackage reads what a line asks for. A path is relative to the directory that pip is run in, which is the first file's.
func requirementPackage(text string) (Package, error) {
	if local, ok := python.LocalRequirement(text); ok {
		return localPackage(text, local), nil
	}
	if address, isURL := nakedURL(text); isURL {
		return urlPackage("", address)
	}
	req, err := requirement.Parse(text)
	if err != nil {
		return Package{}, err
	}
	p := Package{Name: req.Name}
	if req.URL != "" {
		if p, err = urlPackage(req.Name, req.URL); err != nil {
			return p, err
		}
	}
	p.Asked, p.Marker = req.Extras, req.Marker.String()
	for _, specifier := range req.Specifier {
		if version, exact := specifier.Exact(); exact {
			p.Version = version
		}
	}
	return p, nil
}

// localPackage reads a path, in front of which may be a name.
func localPackage(text string, local python.Reference) Package {
	p := Package{Name: local.Name, Source: Source{Kind: Directory, Path: local.Path, Subdirectory: local.Subdirectory}}
	if python.IsArchive(local.Path) {
		p.Source.Kind = Path
		p.Files = []File{{Name: path.Base(local.Path), Path: local.Path}}
		name, version := archiveName(p.Files[0].Name)
		p.Name, p.Version = cmp.Or(p.Name, name), version
	}
	if req, err := requirement.Parse(text); err == nil {
		p.Asked, p.Marker = req.Extras, req.Marker.String()
		return p
	}
	p.Asked, p.Marker = python.TargetCondition(text)
	return p
}

// archiveName gives the project and the version that an archive is named after: name-version-… of a wheel (PEP 427), name-version of a
// source archive (PEP 625), in whose name there may be dashes too. They are empty for any other name.
func archiveName(file string) (name, version string) {
	if w, err := tag.ParseWheel(file); err == nil {
		return w.Name, w.Version.String()
	}
	if stem, ok := SourceStem(file); ok {
		if i := strings.LastIndexByte(stem, '-'); i > 0 {
			return python.NormalizeName(stem[:i]), stem[i+1:]
		}
	}
	return "", ""
}

// SourceStem gives the name of a source archive without its ending, and whether it has one.
func SourceStem(file string) (stem string, ok bool) {
	for _, ending := range []string{".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz", ".tar"} {
		if stem, ok := strings.CutSuffix(file, ending); ok {
			return stem, true
		}
	}
	return file, false
}

// nakedURL gives a URL that no name stands in front of.
func nakedURL(text string) (address string, isURL bool) {
	first, _, _ := strings.Cut(text, " ")
	scheme, _, found := strings.Cut(first, "://")
	return first, found && !strings.ContainsAny(scheme, "@[ ")
}

// urlPackage reads the URL of an archive, or of a repository: git+https://host/repository@revision#egg=name&subdirectory=x.
func urlPackage(name, address string) (Package, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return Package{}, fmt.Errorf("%q is no URL", address)
	}
	fragment, err := url.ParseQuery(parsed.Fragment)
	if err != nil {
		fragment = url.Values{}
	}
	if name == "" {
		name = python.NormalizeName(fragment.Get("egg"))
	}
	parsed.Fragment = ""
	p := Package{Name: name, Source: Source{Kind: URL, Subdirectory: fragment.Get("subdirectory")}}
	if scheme, isGit := strings.CutPrefix(parsed.Scheme, "git+"); isGit {
		p.Source.Kind = Git
		parsed.Scheme = scheme
		if i := strings.LastIndexByte(parsed.Path, '@'); i >= 0 {
			p.Source.Reference = parsed.Path[i+1:]
			parsed.Path = parsed.Path[:i]
		}
		if isCommit(p.Source.Reference) {
			p.Source.Commit = p.Source.Reference
		}
	}
	p.Source.URL = parsed.String()
	if p.Source.Kind == URL {
		f := File{Name: baseName(p.Source.URL, ""), URL: p.Source.URL}
		if p.Name == "" {
			p.Name, p.Version = archiveName(f.Name)
		}
		for _, algorithm := range [...]string{"sha256", "sha384", "sha512"} {
			if digest := fragment.Get(algorithm); digest != "" {
				f.Hash = algorithm + ":" + strings.ToLower(digest)
			}
		}
		p.Files = []File{f}
	}
	return p, nil
}

func isCommit(reference string) bool {
	return (len(reference) == 40 || len(reference) == 64) && strings.Trim(reference, "0123456789abcdef") == ""
}

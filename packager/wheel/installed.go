package wheel

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// UnownedError is files of an installation that no package's record has.
type UnownedError struct {
	// Files are relative to the environment, sorted.
	Files []string
}

func (e *UnownedError) Error() string {
	const enough = 5
	shown, more := e.Files, ""
	if len(shown) > enough {
		shown, more = shown[:enough], fmt.Sprintf(" and %d more", len(shown)-enough)
	}
	return "the installation has files that belong to no package: " + strings.Join(shown, ", ") + more
}

// FromInstalled makes wheels of the packages that are installed in a virtual environment, below the directory top, and
// gives their files, which it puts into dir. It is the way back from "Recording installed projects" of the packaging
// specifications to the archive that was installed; what an installer adds is left out. The wheels are for Normalise, which
// makes their RECORD.
func FromInstalled(top, dir string) ([]string, error) {
	i := &installation{root: os.DirFS(top), owned: map[string]bool{}}
	sites, err := fs.Glob(i.root, "lib*/python3.*/site-packages")
	if err != nil {
		return nil, err
	}
	var made []string
	for _, i.site = range sites {
		infos, err := fs.Glob(i.root, i.site+"/*.dist-info")
		if err != nil {
			return nil, err
		}
		for _, info := range infos {
			file, err := i.wheel(info, dir)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", info, err)
			}
			made = append(made, file)
		}
	}
	return made, i.unowned()
}

// installation is an environment that is read.
type installation struct {
	root fs.FS
	// site is where its modules are, as a path below the root.
	site string
	// owned has the files that some package's record has.
	owned map[string]bool
}

// wheel makes the wheel of one package, whose .dist-info directory is info.
func (i *installation) wheel(info, dir string) (string, error) {
	record, err := fs.ReadFile(i.root, info+"/RECORD")
	if err != nil {
		return "", err
	}
	rows, err := csv.NewReader(bytes.NewReader(record)).ReadAll()
	if err != nil {
		return "", err
	}
	name, err := i.fileName(info)
	if err != nil {
		return "", err
	}
	commands, err := i.commands(info)
	if err != nil {
		return "", err
	}
	out, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		return "", err
	}
	z := zip.NewWriter(out)
	base := strings.TrimSuffix(path.Base(info), ".dist-info")
	for _, row := range rows {
		if err = i.add(z, row[0], base, commands); err != nil {
			break
		}
	}
	return out.Name(), errors.Join(err, z.Close(), out.Close())
}

// fileName puts a wheel's name together from its directory's and its tags.
func (i *installation) fileName(info string) (string, error) {
	text, err := fs.ReadFile(i.root, info+"/WHEEL")
	if err != nil {
		return "", err
	}
	var parts [3][]string
	for _, tag := range parseHeaders(text).All("Tag") {
		fields := strings.Split(tag, "-")
		if len(fields) != len(parts) {
			return "", fmt.Errorf("WHEEL: %q is no tag", tag)
		}
		for n, field := range fields {
			if !slices.Contains(parts[n], field) {
				parts[n] = append(parts[n], field)
			}
		}
	}
	name := strings.TrimSuffix(path.Base(info), ".dist-info")
	for _, part := range parts {
		name += "-" + strings.Join(part, ".")
	}
	return name + ".whl", nil
}

// commands gives the names of the scripts that an installer made of entry points.
func (i *installation) commands(info string) (map[string]bool, error) {
	made := make(map[string]bool)
	text, err := fs.ReadFile(i.root, info+"/entry_points.txt")
	if errors.Is(err, fs.ErrNotExist) {
		return made, nil
	}
	group := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			group = strings.Trim(line, "[]")
		} else if name, _, ok := strings.Cut(line, "="); ok && (group == "console_scripts" || group == "gui_scripts") {
			made[strings.TrimSpace(name)] = true
		}
	}
	return made, err
}

// add puts a file of a record where a wheel has it.
func (i *installation) add(z *zip.Writer, entry, base string, commands map[string]bool) error {
	name := path.Join(i.site, entry)
	if !fs.ValidPath(name) {
		return fmt.Errorf("RECORD: %q is outside of the environment", entry)
	}
	i.owned[name] = true
	to, inSite := strings.CutPrefix(name, i.site+"/")
	command, isCommand := strings.CutPrefix(name, "bin/")
	switch {
	case isCommand && commands[command], strings.HasSuffix(to, ".pyc"):
		return nil
	case isCommand:
		to = base + ".data/scripts/" + command
	case !inSite:
		to = base + ".data/data/" + name
	}
	from, err := i.root.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return err
	}
	h := &zip.FileHeader{Name: to}
	h.SetMode(info.Mode())
	w, err := z.CreateHeader(h)
	if err != nil {
		return err
	}
	var content io.Reader = from
	if isCommand {
		content = withoutInterpreter(from)
	}
	_, err = io.Copy(w, content)
	return err
}

// withoutInterpreter gives a script with the first line that it had before it was installed.
func withoutInterpreter(script io.Reader) io.Reader {
	buffered := bufio.NewReader(script)
	start, _ := buffered.Peek(2) // a shorter script has none
	if string(start) != "#!" {
		return buffered
	}
	line, err := buffered.ReadString('\n')
	if err != nil || !strings.Contains(line, "python") {
		return io.MultiReader(strings.NewReader(line), buffered)
	}
	return io.MultiReader(strings.NewReader("#!python\n"), buffered)
}

// unowned reports files that some package put there and no record has: they would be missing.
func (i *installation) unowned() error {
	var files []string
	err := fs.WalkDir(i.root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "__pycache__":
			return fs.SkipDir
		case d.IsDir(), i.owned[name], isEnvironments(name):
			return nil
		}
		files = append(files, name)
		return nil
	})
	if err != nil || len(files) == 0 {
		return err
	}
	return &UnownedError{files}
}

// isEnvironments reports whether a file is of an environment without packages.
func isEnvironments(name string) bool {
	file, inBin := strings.CutPrefix(name, "bin/")
	return name == "pyvenv.cfg" || inBin && (strings.HasPrefix(strings.ToLower(file), "activate") || strings.HasPrefix(file, "python"))
}

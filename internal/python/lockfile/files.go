package lockfile

import "github.com/monoplan/monoplan/internal/python/toml"

// readFiles reads a list of files, which are most of a lock; set is told each key of a file with its text or digits.
func readFiles(list *toml.Value, set func(f *File, key, text string)) []File {
	if list == nil {
		return nil
	}
	files := make([]File, 0, 16)
	plain := list.FlatTables(func(table int, key, text string) {
		if table == len(files) {
			files = append(files, File{})
		}
		set(&files[table], key, text)
	})
	if plain {
		return files
	}
	files = files[:0]
	for _, item := range list.Elements() {
		var f File
		for _, entry := range item.Entries() {
			set(&f, entry.Name, entry.Value.String())
		}
		files = append(files, f)
	}
	return files
}

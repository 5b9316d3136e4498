package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// lay copies a file of the project into a tree that is packed later.
func (j *job) lay(from, to string) error {
	body, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return j.write(to, body)
}

// fill lays a file in which @VERSION@ and the like stand for the release.
func (j *job) fill(from, to string) error {
	body, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	v := j.release.version
	return j.write(to, []byte(strings.NewReplacer("@VERSION@", v.String(), "@NUMBERS@", v.numbers,
		"@QUAD@", v.quad(), "@DATE@", j.release.day()).Replace(string(body))))
}

// write lays what is no file of the project.
func (j *job) write(to string, body []byte) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(to, body, 0o644); err != nil {
		return err
	}
	return j.settle(to, 0o644)
}

// settle gives a laid file its permissions, whatever the umask, and the time of the
// release.
func (j *job) settle(file string, mode os.FileMode) error {
	if err := os.Chmod(file, mode); err != nil {
		return err
	}
	return os.Chtimes(file, j.release.time, j.release.time)
}

// laid calls do for each file below root in the order of their names, with the name
// relative to root and with slashes.
func laid(root string, do func(name string, info fs.FileInfo, body []byte) error) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return do(filepath.ToSlash(name), info, body)
	})
}

package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// build builds twice and compares the bytes. The second time everything is different
// that must not matter: folder, time zone, language, times of files.
func (s *suite) build() error {
	s.dist = filepath.Join(s.work, "first")
	said, err := ask("go", "run", "./packaging/build", "-out", s.dist)
	if err != nil {
		return err
	}
	fmt.Print(said)
	copied := filepath.Join(s.work, "elsewhere")
	if err := copyTree(copied); err != nil {
		return err
	}
	git, err := ask("git", "rev-parse", "--absolute-git-dir")
	if err != nil {
		return err
	}
	second := filepath.Join(s.work, "second")
	env := []string{"GIT_DIR=" + strings.TrimSpace(git), "GIT_WORK_TREE=" + copied, "GIT_OPTIONAL_LOCKS=0", "TZ=Asia/Shanghai", "LC_ALL=C"}
	if _, err := askIn(copied, env, "go", "run", "./packaging/build", "-out", second); err != nil {
		return err
	}
	return sameFiles(s.dist, second)
}

// copyTree copies what belongs to the project, committed or not.
func copyTree(to string) error {
	list, err := ask("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimRight(list, "\x00"), "\x00") {
		body, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed, but not yet from the index
		} else if err != nil {
			return err
		}
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		file := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, body, info.Mode()); err != nil {
			return err
		}
	}
	return nil
}

func sameFiles(one, two string) error {
	entries, err := os.ReadDir(one)
	if err != nil {
		return err
	}
	others, err := os.ReadDir(two)
	if err != nil {
		return err
	}
	if len(entries) != len(others) {
		return fmt.Errorf("one build has %d files, the other %d", len(entries), len(others))
	}
	var problems []error
	for _, e := range entries {
		a, err := os.ReadFile(filepath.Join(one, e.Name()))
		if err != nil {
			return err
		}
		b, err := os.ReadFile(filepath.Join(two, e.Name()))
		if err != nil {
			return err
		}
		if !bytes.Equal(a, b) {
			problems = append(problems, fmt.Errorf("%s differs between two builds", e.Name()))
		}
	}
	return errors.Join(problems...)
}

// checksums reads SHA256SUMS as a user's sha256sum does, and sees that it names every
// file.
func (s *suite) checksums() error {
	sums, err := os.ReadFile(filepath.Join(s.dist, "SHA256SUMS"))
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(s.dist)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(string(sums)), "\n")
	if len(lines) != len(entries)-1 {
		return fmt.Errorf("%d sums for %d files", len(lines), len(entries)-1)
	}
	for _, line := range lines {
		sum, name, _ := strings.Cut(line, "  ")
		body, err := os.ReadFile(filepath.Join(s.dist, name))
		if err != nil {
			return err
		}
		if have := fmt.Sprintf("%x", sha256.Sum256(body)); have != sum {
			return fmt.Errorf("%s has %s, not %s", name, have, sum)
		}
	}
	return nil
}

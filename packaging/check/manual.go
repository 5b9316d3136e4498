package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// manuals are the manual pages below a share folder, and a sentence of each.
var manuals = map[string]string{
	"man/man1/" + program + ".1.gz":       "Show which configuration file is used.",
	"man/zh_CN/man1/" + program + ".1.gz": "显示所用的配置文件。",
}

// manual lets the judge of manual pages read those of the archive, and whatis their first
// lines.
func (s *suite) manual() error {
	if err := need("mandoc", "lexgrog"); err != nil {
		return err
	}
	archive, err := s.result("linux_amd64.tar.gz")
	if err != nil {
		return err
	}
	dir, err := s.folder("manual")
	if err != nil {
		return err
	}
	if _, err := ask("tar", "-xzf", archive, "-C", dir); err != nil {
		return err
	}
	version, err := s.version()
	if err != nil {
		return err
	}
	for name, sentence := range manuals {
		page, err := unpackedPage(filepath.Join(dir, program, "share", name))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		file := filepath.Join(dir, strings.ReplaceAll(strings.TrimSuffix(name, ".gz"), "/", "-"))
		if err := os.WriteFile(file, page, 0o644); err != nil {
			return err
		}
		if said, err := ask("mandoc", "-T", "lint", "-W", "warning", file); err != nil || said != "" {
			return fmt.Errorf("mandoc: %s %w", said, err)
		}
		shown, err := ask("mandoc", "-T", "utf8", "-O", "width=200", file)
		if err != nil {
			return err
		}
		for _, want := range []string{sentence, version} {
			if !strings.Contains(shown, want) {
				return fmt.Errorf("%s does not show %q", name, want)
			}
		}
		if said, err := ask("lexgrog", file); err != nil || !strings.Contains(said, program+" - ") {
			return fmt.Errorf("whatis finds no first line in %s: %s %w", name, said, err)
		}
	}
	return nil
}

// unpackedPage unpacks a page, in which there is nothing of the machine that packed it.
func unpackedPage(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	if r.Name != "" || !r.ModTime.IsZero() {
		return nil, errors.New("it names a file or a time")
	}
	return io.ReadAll(r)
}

package app

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"os"
	"path/filepath"

	"xiaozhi-switchboard/core/config"
)

type diagnosticsCmd struct {
	File string `arg:"" optional:"" complete:"file" help:"${help_diagnostics_file}"`
	placeFlags
	outputFlags
}

// bundleReport is the answer of "diagnostics --json".
type bundleReport struct {
	Path  string   `json:"path"`
	Bytes int      `json:"bytes"`
	Files []string `json:"files"`
}

// Run saves the diagnostics bundle of the running program. A file that is there stays.
func (d *diagnosticsCmd) Run(c *console) error {
	r, err := d.need(c)
	if err != nil {
		return err
	}
	packed, header, err := r.fetch(c.ctx, "/api/v1/diagnostics")
	if err != nil {
		return err
	}
	content, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return errors.New(c.words.Say("cli.strange", "url", r.URL))
	}
	if d.File == "-" {
		_, err := c.out.Write(packed)
		return err
	}
	report := bundleReport{Bytes: len(packed), Files: []string{}}
	for _, f := range content.File {
		report.Files = append(report.Files, filepath.Base(f.Name))
	}
	if report.Path, err = filepath.Abs(d.target(header.Get("Content-Disposition"))); err != nil {
		return err
	}
	if err := writeNew(report.Path, packed); errors.Is(err, fs.ErrExist) {
		return errors.New(c.words.Say("diagnostics.exists", "path", report.Path))
	} else if err != nil {
		return &exit{ExitFailed, config.WriteError(report.Path, err)} // it is not about the configuration
	}
	if d.JSON {
		return writeJSON(c.out, report)
	}
	fmt.Fprintln(c.out, c.words.Say("diagnostics.saved", "path", report.Path, "n", len(report.Files)))
	return nil
}

// target is the file to write: the one that was named, in a folder that was named, or in
// the working folder. The program that answers does not choose the folder.
func (d *diagnosticsCmd) target(disposition string) string {
	name := "xiaozhi-switchboard-diagnostics.zip"
	if _, params, err := mime.ParseMediaType(disposition); err == nil && filepath.IsLocal(params["filename"]) {
		name = filepath.Base(params["filename"])
	}
	if d.File == "" {
		return name
	}
	if info, err := os.Stat(d.File); err == nil && info.IsDir() {
		return filepath.Join(d.File, name)
	}
	return d.File
}

// writeNew writes a file that only its owner may read, unless there is one already. What
// could not be written whole is taken away.
func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(path)
	}
	return err
}

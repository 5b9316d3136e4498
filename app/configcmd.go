package app

import (
	"errors"
	"fmt"
	"io"
	"os"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/web"
)

// largestImport is what a command reads of a text with servers.
const largestImport = 4 << 20

type configCmd struct {
	Path   pathCmd   `cmd:"" help:"${help_config_path}"`
	Check  checkCmd  `cmd:"" help:"${help_config_check}"`
	Import importCmd `cmd:"" help:"${help_config_import}"`
	Key    keyCmd    `cmd:"" help:"${help_config_key}"`
}

type pathCmd struct {
	fileFlags
	outputFlags
}

// Run says which file the program that runs uses, or a run would.
func (p *pathCmd) Run(c *console) error {
	path, r, err := p.file(c)
	if err != nil {
		return err
	}
	if !p.JSON {
		fmt.Fprintln(c.out, path)
		return nil
	}
	_, err = os.Stat(path)
	return writeJSON(c.out, struct {
		Path    string `json:"path"`
		Exists  bool   `json:"exists"`
		Running bool   `json:"running"`
	}{path, err == nil, r != nil})
}

type checkCmd struct {
	File string `arg:"" optional:"" complete:"file" help:"${help_config_check_file}"`
	placeFlags
	outputFlags
}

// Run checks one file: without a name that of the program that runs, or that of a run.
func (k *checkCmd) Run(c *console) error {
	path, _, err := fileFlags{placeFlags: k.placeFlags, Config: k.File}.file(c)
	if err != nil {
		return err
	}
	result, err := checkFile(c.words, path)
	if err != nil {
		return err
	}
	if k.JSON {
		err = writeJSON(c.out, result)
	} else {
		result.write(c.out, c.words)
	}
	if err == nil && !result.Usable {
		return &exit{code: ExitConfig}
	}
	return err
}

type importCmd struct {
	File   string `arg:"" complete:"file" help:"${help_config_import_file}"`
	Yes    bool   `short:"y" help:"${help_config_import_yes}"`
	DryRun bool   `help:"${help_config_import_dry}"`
	fileFlags
	outputFlags
}

// Run adds the MCP servers in a text of another program to the configuration file. Those
// that are there already stay as they are. Programs are added only with --yes, because
// we would run them.
func (i *importCmd) Run(c *console) error {
	text, err := i.text(c)
	if err != nil {
		return err
	}
	found, err := config.ImportServers(text)
	if err != nil {
		return err
	}
	path, r, err := i.file(c)
	if err != nil {
		return err
	}
	if !i.DryRun {
		if _, err := writeFirst(path); err != nil {
			return &exit{ExitConfig, err}
		}
	}
	var there []config.Server
	switch now, err := readConfig(c, path); {
	case err == nil:
		there = now.Servers
	case !i.DryRun:
		return err
	}
	report := struct {
		Path    string              `json:"path"`
		Servers []web.ImportPreview `json:"servers"`
		Added   bool                `json:"added"`
	}{Path: path, Servers: web.PreviewImport(c.words, found, there)}
	var fresh []config.Server
	programs := false
	for n, p := range report.Servers {
		if !p.There {
			fresh = append(fresh, found[n])
			programs = programs || p.Runs
		}
	}
	untrusted := programs && !i.Yes
	if len(fresh) > 0 && !i.DryRun && !untrusted {
		err := i.modify(c, path, func(e *config.Edit) error {
			for _, s := range fresh {
				if err := e.AddServer(s); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		report.Added = true
	}
	if i.JSON {
		err = writeJSON(c.out, report)
	} else {
		writePreview(c, report.Servers)
		switch {
		case report.Added:
			fmt.Fprintln(c.out, c.words.Say("import.done", "n", len(fresh), "path", path))
			tellTaken(c, r)
		case len(fresh) == 0:
			fmt.Fprintln(c.out, c.words.Say("import.nothing", "path", path))
		case i.DryRun:
			fmt.Fprintln(c.out, c.words.Say("import.dry", "path", path))
		}
	}
	if err == nil && untrusted && !i.DryRun {
		return errors.New(c.words.Say("import.trustfirst"))
	}
	return err
}

// text is what is to be imported.
func (i *importCmd) text(c *console) ([]byte, error) {
	if i.File == "-" {
		return io.ReadAll(io.LimitReader(c.in, largestImport))
	}
	text, err := config.ReadFile(i.File)
	if missing := (*config.FileError)(nil); errors.As(err, &missing) && missing.Code == config.FileMissing {
		return nil, errors.New(c.words.Say("check.missing", "path", i.File))
	}
	return text, err
}

func writePreview(c *console, list []web.ImportPreview) {
	rows := [][]string{headings(c.words, "server", "kind", "what", "note")}
	for _, p := range list {
		kind, note := "kind."+p.Kind, ""
		if p.There {
			note = c.words.Say("import.there")
		}
		rows = append(rows, []string{p.Name, c.words.Say(kind), clip(printable(p.What), noteColumns), note})
	}
	writeTable(c.out, rows)
}

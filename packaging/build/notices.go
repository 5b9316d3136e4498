package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// noticesName is the file with the licences of everything written by others.
const noticesName = "NOTICES.txt"

// part is something written by others that is in the program.
type part struct {
	name, version string
	texts         []string // paths
}

const noticesHead = `Xiaozhi Switchboard 小智总机

The licence of Xiaozhi Switchboard itself is not chosen yet.
It contains parts by other authors; these and their licences follow.

小智总机本身的许可证尚未选定。
程序包含其他作者编写的部分，这些部分及其许可证如下。
`

// notices writes the licences of all that is linked in for any system: the Go
// modules, Go itself, and the scripts that the dashboard brings along.
func (j *job) notices() error {
	parts, err := modules()
	if err != nil {
		return err
	}
	itself, err := goItself()
	if err != nil {
		return err
	}
	scripts, err := vendored("assets/vendored")
	if err != nil {
		return err
	}
	text, err := noticesText(slices.Concat([]part{itself}, parts, scripts))
	if err != nil {
		return err
	}
	return j.write(filepath.Join(j.out, noticesName), []byte(text))
}

func noticesText(parts []part) (string, error) {
	line := strings.Repeat("=", 80)
	var b strings.Builder
	b.WriteString(noticesHead)
	for _, p := range parts {
		if len(p.texts) == 0 {
			return "", fmt.Errorf("%s %s is linked in, but no licence was found in it", p.name, p.version)
		}
		for _, file := range p.texts {
			text, err := os.ReadFile(file)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&b, "\n%s\n%s %s: %s\n%s\n\n%s\n", line, p.name, p.version, filepath.Base(file), line,
				strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")))
		}
	}
	return b.String(), nil
}

// modules returns the modules that any of the systems links in, with and without C.
func modules() ([]part, error) {
	found := map[string]*part{}
	for _, system := range []string{"linux", "windows", "darwin"} {
		for _, c := range []string{"0", "1"} {
			if err := linked(found, "GOOS="+system, "CGO_ENABLED="+c); err != nil {
				return nil, err
			}
		}
	}
	var parts []part
	for _, p := range found {
		slices.Sort(p.texts)
		parts = append(parts, *p)
	}
	slices.SortFunc(parts, func(a, b part) int { return strings.Compare(a.name, b.name) })
	return parts, nil
}

// linked adds the modules of one build.
func linked(found map[string]*part, env ...string) error {
	cmd := exec.Command("go", "list", "-deps", "-json=Dir,Module", ".")
	cmd.Env = append(os.Environ(), append([]string{"GOFLAGS="}, env...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			Dir    string
			Module *struct {
				Path, Version, Dir string
				Main               bool
			}
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("go list: %w", err)
		}
		if p.Module == nil || p.Module.Main { // the standard library, ourselves
			continue
		}
		m := found[p.Module.Path]
		if m == nil {
			m = &part{name: p.Module.Path, version: p.Module.Version}
			found[m.name] = m
		}
		if err := m.add(p.Dir, p.Module.Dir); err != nil {
			return err
		}
	}
}

var licenceName = regexp.MustCompile(`(?i)^(un)?(licen[cs]e|copying|copyright|notice|patents)s?([-._].*)?$`)

// add takes the licences that hold for a package: those beside it and above it, up
// to the root of its module.
func (p *part) add(dir, root string) error {
	for {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			file := filepath.Join(dir, e.Name())
			if e.Type().IsRegular() && filepath.Ext(file) != ".go" && licenceName.MatchString(e.Name()) && !slices.Contains(p.texts, file) {
				p.texts = append(p.texts, file)
			}
		}
		if dir == root || !strings.HasPrefix(dir, root) {
			return nil
		}
		dir = filepath.Dir(dir)
	}
}

// goItself is Go's runtime and standard library.
func goItself() (part, error) {
	out, err := exec.Command("go", "env", "GOROOT", "GOVERSION").Output()
	if err != nil {
		return part{}, fmt.Errorf("go env: %w", err)
	}
	root, version, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	p := part{name: "Go", version: version}
	return p, p.add(root, root)
}

// vendored returns the packages recorded in the list of a folder. Each has its
// licence beside it in a file that ends in .LICENSE.
func vendored(dir string) ([]part, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "list.json"))
	if err != nil {
		return nil, err
	}
	var list []struct{ File, Package, Version string }
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("%s/list.json: %w", dir, err)
	}
	var parts []part
	for _, entry := range list {
		i := slices.IndexFunc(parts, func(p part) bool { return p.name == entry.Package })
		if i < 0 {
			i = len(parts)
			parts = append(parts, part{name: entry.Package, version: entry.Version})
		}
		if strings.HasSuffix(entry.File, ".LICENSE") {
			parts[i].texts = append(parts[i].texts, filepath.Join(dir, entry.File))
		}
	}
	return parts, nil
}

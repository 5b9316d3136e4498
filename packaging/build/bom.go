package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// scriptsFolder holds the parts of the dashboard that others wrote, and their list.
const scriptsFolder = "assets/vendored"

// bom writes the list of what is in a program, in CycloneDX format: its modules, and the
// scripts of the dashboard, of which no compiler knows.
func (j *job) bom(file, suffix string) error {
	out := j.result(suffix + ".cdx.json")
	if err := goTool("", nil, "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0",
		"bin", "-json", "-noserial", "-notimestamp", "-std", "-version", "v"+j.release.version.String(),
		"-output", out, file); err != nil {
		return err
	}
	list, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	scripts, err := readScripts(scriptsFolder)
	if err != nil {
		return err
	}
	if list, err = withScripts(list, scripts); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(out), err)
	}
	return os.WriteFile(out, list, 0o644)
}

// script is a file of the list of scripts.
type script struct{ File, SHA256, Package, Version, License, Source string }

func readScripts(folder string) (list []script, err error) {
	raw, err := os.ReadFile(filepath.Join(folder, "list.json"))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("%s/list.json: %w", folder, err)
	}
	return list, nil
}

// withScripts adds a component for each package of scripts, on which the program depends.
func withScripts(list []byte, scripts []script) ([]byte, error) {
	var all map[string]any
	dec := json.NewDecoder(bytes.NewReader(list))
	dec.UseNumber()
	if err := dec.Decode(&all); err != nil {
		return nil, err
	}
	components, ok := all["components"].([]any)
	dependencies, also := all["dependencies"].([]any)
	if !ok || !also || len(dependencies) == 0 {
		return nil, fmt.Errorf("it has no components or no dependencies")
	}
	program, ok := dependencies[0].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("its first dependency is none")
	}
	needs, _ := program["dependsOn"].([]any)
	seen := map[string]bool{}
	for _, s := range scripts {
		ref := "pkg:npm/" + s.Package + "@" + s.Version
		if seen[ref] {
			continue
		}
		seen[ref] = true
		components = append(components, map[string]any{"bom-ref": ref, "type": "library", "name": s.Package, "version": s.Version, "scope": "required", "purl": ref,
			"licenses":           []any{map[string]any{"license": map[string]any{"id": s.License}}},
			"externalReferences": []any{map[string]any{"type": "vcs", "url": s.Source}}})
		dependencies = append(dependencies, map[string]any{"ref": ref})
		needs = append(needs, ref)
	}
	program["dependsOn"] = needs
	all["components"], all["dependencies"] = components, dependencies
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(all)
	return b.Bytes(), err
}

package main

import (
	"debug/buildinfo"
	"debug/elf"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// built returns the programs by the start of the names of their results.
func (s *suite) built() (map[string]string, error) {
	found := map[string]string{}
	for _, arch := range []string{"amd64", "arm64"} {
		archive, err := s.result("linux_" + arch + ".tar.gz")
		if err != nil {
			return nil, err
		}
		dir, err := s.folder("linux_" + arch)
		if err != nil {
			return nil, err
		}
		if _, err := ask("tar", "-xzf", archive, "-C", dir); err != nil {
			return nil, err
		}
		found["linux_"+arch] = filepath.Join(dir, program, "bin", program)

		mac := "macos_" + arch + "_headless"
		if archive, err = s.result(mac + ".zip"); err != nil {
			return nil, err
		}
		dir = filepath.Join(s.work, mac)
		if err := unzip(archive, dir); err != nil {
			return nil, err
		}
		found[mac] = filepath.Join(dir, "Xiaozhi Switchboard.app/Contents/MacOS", program)
	}
	exe, err := s.unpackedExe()
	found["windows_amd64"] = exe
	return found, err
}

// programs sees that the Linux programs need nothing on the machine, are stripped and
// small, and that no program names the machine that it was built on.
func (s *suite) programs() error {
	found, err := s.built()
	if err != nil {
		return err
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	cache, err := ask("go", "env", "GOMODCACHE")
	if err != nil {
		return err
	}
	for name, file := range found {
		body, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, path := range []string{here, strings.TrimSpace(cache)} {
			if strings.Contains(string(body), path+"/") {
				return fmt.Errorf("the program for %s contains the path %s", name, path)
			}
		}
		arch, linux := strings.CutPrefix(name, "linux_")
		if !linux {
			continue
		}
		fmt.Printf("      %s: %.2f MB\n", name, float64(len(body))/1e6)
		if len(body) > 25_000_000 {
			return fmt.Errorf("the program for %s has %d bytes, more than 25 million", name, len(body))
		}
		if err := static(file, arch); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func static(file, arch string) error {
	f, err := elf.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if want := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[arch]; f.Machine != want {
		return fmt.Errorf("it is for %v, not %v", f.Machine, want)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return fmt.Errorf("it needs a loader")
		}
	}
	if f.Section(".symtab") != nil || f.Section(".debug_info") != nil || f.Section(".zdebug_info") != nil {
		return fmt.Errorf("it is not stripped")
	}
	return nil
}

// modules compares what is in the programs with their lists and with the notices.
func (s *suite) modules() error {
	found, err := s.built()
	if err != nil {
		return err
	}
	notices, err := os.ReadFile(filepath.Join(s.dist, "NOTICES.txt"))
	if err != nil {
		return err
	}
	embedded, err := scripts()
	if err != nil {
		return err
	}
	for name, file := range found {
		info, err := buildinfo.ReadFile(file)
		if err != nil {
			return err
		}
		want := append([]string{"std"}, embedded...)
		for _, m := range info.Deps {
			want = append(want, m.Path)
			if !strings.Contains(string(notices), "\n"+m.Path+" "+m.Version+": ") {
				return fmt.Errorf("NOTICES.txt says nothing of %s %s", m.Path, m.Version)
			}
		}
		have, err := s.listed(name)
		if err != nil {
			return err
		}
		slices.Sort(want)
		if !slices.Equal(have, want) {
			return fmt.Errorf("the list of %s has %q, the program %q", name, have, want)
		}
	}
	return nil
}

// scripts are the packages that the dashboard's scripts are of.
func scripts() (names []string, err error) {
	raw, err := os.ReadFile("assets/vendored/list.json")
	if err != nil {
		return nil, err
	}
	var list []struct{ Package string }
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, err
	}
	for _, s := range list {
		if !slices.Contains(names, s.Package) {
			names = append(names, s.Package)
		}
	}
	return names, nil
}

// listed returns the modules and scripts in a list, sorted.
func (s *suite) listed(name string) ([]string, error) {
	file, err := s.result(name + ".cdx.json")
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list struct {
		BOMFormat  string
		Components []struct{ Name string }
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, err
	}
	if list.BOMFormat != "CycloneDX" {
		return nil, fmt.Errorf("%s is of the format %q", filepath.Base(file), list.BOMFormat)
	}
	var names []string
	for _, c := range list.Components {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	return names, nil
}

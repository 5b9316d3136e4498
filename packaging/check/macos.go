package main

import (
	"archive/zip"
	"debug/macho"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// macos looks into the application for each processor.
func (s *suite) macos() error {
	if err := need("icns2png"); err != nil {
		return err
	}
	for arch, cpu := range map[string]macho.Cpu{"amd64": macho.CpuAmd64, "arm64": macho.CpuArm64} {
		archive, err := s.result("macos_" + arch + "_headless.zip")
		if err != nil {
			return err
		}
		dir := filepath.Join(s.work, "macos_"+arch)
		if err := unzip(archive, dir); err != nil {
			return err
		}
		contents := filepath.Join(dir, "Xiaozhi Switchboard.app/Contents")
		if err := s.plist(contents); err != nil {
			return err
		}
		for _, language := range []string{"en", "zh-Hans"} {
			if _, err := os.Stat(filepath.Join(contents, "Resources", language+".lproj", "InfoPlist.strings")); err != nil {
				return err
			}
		}
		elements, err := ask("icns2png", "--list", filepath.Join(contents, "Resources", "icon.icns"))
		if err != nil || !strings.Contains(elements, "ic09") {
			return fmt.Errorf("the icon is incomplete: %s %w", elements, err)
		}
		if err := machO(filepath.Join(contents, "MacOS", program), cpu); err != nil {
			return err
		}
	}
	return nil
}

// plist sees that Info.plist names what is there.
func (s *suite) plist(contents string) error {
	raw, err := os.ReadFile(filepath.Join(contents, "Info.plist"))
	if err != nil {
		return err
	}
	var list struct {
		Dict struct {
			Items []struct {
				XMLName xml.Name
				Text    string `xml:",chardata"`
			} `xml:",any"`
		} `xml:"dict"`
	}
	if err := xml.Unmarshal(raw, &list); err != nil {
		return fmt.Errorf("read Info.plist: %w", err)
	}
	values := map[string]string{}
	items := list.Dict.Items
	for i := 0; i+1 < len(items); i += 2 {
		if items[i].XMLName.Local != "key" {
			return fmt.Errorf("the list Info.plist has a %s where a key belongs", items[i].XMLName.Local)
		}
		values[items[i].Text] = items[i+1].XMLName.Local + " " + items[i+1].Text
	}
	version, err := s.version()
	if err != nil {
		return err
	}
	numbers, _, _ := strings.Cut(version, "-")
	for key, want := range map[string]string{"LSUIElement": "true ", "CFBundleExecutable": "string " + program,
		"CFBundleIconFile": "string icon", "CFBundleShortVersionString": "string " + numbers} {
		if values[key] != want {
			return fmt.Errorf("%s in Info.plist is %q, not %q", key, values[key], want)
		}
	}
	return nil
}

// loadSignature is LC_CODE_SIGNATURE: Apple's processors start nothing without one, and
// Go's linker writes it.
const loadSignature = 0x1d

func machO(file string, cpu macho.Cpu) error {
	f, err := macho.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if f.Cpu != cpu || info.Mode().Perm()&0o111 == 0 {
		return fmt.Errorf("the program is for %v with mode %v", f.Cpu, info.Mode())
	}
	for _, load := range f.Loads {
		if raw := load.Raw(); len(raw) >= 4 && f.ByteOrder.Uint32(raw) == loadSignature {
			return nil
		}
	}
	if cpu == macho.CpuArm64 {
		return errors.New("the program for Apple's processors is not signed by the linker")
	}
	return nil
}

// unzip unpacks an archive of ours.
func unzip(archive, dir string) error {
	r, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer r.Close()
	for _, entry := range r.File {
		if !filepath.IsLocal(entry.Name) {
			return fmt.Errorf("%s holds %q", archive, entry.Name)
		}
		in, err := entry.Open()
		if err != nil {
			return err
		}
		body, err := io.ReadAll(in)
		if err = errors.Join(err, in.Close()); err != nil {
			return err
		}
		file := filepath.Join(dir, entry.Name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, body, entry.Mode()); err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"bytes"
	"debug/pe"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf16"
)

// unpackedExe returns the program from the archive.
func (s *suite) unpackedExe() (string, error) {
	archive, err := s.result("windows_amd64.zip")
	if err != nil {
		return "", err
	}
	dir := filepath.Join(s.work, "windows")
	if err := unzip(archive, dir); err != nil {
		return "", err
	}
	return filepath.Join(dir, program, program+".exe"), nil
}

// resourceFile is what go-winres writes about a program.
type resourceFile struct {
	Icons    map[string]map[string]string `json:"RT_GROUP_ICON"`
	Manifest map[string]map[string]struct {
		DPI   string `json:"dpi-awareness"`
		Paths bool   `json:"long-path-aware"`
		Level string `json:"execution-level"`
	} `json:"RT_MANIFEST"`
	Version map[string]map[string]struct {
		Fixed map[string]string            `json:"fixed"`
		Info  map[string]map[string]string `json:"info"`
	} `json:"RT_VERSION"`
}

// resources reads icon, manifest and version back, of the program and the installer.
func (s *suite) resources() error {
	exe, err := s.unpackedExe()
	if err != nil {
		return err
	}
	if err := forDesktop(exe); err != nil {
		return err
	}
	r, err := s.readResources(exe, "resources-exe")
	if err != nil {
		return err
	}
	m := r.Manifest["#1"]["0409"]
	if m.DPI != "per monitor v2" || !m.Paths || m.Level != "" { // "" is "as invoker"
		return fmt.Errorf("the manifest says %+v", m)
	}
	version, err := s.version()
	if err != nil {
		return err
	}
	numbers, _, _ := strings.Cut(version, "-")
	for language, name := range map[string]string{"0409": "Xiaozhi Switchboard", "0804": "小智总机"} {
		v := r.Version["#1"][language]
		info := v.Info[language]
		if info["FileDescription"] != name || info["ProductVersion"] != version || v.Fixed["file_version"] != numbers+".0" {
			return fmt.Errorf("in language %s the version resource says %+v", language, v)
		}
	}
	return s.installer(version)
}

// forDesktop sees that Windows opens no console for a program.
func forDesktop(exe string) error {
	f, err := pe.Open(exe)
	if err != nil {
		return err
	}
	defer f.Close()
	header, ok := f.OptionalHeader.(*pe.OptionalHeader64)
	if !ok || header.Subsystem != pe.IMAGE_SUBSYSTEM_WINDOWS_GUI {
		return fmt.Errorf("%s is no 64-bit program for the desktop: %+v", filepath.Base(exe), header)
	}
	return nil
}

// installer sees that the installer asks for no rights and says what it is. Its version
// resource is in a form that go-winres does not read, so its strings are looked for as
// they are in the file.
func (s *suite) installer(version string) error {
	setup, err := s.result("windows_amd64_setup.exe")
	if err != nil {
		return err
	}
	r, err := s.readResources(setup, "resources-setup")
	if err != nil {
		return err
	}
	if level := r.Manifest["#1"]["0409"].Level; level != "" {
		return fmt.Errorf("the installer wants to run as %q", level)
	}
	body, err := os.ReadFile(setup)
	if err != nil {
		return err
	}
	for _, text := range []string{"Xiaozhi Switchboard setup", "小智总机安装程序", version} {
		if !bytes.Contains(body, wide(text)) {
			return fmt.Errorf("the installer does not say %q", text)
		}
	}
	return nil
}

// wide returns a text as Windows has it.
func wide(text string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return append(b, 0, 0)
}

func (s *suite) readResources(exe, name string) (r resourceFile, err error) {
	dir := filepath.Join(s.work, name)
	if _, err := askIn("", []string{"GOFLAGS=-trimpath"}, "go", "run", "github.com/tc-hib/go-winres@v0.3.3", "extract", "--dir", dir, exe); err != nil {
		return r, err
	}
	raw, err := os.ReadFile(filepath.Join(dir, "winres.json"))
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, err
	}
	if len(r.Icons) == 0 {
		return r, fmt.Errorf("%s has no icon", filepath.Base(exe))
	}
	for _, icons := range r.Icons {
		for _, file := range icons {
			if err := sizes(filepath.Join(dir, file)); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// sizes sees that an ICO file has all sizes from the list to the desktop, in order of
// its directory: 6 bytes, then 16 for each picture, width first (0 is 256).
func sizes(file string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	have := map[int]bool{}
	for i := 6; len(body) > 6 && i < 6+16*int(body[4]) && i < len(body); i += 16 {
		have[int(body[i])] = true
	}
	for _, size := range []int{16, 20, 24, 32, 40, 48, 64, 0} {
		if !have[size] {
			return fmt.Errorf("the icon in %s lacks the size %d", file, size)
		}
	}
	return nil
}

// signature signs program and installer with a certificate that is thrown away, and
// sees that the signature holds for the file and for no other.
func (s *suite) signature() error {
	if err := need("openssl", "osslsigncode"); err != nil {
		return err
	}
	exe, err := s.unpackedExe()
	if err != nil {
		return err
	}
	setup, err := s.result("windows_amd64_setup.exe")
	if err != nil {
		return err
	}
	key, certificate := filepath.Join(s.work, "key.pem"), filepath.Join(s.work, "certificate.pem")
	if _, err := ask("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Throw-away",
		"-addext", "extendedKeyUsage=codeSigning", "-addext", "keyUsage=digitalSignature", "-keyout", key, "-out", certificate); err != nil {
		return err
	}
	for _, file := range []string{exe, setup} {
		signed := filepath.Join(s.work, "signed-"+filepath.Base(file))
		if _, err := ask("osslsigncode", "sign", "-h", "sha256", "-certs", certificate, "-key", key, "-in", file, "-out", signed); err != nil {
			return err
		}
		if _, err := ask("osslsigncode", "verify", "-CAfile", certificate, "-in", signed); err != nil {
			return err
		}
		body, err := os.ReadFile(signed)
		if err != nil {
			return err
		}
		body[len(body)/2] ^= 1
		if err := os.WriteFile(signed, body, 0o644); err != nil {
			return err
		}
		if _, err := ask("osslsigncode", "verify", "-CAfile", certificate, "-in", signed); err == nil {
			return errors.New("a changed file still passes for signed")
		}
	}
	return nil
}

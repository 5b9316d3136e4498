package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
)

// windows makes the archive and the installer. Windows on ARM runs them too.
func (j *job) windows() error {
	if _, err := exec.LookPath("makensis"); err != nil {
		return fmt.Errorf("the installer for Windows needs makensis (Debian: apt-get install nsis; or build -only others): %w", err)
	}
	root := filepath.Join(j.work, "windows")
	binary := filepath.Join(root, program, program+".exe")
	if err := j.compile(target{"windows", "amd64"}, binary); err != nil {
		return err
	}
	if err := j.resources(binary); err != nil {
		return err
	}
	if err := j.settle(binary, 0o755); err != nil {
		return err
	}
	if err := j.bom(binary, "windows_amd64"); err != nil {
		return err
	}
	for to, from := range map[string]string{
		"NOTICES.txt": filepath.Join(j.out, noticesName), "README.md": "README.md", "README.zh.md": "README.zh.md"} {
		if err := j.lay(from, filepath.Join(root, program, to)); err != nil {
			return err
		}
	}
	if err := j.zipped(root, j.result("windows_amd64.zip")); err != nil {
		return err
	}
	icon, err := filepath.Abs("packaging/icons/icon.ico")
	if err != nil {
		return err
	}
	return tool("", []string{j.release.epoch()}, "makensis", "-V2", "-WX", "-DVERSION="+j.release.version.String(),
		"-DQUAD="+j.release.version.quad(), "-DSTAGE="+filepath.Join(root, program), "-DICON="+icon,
		"-DOUT="+j.result("windows_amd64_setup.exe"), "packaging/windows/installer.nsi")
}

// resources puts icon, manifest and version into the program. They are patched in
// afterwards because the compiler takes them from the source folder only.
func (j *job) resources(binary string) error {
	dir := filepath.Join(j.work, "winres")
	if err := j.fill("packaging/windows/winres.json", filepath.Join(dir, "winres.json")); err != nil {
		return err
	}
	if err := j.lay("packaging/icons/icon.ico", filepath.Join(dir, "icon.ico")); err != nil {
		return err
	}
	return goTool(dir, nil, "github.com/tc-hib/go-winres@v0.3.3", "patch", "--in", "winres.json", "--no-backup", binary)
}

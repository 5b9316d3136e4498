package main

import (
	"os"
	"path/filepath"
	"strings"
)

// packagers are the formats, and how their files end.
var packagers = []struct{ name, ending string }{{"deb", "deb"}, {"rpm", "rpm"}, {"apk", "apk"}, {"archlinux", "pkg.tar.zst"}}

// linux makes the packages and the archive for both processors.
func (j *job) linux() error {
	for _, arch := range []string{"amd64", "arm64"} {
		if err := j.linuxFor(arch); err != nil {
			return err
		}
	}
	return nil
}

func (j *job) linuxFor(arch string) error {
	root := filepath.Join(j.work, "linux_"+arch)
	binary := filepath.Join(root, "bin", program)
	if err := j.compile(target{"linux", arch}, binary); err != nil {
		return err
	}
	if err := j.settle(binary, 0o755); err != nil {
		return err
	}
	if err := j.bom(binary, "linux_"+arch); err != nil {
		return err
	}
	if err := j.layLinux(root); err != nil {
		return err
	}
	recipe, err := filepath.Abs("packaging/linux/nfpm.yaml")
	if err != nil {
		return err
	}
	for _, p := range packagers {
		env := []string{"PACKAGE_ARCH=" + arch, "PACKAGE_VERSION=" + j.release.version.forPackager(p.name), "PACKAGE_RELEASE=1", j.release.epoch()}
		if p.name == "deb" {
			env = append(env, "PACKAGE_RELEASE=") // it needs none
		}
		if err := goTool(root, env, "github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2", "package",
			"--config", recipe, "--packager", p.name, "--target", j.result("linux_"+arch+"."+p.ending)); err != nil {
			return err
		}
	}
	return j.linuxArchive(root, arch)
}

// layLinux lays everything below a prefix such as /usr.
func (j *job) layLinux(root string) error {
	share := filepath.Join(root, "share")
	icons := filepath.Join(share, "icons/hicolor")
	doc := filepath.Join(share, "doc", program)
	files := map[string]string{
		filepath.Join(share, "applications", program+".desktop"):           "packaging/linux/xiaozhi-switchboard.desktop",
		filepath.Join(share, "systemd/user", program+".service"):           "packaging/linux/xiaozhi-switchboard.service",
		filepath.Join(icons, "scalable/apps", program+".svg"):              "assets/static/icon.svg",
		filepath.Join(share, "bash-completion/completions", program):       "app/shells/bash",
		filepath.Join(share, "zsh/site-functions", "_"+program):            "app/shells/zsh",
		filepath.Join(share, "fish/vendor_completions.d", program+".fish"): "app/shells/fish",
		filepath.Join(doc, "copyright"):                                    "packaging/linux/copyright",
		filepath.Join(doc, "NOTICES"):                                      filepath.Join(j.out, noticesName),
	}
	for _, size := range []string{"16", "24", "32", "48", "64", "128", "256", "512"} {
		files[filepath.Join(icons, size+"x"+size, "apps", program+".png")] = "packaging/icons/" + size + ".png"
	}
	for to, from := range files {
		if err := j.lay(from, to); err != nil {
			return err
		}
	}
	if err := j.manual(share); err != nil {
		return err
	}
	const about = "local.xiaozhi.switchboard.metainfo.xml"
	return j.fill("packaging/linux/"+about, filepath.Join(share, "metainfo", about))
}

// linuxArchive packs the same tree so that it can be unpacked into ~/.local, where
// systemd and desktops look too.
func (j *job) linuxArchive(root, arch string) error {
	outer := filepath.Join(j.work, "archive_"+arch)
	if err := os.MkdirAll(outer, 0o755); err != nil {
		return err
	}
	inner := filepath.Join(outer, program)
	if err := os.Rename(root, inner); err != nil {
		return err
	}
	service := filepath.Join(inner, "share/systemd/user", program+".service")
	unit, err := os.ReadFile(service)
	if err != nil {
		return err
	}
	home := strings.Replace(string(unit), "ExecStart=/usr/bin/", "ExecStart=%h/.local/bin/", 1)
	if err := j.write(service, []byte(home)); err != nil {
		return err
	}
	for _, name := range []string{"README.md", "README.zh.md"} {
		if err := j.lay(name, filepath.Join(inner, "share/doc", program, name)); err != nil {
			return err
		}
	}
	return j.tarball(outer, j.result("linux_"+arch+".tar.gz"))
}

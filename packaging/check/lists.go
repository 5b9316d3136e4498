package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// lists sees that the four kinds of package contain the same files, and that none of
// them runs anything when it is installed or removed.
func (s *suite) lists() error {
	if err := need("dpkg-deb", "rpm", "bsdtar"); err != nil {
		return err
	}
	for _, arch := range []string{"amd64", "arm64"} {
		var want []string
		for _, ending := range []string{"deb", "rpm", "apk", "pkg.tar.zst"} {
			file, err := s.result("linux_" + arch + "." + ending)
			if err != nil {
				return err
			}
			have, err := s.contents(file, ending)
			if err != nil {
				return err
			}
			for shell, path := range completion {
				if ending != "deb" && shell == "zsh" { // Debian's has a folder of its own
					path = "zsh/site-functions/_" + program
				}
				if !slices.Contains(have, "usr/share/"+path) {
					return fmt.Errorf("%s does not complete commands in %s", filepath.Base(file), shell)
				}
			}
			for page := range manuals {
				if !slices.Contains(have, "usr/share/"+page) {
					return fmt.Errorf("%s lacks %s", filepath.Base(file), page)
				}
			}
			for i, name := range have {
				have[i] = strings.Replace(name, "zsh/vendor-completions/", "zsh/site-functions/", 1)
			}
			slices.Sort(have)
			if want == nil {
				want = have
			}
			if len(have) < 15 || !slices.Contains(have, "usr/bin/"+program) {
				return fmt.Errorf("%s lacks files: %q", filepath.Base(file), have)
			}
			if !slices.Equal(have, want) {
				return fmt.Errorf("%s contains %q, the deb %q", filepath.Base(file), have, want)
			}
		}
	}
	return nil
}

// contents returns the files of a package, and refuses scripts.
func (s *suite) contents(file, ending string) ([]string, error) {
	var (
		list string
		err  error
	)
	switch ending {
	case "deb":
		unpacked, err := s.folder("unpacked")
		if err != nil {
			return nil, err
		}
		control := filepath.Join(unpacked, filepath.Base(file)+".control")
		if _, err := ask("dpkg-deb", "--control", file, control); err != nil {
			return nil, err
		}
		entries, err := os.ReadDir(control)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.Name() != "control" && e.Name() != "md5sums" {
				return nil, fmt.Errorf("%s holds %s", filepath.Base(file), e.Name())
			}
		}
		tree := filepath.Join(unpacked, filepath.Base(file))
		if _, err := ask("dpkg-deb", "--extract", file, tree); err != nil {
			return nil, err
		}
		return files(tree)
	case "rpm":
		scripts, err := ask("rpm", "--query", "--package", "--scripts", "--triggers", file)
		if err != nil || scripts != "" {
			return nil, fmt.Errorf("%s has scripts: %q %w", filepath.Base(file), scripts, err)
		}
		if list, err = ask("rpm", "--query", "--package", "--list", file); err != nil {
			return nil, err
		}
	default:
		if list, err = ask("bsdtar", "-tf", file); err != nil {
			return nil, err
		}
	}
	var names []string
	for name := range strings.FieldsSeq(list) {
		switch name = strings.TrimPrefix(name, "/"); {
		case strings.HasSuffix(name, "/"), name == ".PKGINFO", name == ".MTREE":
		case strings.HasPrefix(name, "."): // .INSTALL, .post-install and the like
			return nil, fmt.Errorf("%s holds %s", filepath.Base(file), name)
		default:
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// files returns the names of the files below a folder, sorted.
func files(root string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, strings.TrimPrefix(path, root+"/"))
		}
		return err
	})
	slices.Sort(names)
	return names, err
}

// archive unpacks the archive the way the instructions say, and asks the desktop's and
// systemd's own judges about what is in it.
func (s *suite) archive() error {
	home, err := s.folder("home")
	if err != nil {
		return err
	}
	local := filepath.Join(home, ".local")
	if err := os.MkdirAll(local, 0o755); err != nil {
		return err
	}
	file, err := s.result("linux_amd64.tar.gz")
	if err != nil {
		return err
	}
	if _, err := ask("tar", "-xzf", file, "-C", local, "--strip-components=1"); err != nil {
		return err
	}
	if err := s.saysVersion(filepath.Join(local, "bin", program)); err != nil {
		return err
	}
	if err := judge(filepath.Join(local, "share")); err != nil {
		return err
	}
	return unit(home, filepath.Join(local, "share/systemd/user", program+".service"))
}

// judge validates desktop entry and metainfo below a share folder.
func judge(share string) error {
	if err := need("desktop-file-validate", "appstreamcli"); err != nil {
		return err
	}
	said, err := ask("desktop-file-validate", filepath.Join(share, "applications", program+".desktop"))
	if err != nil || said != "" {
		return fmt.Errorf("desktop-file-validate: %s %w", said, err)
	}
	_, err = ask("appstreamcli", "validate", "--no-net", filepath.Join(share, "metainfo", about))
	return err
}

// unit lets systemd read the user's service; the program must be where it says.
func unit(home, file string) error {
	if err := need("systemd-analyze"); err != nil {
		return err
	}
	runtime := filepath.Join(home, "run")
	if err := os.MkdirAll(runtime, 0o700); err != nil {
		return err
	}
	_, err := askIn("", []string{"HOME=" + home, "XDG_RUNTIME_DIR=" + runtime}, "systemd-analyze", "verify", "--user", "--man=no", file)
	return err
}

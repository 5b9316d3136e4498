package main

import "path/filepath"

// macos makes an application for each processor. Where there is no Mac to build on,
// the program has no tray and the files say so.
func (j *job) macos() error {
	for _, arch := range []string{"amd64", "arm64"} {
		t := target{"darwin", arch}
		suffix := "macos_" + arch
		if !t.cgo() {
			suffix += "_headless"
		}
		root := filepath.Join(j.work, suffix)
		contents := filepath.Join(root, "Xiaozhi Switchboard.app", "Contents")
		binary := filepath.Join(contents, "MacOS", program)
		if err := j.compile(t, binary); err != nil {
			return err
		}
		if err := j.settle(binary, 0o755); err != nil {
			return err
		}
		if err := j.bom(binary, suffix); err != nil {
			return err
		}
		if err := j.fill("packaging/macos/Info.plist", filepath.Join(contents, "Info.plist")); err != nil {
			return err
		}
		for to, from := range map[string]string{
			"icon.icns":                       "packaging/icons/icon.icns",
			"NOTICES.txt":                     filepath.Join(j.out, noticesName),
			"en.lproj/InfoPlist.strings":      "packaging/macos/en.lproj/InfoPlist.strings",
			"zh-Hans.lproj/InfoPlist.strings": "packaging/macos/zh-Hans.lproj/InfoPlist.strings",
		} {
			if err := j.lay(from, filepath.Join(contents, "Resources", to)); err != nil {
				return err
			}
		}
		if err := j.zipped(root, j.result(suffix+".zip")); err != nil {
			return err
		}
	}
	return nil
}

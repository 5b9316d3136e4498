package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestLicenceNames(t *testing.T) {
	for _, name := range []string{"LICENSE", "LICENCE", "license.txt", "LICENSE-MIT", "LICENSE_APACHE", "LICENSES", "COPYING", "COPYING.LESSER", "NOTICE", "NOTICE.md", "PATENTS", "Copyright", "UNLICENSE"} {
		if !licenceName.MatchString(name) {
			t.Errorf("%s is not taken for a licence", name)
		}
	}
	for _, name := range []string{"README.md", "licensecheck", "noticeboard.txt", "relicense", "AUTHORS", "copyingmachine"} {
		if licenceName.MatchString(name) {
			t.Errorf("%s is taken for a licence", name)
		}
	}
}

func TestLicencesOfAPackage(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"LICENSE", "license.go", "x/NOTICE", "x/y/code.go", "other/LICENSE"} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("text\r\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p := part{name: "example.com/m", version: "v1.0.0"}
	for range 2 { // a second package of the same folder adds nothing
		if err := p.add(filepath.Join(root, "x/y"), root); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{filepath.Join(root, "x/NOTICE"), filepath.Join(root, "LICENSE")}; !slices.Equal(p.texts, want) {
		t.Errorf("found %q, want %q", p.texts, want)
	}
	text, err := noticesText([]part{p})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "example.com/m v1.0.0: NOTICE\n") || strings.Contains(text, "\r") {
		t.Errorf("the notices are:\n%s", text)
	}
	if _, err := noticesText([]part{{name: "example.com/bare", version: "v1.0.0"}}); err == nil || !strings.Contains(err.Error(), "example.com/bare") {
		t.Errorf("a part without a licence gives the error %v", err)
	}
}

// TestEveryScriptHasItsLicence holds the list of the dashboard's scripts to what the
// notices need of it.
func TestEveryScriptHasItsLicence(t *testing.T) {
	parts, err := vendored("../../assets/vendored")
	if err != nil {
		t.Fatal(err)
	}
	if len(parts) == 0 {
		t.Error("no part is recorded")
	}
	if _, err := noticesText(parts); err != nil {
		t.Error(err)
	}
}

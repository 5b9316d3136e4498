package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestVendored holds every file that others wrote against its recorded hash, so
// that none is changed by accident and none lacks a record.
func TestVendored(t *testing.T) {
	raw, err := os.ReadFile("vendored/list.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		File, SHA256, Package, Version, Path, License, Source, Use string
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	recorded := []string{"list.json"}
	for _, v := range list {
		recorded = append(recorded, v.File)
		body, err := os.ReadFile("vendored/" + v.File)
		if err != nil {
			t.Error(err)
			continue
		}
		if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != v.SHA256 {
			t.Errorf("%s has hash %x, recorded %s", v.File, sum, v.SHA256)
		}
		if v.Package == "" || v.Version == "" || v.Path == "" || v.License == "" || v.Source == "" || v.Use == "" {
			t.Errorf("%s: record is not complete: %+v", v.File, v)
		}
	}
	entries, err := os.ReadDir("vendored")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(recorded, e.Name()) {
			t.Errorf("vendored/%s has no record", e.Name())
		}
	}
}

func TestFiles(t *testing.T) {
	for name, media := range map[string]string{
		PageScript: "text/javascript; charset=utf-8", "app.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml",
		ChartScript: "text/javascript; charset=utf-8", "uplot.min.css": "text/css; charset=utf-8",
	} {
		path := Path(name)
		f, ok := Find(path)
		if !ok {
			t.Fatalf("%s is not at its path %s", name, path)
		}
		if f.Type != media {
			t.Errorf("%s has type %s, want %s", name, f.Type, media)
		}
		stem, ext, _ := strings.Cut(name, ".")
		if !strings.HasPrefix(path, Prefix+stem) || !strings.HasSuffix(path, ext[strings.LastIndex(ext, ".")+1:]) || path == Prefix+name {
			t.Errorf("%s is served at %s", name, path)
		}
		z, err := gzip.NewReader(bytes.NewReader(f.Gzip))
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(z); err != nil || !bytes.Equal(body, f.Body) {
			t.Errorf("%s does not survive compression: %v", name, err)
		}
	}
	for _, path := range []string{"", Prefix, Prefix + "app.css", Prefix + "../assets.go", "/locales/en.json"} {
		if _, ok := Find(path); ok {
			t.Errorf("%q is served", path)
		}
	}
	if len(Digest()) != 12 {
		t.Errorf("digest is %q", Digest())
	}
}

// TestNothingForeign holds our own files to loading nothing from elsewhere.
func TestNothingForeign(t *testing.T) {
	for _, name := range []string{"static/app.css", "static/app.js", "static/plot.js"} {
		body, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"http://", "https://", "@import", "eval(", "innerHTML"} {
			if bytes.Contains(body, []byte(bad)) {
				t.Errorf("%s contains %s", name, bad)
			}
		}
	}
}

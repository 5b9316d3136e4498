package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// packed packs the same two files, laid at another time and in another order.
func packed(t *testing.T, names ...string) (tarred, zipped []byte) {
	t.Helper()
	j := &job{release: release{time: time.Unix(1_700_000_000, 0).UTC()}, work: t.TempDir()}
	root := filepath.Join(j.work, "tree")
	for _, name := range names {
		if err := j.write(filepath.Join(root, name), []byte("text of "+name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(root, "bin/b"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, pack := range map[string]func(string, string) error{"a.tar.gz": j.tarball, "a.zip": j.zipped} {
		if err := pack(root, filepath.Join(j.work, name)); err != nil {
			t.Fatal(err)
		}
	}
	tarred, err := os.ReadFile(filepath.Join(j.work, "a.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	zipped, err = os.ReadFile(filepath.Join(j.work, "a.zip"))
	if err != nil {
		t.Fatal(err)
	}
	return tarred, zipped
}

func TestArchivesHaveTheSameBytes(t *testing.T) {
	tar1, zip1 := packed(t, "bin/b", "a")
	tar2, zip2 := packed(t, "a", "bin/b")
	if !bytes.Equal(tar1, tar2) {
		t.Error("two tarballs of the same files differ")
	}
	if !bytes.Equal(zip1, zip2) {
		t.Error("two zips of the same files differ")
	}
}

func TestTarballKeepsModesAndText(t *testing.T) {
	tarred, _ := packed(t, "a", "bin/b")
	unpacked, err := gzip.NewReader(bytes.NewReader(tarred))
	if err != nil {
		t.Fatal(err)
	}
	modes := map[string]int64{"a": 0o644, "bin/b": 0o755}
	for r := tar.NewReader(unpacked); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil || string(body) != "text of "+h.Name {
			t.Errorf("%s holds %q (%v)", h.Name, body, err)
		}
		if h.Mode != modes[h.Name] || h.ModTime.Unix() != 1_700_000_000 || h.Uid != 0 {
			t.Errorf("%s has mode %o, time %v, owner %d", h.Name, h.Mode, h.ModTime, h.Uid)
		}
		delete(modes, h.Name)
	}
	if len(modes) > 0 {
		t.Errorf("missing: %v", modes)
	}
}

func TestZipKeepsModesAndText(t *testing.T) {
	_, zipped := packed(t, "a", "bin/b")
	r, err := zip.NewReader(bytes.NewReader(zipped), int64(len(zipped)))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.File) != 2 {
		t.Fatalf("%d files, want 2", len(r.File))
	}
	for i, want := range []struct {
		name string
		mode os.FileMode
	}{{"a", 0o644}, {"bin/b", 0o755}} {
		f := r.File[i]
		if f.Name != want.name || f.Mode() != want.mode || f.Modified.Unix() != 1_700_000_000 {
			t.Errorf("file %d is %s with mode %v and time %v", i, f.Name, f.Mode(), f.Modified)
		}
	}
}

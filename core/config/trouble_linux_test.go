package config

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"xiaozhi-switchboard/core/rough"
)

// refuses holds that a change is refused as it should be, and leaves everything as it was.
func refuses(t *testing.T, s *Store, code, reason string) {
	t.Helper()
	dir := filepath.Dir(s.path)
	before, names := s.Snapshot(), listing(t, dir)
	_, err := s.Modify(context.Background(), before.Revision, func(e *Edit) error { return e.SetOption("port", 4711) })
	var file *FileError
	if !errors.As(err, &file) || file.Code != code || file.Reason != reason {
		t.Errorf("got %v, want %s %s", err, code, reason)
	}
	after := s.Snapshot()
	if after.Revision != before.Revision || after.Config.Port != before.Config.Port || after.Problem != nil {
		t.Errorf("the change took effect: %+v", after)
	}
	if text, err := os.ReadFile(s.path); err != nil || !bytes.Equal(text, before.Text) {
		t.Errorf("the file is %q, %v", text, err)
	}
	if got := listing(t, dir); got != names {
		t.Errorf("the folder holds %s, and before %s", got, names)
	}
}

func listing(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// openAt writes text to a file in dir and opens it.
func openAt(t *testing.T, dir, text string, opts *StoreOptions) *Store {
	t.Helper()
	path := filepath.Join(dir, "xiaozhi.config.json")
	write(t, path, text)
	s, err := Open(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestFullDisk(t *testing.T) {
	disk := rough.NewDisk(t, "32k")
	s := openAt(t, disk.Dir, port(1000), nil)
	disk.Fill()
	refuses(t, s, FileFailed, "full")
	first := filepath.Join(disk.Dir, "new", "xiaozhi.config.json")
	if err := os.Mkdir(filepath.Dir(first), 0o700); err != nil {
		t.Fatal(err)
	}
	err := WriteDefault(first, "")
	var file *FileError
	if !errors.As(err, &file) || file.Reason != "full" {
		t.Errorf("a first file: %v", err)
	}
	if got := listing(t, filepath.Dir(first)); got != "" {
		t.Errorf("the first file left %s", got)
	}
	disk.Empty()
	if now, err := s.Modify(context.Background(), "", func(e *Edit) error { return e.SetOption("port", 1001) }); err != nil || now.Config.Port != 1001 {
		t.Errorf("with room: %v", err)
	}
}

// TestFullDiskOfBackups saves the file although no earlier version can be kept, and
// loses none that is.
func TestFullDiskOfBackups(t *testing.T) {
	disk := rough.NewDisk(t, "32k")
	backups := disk.Dir
	s := openAt(t, t.TempDir(), port(1000), &StoreOptions{BackupDir: backups})
	save := func(n int) {
		t.Helper()
		if _, err := s.Modify(context.Background(), "", func(e *Edit) error { return e.SetOption("port", n) }); err != nil {
			t.Fatal(err)
		}
	}
	save(1001)
	disk.Fill()
	kept := listing(t, backups)
	save(1002)
	if got := listing(t, backups); got != kept {
		t.Errorf("kept are %s, and before %s", got, kept)
	}
	disk.Empty()
	save(1003)
	if list, err := s.Versions(); err != nil || len(list) != 2 {
		t.Errorf("%d versions, %v", len(list), err)
	}
}

func TestReadOnlyDisk(t *testing.T) {
	disk := rough.NewDisk(t, "32k")
	s := openAt(t, disk.Dir, port(1000), nil)
	disk.ReadOnly(true)
	refuses(t, s, FileDenied, "write")
	if err := WriteDefault(filepath.Join(disk.Dir, "other.json"), ""); err == nil || !strings.Contains(err.Error(), "may not be written to") {
		t.Errorf("a first file: %v", err)
	}
}

// TestFilesOfOthers are those that our user may read, or not even that.
func TestFilesOfOthers(t *testing.T) {
	t.Run("read-only folder", func(t *testing.T) {
		s := openAt(t, rough.Shared(t, 0o755), port(1000), nil)
		if err := os.Chmod(s.path, 0o644); err != nil {
			t.Fatal(err)
		}
		rough.As(t, rough.Nobody, func() { refuses(t, s, FileDenied, "write") })
	})
	t.Run("file of another user", func(t *testing.T) {
		s := openAt(t, rough.Shared(t, 0o777), port(1000), nil)
		if err := os.Chmod(s.path, 0o644); err != nil {
			t.Fatal(err)
		}
		rough.As(t, rough.Nobody, func() { refuses(t, s, FileDenied, "owner") })
	})
	t.Run("unreadable", func(t *testing.T) {
		dir := rough.Shared(t, 0o777)
		path := filepath.Join(dir, "xiaozhi.config.json")
		write(t, path, port(1000))
		rough.As(t, rough.Nobody, func() {
			_, err := Open(path, nil)
			var file *FileError
			if !errors.As(err, &file) || file.Code != FileDenied || file.Reason != "read" {
				t.Errorf("got %v", err)
			}
		})
	})
	t.Run("root leaves it to its owner", func(t *testing.T) {
		rough.Root(t, "give files away")
		s := openAt(t, rough.Shared(t, 0o777), port(1000), nil)
		if err := os.Chown(s.path, rough.Nobody, rough.Nobody); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Modify(context.Background(), "", func(e *Edit) error { return e.SetOption("port", 1001) }); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(s.path)
		if err != nil {
			t.Fatal(err)
		}
		if owner := info.Sys().(*syscall.Stat_t); owner.Uid != rough.Nobody || owner.Gid != rough.Nobody || info.Mode().Perm() != 0o600 {
			t.Errorf("it belongs to %d:%d and has %v", owner.Uid, owner.Gid, info.Mode())
		}
		rough.As(t, rough.Nobody, func() {
			if _, err := ReadFile(s.path); err != nil {
				t.Error(err)
			}
		})
	})
}

package config

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// nobody is a user that owns nothing.
const nobody = 65534

// needRoot skips a test that needs the rights of root, which CI has.
func needRoot(t *testing.T, what string) {
	t.Helper()
	if os.Geteuid() == 0 {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("only root can %s: CI must be root", what)
	}
	t.Skipf("only root can %s", what)
}

// smallDisk is a folder on a disk of its own that has room for size bytes.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	needRoot(t, "mount a small disk")
	dir := t.TempDir()
	if err := syscall.Mount("switchboard-test", dir, "tmpfs", 0, "size="+size); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("mount a small disk: %v: CI must be able to", err)
		}
		t.Skipf("mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

// fill leaves no room on the disk of a folder; the returned function makes room again.
func fill(t *testing.T, dir string) (empty func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for piece := make([]byte, 512); err == nil; {
		_, err = f.Write(piece)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// as runs f with the rights of another user to files. These are of a thread, which is
// not used again.
func as(t *testing.T, uid int, f func()) {
	t.Helper()
	needRoot(t, "play another user")
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := syscall.Setfsuid(uid)
		defer func() { done <- err }()
		if err == nil {
			f()
		}
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// shared is a folder into which everybody may look.
func shared(t *testing.T, mode os.FileMode) string {
	t.Helper()
	dir := t.TempDir()
	for path, mode := range map[string]os.FileMode{filepath.Dir(dir): 0o755, dir: mode} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

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
	dir := smallDisk(t, "32k")
	s := openAt(t, dir, port(1000), nil)
	empty := fill(t, dir)
	refuses(t, s, FileFailed, "full")
	first := filepath.Join(dir, "new", "xiaozhi.config.json")
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
	empty()
	if now, err := s.Modify(context.Background(), "", func(e *Edit) error { return e.SetOption("port", 1001) }); err != nil || now.Config.Port != 1001 {
		t.Errorf("with room: %v", err)
	}
}

// TestFullDiskOfBackups saves the file although no earlier version can be kept, and
// loses none that is.
func TestFullDiskOfBackups(t *testing.T) {
	backups := smallDisk(t, "32k")
	s := openAt(t, t.TempDir(), port(1000), &StoreOptions{BackupDir: backups})
	save := func(n int) {
		t.Helper()
		if _, err := s.Modify(context.Background(), "", func(e *Edit) error { return e.SetOption("port", n) }); err != nil {
			t.Fatal(err)
		}
	}
	save(1001)
	empty := fill(t, backups)
	kept := listing(t, backups)
	save(1002)
	if got := listing(t, backups); got != kept {
		t.Errorf("kept are %s, and before %s", got, kept)
	}
	empty()
	save(1003)
	if list, err := s.Versions(); err != nil || len(list) != 2 {
		t.Errorf("%d versions, %v", len(list), err)
	}
}

func TestReadOnlyDisk(t *testing.T) {
	dir := smallDisk(t, "32k")
	s := openAt(t, dir, port(1000), nil)
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	refuses(t, s, FileDenied, "write")
	if err := WriteDefault(filepath.Join(dir, "other.json"), ""); err == nil || !strings.Contains(err.Error(), "may not be written to") {
		t.Errorf("a first file: %v", err)
	}
}

// TestFilesOfOthers are those that our user may read, or not even that.
func TestFilesOfOthers(t *testing.T) {
	t.Run("read-only folder", func(t *testing.T) {
		s := openAt(t, shared(t, 0o755), port(1000), nil)
		if err := os.Chmod(s.path, 0o644); err != nil {
			t.Fatal(err)
		}
		as(t, nobody, func() { refuses(t, s, FileDenied, "write") })
	})
	t.Run("file of another user", func(t *testing.T) {
		s := openAt(t, shared(t, 0o777), port(1000), nil)
		if err := os.Chmod(s.path, 0o644); err != nil {
			t.Fatal(err)
		}
		as(t, nobody, func() { refuses(t, s, FileDenied, "owner") })
	})
	t.Run("unreadable", func(t *testing.T) {
		dir := shared(t, 0o777)
		path := filepath.Join(dir, "xiaozhi.config.json")
		write(t, path, port(1000))
		as(t, nobody, func() {
			_, err := Open(path, nil)
			var file *FileError
			if !errors.As(err, &file) || file.Code != FileDenied || file.Reason != "read" {
				t.Errorf("got %v", err)
			}
		})
	})
	t.Run("root leaves it to its owner", func(t *testing.T) {
		needRoot(t, "give files away")
		s := openAt(t, shared(t, 0o777), port(1000), nil)
		if err := os.Chown(s.path, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Modify(context.Background(), "", func(e *Edit) error { return e.SetOption("port", 1001) }); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(s.path)
		if err != nil {
			t.Fatal(err)
		}
		if owner := info.Sys().(*syscall.Stat_t); owner.Uid != nobody || owner.Gid != nobody || info.Mode().Perm() != 0o600 {
			t.Errorf("it belongs to %d:%d and has %v", owner.Uid, owner.Gid, info.Mode())
		}
		as(t, nobody, func() {
			if _, err := ReadFile(s.path); err != nil {
				t.Error(err)
			}
		})
	})
}

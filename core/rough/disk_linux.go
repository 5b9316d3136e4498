package rough

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// Nobody is a user that owns nothing.
const Nobody = 65534

// Root skips a test that needs the rights of root, or fails it where CI is true.
func Root(tb testing.TB, what string) {
	tb.Helper()
	if os.Geteuid() == 0 {
		return
	}
	if os.Getenv("CI") == "true" {
		tb.Fatalf("only root can %s: CI must be root", what)
	}
	tb.Skipf("only root can %s", what)
}

// Disk is a small disk of its own.
type Disk struct {
	// Dir is where it is.
	Dir string

	tb     testing.TB
	filler string
}

// NewDisk returns a disk with room for size, such as 32k, which ends with the test. It
// needs root.
func NewDisk(tb testing.TB, size string) *Disk {
	tb.Helper()
	Root(tb, "mount a small disk")
	dir := tb.TempDir()
	if err := syscall.Mount("switchboard-test", dir, "tmpfs", 0, "size="+size); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("mount a small disk: %v: CI must be able to", err)
		}
		tb.Skipf("mount a small disk: %v", err)
	}
	tb.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			tb.Errorf("unmount: %v", err)
		}
	})
	return &Disk{Dir: dir, tb: tb, filler: filepath.Join(dir, "filler")}
}

// Fill leaves no room on the disk.
func (d *Disk) Fill() {
	d.tb.Helper()
	f, err := os.Create(d.filler)
	if err != nil {
		d.tb.Fatal(err)
	}
	defer f.Close()
	for piece := make([]byte, 512); err == nil; {
		_, err = f.Write(piece)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		d.tb.Fatal(err)
	}
}

// Empty makes room again.
func (d *Disk) Empty() {
	d.tb.Helper()
	if err := os.Remove(d.filler); err != nil {
		d.tb.Fatal(err)
	}
}

// ReadOnly makes the disk take nothing, or everything again.
func (d *Disk) ReadOnly(on bool) {
	d.tb.Helper()
	flags := uintptr(syscall.MS_REMOUNT)
	if on {
		flags |= syscall.MS_RDONLY
	}
	if err := syscall.Mount("", d.Dir, "", flags, ""); err != nil {
		d.tb.Fatal(err)
	}
}

// As runs f with the rights of another user to files. It needs root. These rights are
// of one thread, which is not used again.
func As(tb testing.TB, uid int, f func()) {
	tb.Helper()
	Root(tb, "play another user")
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
		tb.Fatal(err)
	}
}

// Shared is a folder into which everybody may look, with this mode.
func Shared(tb testing.TB, mode os.FileMode) string {
	tb.Helper()
	dir := tb.TempDir()
	for path, mode := range map[string]os.FileMode{filepath.Dir(dir): 0o755, dir: mode} {
		if err := os.Chmod(path, mode); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

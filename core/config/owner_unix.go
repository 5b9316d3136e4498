//go:build unix

package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives a new file to the owner of the one that it takes the place of, which
// need not exist: a program that was started with other rights must not take the
// configuration from whoever it belongs to. Where files have no owners of their own,
// both belong to the same.
func keepOwner(f *os.File, to string) error {
	there, err := os.Stat(to)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	ours, err := f.Stat()
	if err != nil {
		return err
	}
	old, ok := there.Sys().(*syscall.Stat_t)
	now, also := ours.Sys().(*syscall.Stat_t)
	if !ok || !also || old.Uid == now.Uid {
		return nil
	}
	if err := f.Chown(int(old.Uid), int(old.Gid)); err != nil {
		return fmt.Errorf("%w: %w", errOwner, err)
	}
	return nil
}

// noRoom reports that there is no room on the disk, or none left for this user.
func noRoom(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// readOnly reports a disk that takes nothing.
func readOnly(err error) bool { return errors.Is(err, syscall.EROFS) }

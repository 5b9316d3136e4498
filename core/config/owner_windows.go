package config

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// keepOwner has nothing to do: who may read a file is inherited from its folder.
func keepOwner(*os.File, string) error { return nil }

// noRoom reports that there is no room on the disk, or none left for this user.
func noRoom(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) || errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED)
}

// readOnly reports a disk that takes nothing.
func readOnly(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }

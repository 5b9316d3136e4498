package desktop

import (
	"os"

	"golang.org/x/sys/windows"
)

var attachConsole = windows.NewLazySystemDLL("kernel32.dll").NewProc("AttachConsole")

// attachParent is ATTACH_PARENT_PROCESS.
const attachParent = ^uintptr(0)

// JoinConsole makes os.Stdout and os.Stderr show in the console that the program was
// started from. Windows gives a program for the desktop none by itself. Output that
// goes somewhere already, such as into a file, stays as it is; without a console,
// nothing happens. It must be called first, before anything is written, and only for a
// start that a person typed: a program with a console ends when that is closed.
func JoinConsole() {
	out, err := lacks(windows.STD_OUTPUT_HANDLE), lacks(windows.STD_ERROR_HANDLE)
	if !out && !err {
		return
	}
	if joined, _, _ := attachConsole.Call(attachParent); joined == 0 {
		return
	}
	screen, failed := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if failed != nil {
		return
	}
	if out {
		os.Stdout = screen
	}
	if err {
		os.Stderr = screen
	}
}

// lacks reports whether a standard handle leads nowhere.
func lacks(which uint32) bool {
	handle, err := windows.GetStdHandle(which)
	if err != nil || handle == 0 || handle == windows.InvalidHandle {
		return true
	}
	kind, err := windows.GetFileType(handle)
	return err != nil || kind == windows.FILE_TYPE_UNKNOWN
}

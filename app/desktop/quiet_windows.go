package desktop

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// quiet keeps a program for consoles from opening a window of its own: ours has none that
// it could share.
func quiet(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW}
}

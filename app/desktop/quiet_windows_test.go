package desktop

import (
	"os/exec"
	"testing"

	"golang.org/x/sys/windows"
)

func TestQuiet(t *testing.T) {
	cmd := exec.Command("clip.exe")
	quiet(cmd)
	if a := cmd.SysProcAttr; a == nil || !a.HideWindow || a.CreationFlags&windows.CREATE_NO_WINDOW == 0 {
		t.Errorf("it would open a window: %+v", a)
	}
}

//go:build !windows

package desktop

import "os/exec"

// quiet has nothing to do: only Windows opens windows for programs that have none.
func quiet(*exec.Cmd) {}

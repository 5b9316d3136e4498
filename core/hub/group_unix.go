//go:build unix

package hub

import (
	"os/exec"
	"syscall"
)

// group is a program with all its descendants that did not leave its process group.
type group struct{ id int }

func (g *group) prepare(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithUs(cmd.SysProcAttr)
}

func (g *group) adopt(cmd *exec.Cmd) { g.id = cmd.Process.Pid }

// ask requests the group to end, kill ends it. Neither fails where nobody is left.
func (g *group) ask()  { g.signal(syscall.SIGTERM) }
func (g *group) kill() { g.signal(syscall.SIGKILL) }

func (g *group) signal(s syscall.Signal) {
	if g.id > 1 { // 0 would be our own group
		_ = syscall.Kill(-g.id, s)
	}
}

package hub

import (
	"runtime"
	"syscall"
)

// dieWithUs makes the kernel kill the program when the thread that started it
// ends. Hence pin: the thread must live as long as the program.
func dieWithUs(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }

// pin keeps the calling goroutine on one thread, which ends with it.
func pin() { runtime.LockOSThread() }

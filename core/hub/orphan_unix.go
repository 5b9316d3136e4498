//go:build unix && !linux

package hub

import "syscall"

// dieWithUs does nothing: only Linux can tie a program's life to ours. Elsewhere a
// program notices our end by that of its input.
func dieWithUs(*syscall.SysProcAttr) {}

func pin() {}

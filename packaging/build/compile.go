package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// target is one system and processor.
type target struct{ os, arch string }

// linuxLimit is the largest that the program may be on Linux, in bytes.
const linuxLimit = 25_000_000

// cgo reports whether a target is built with C: the tray of macOS needs it, and it
// needs a Mac.
func (t target) cgo() bool { return t.os == "darwin" && runtime.GOOS == "darwin" }

// compile builds the program into file, stripped, without the paths of this machine
// and with its version.
func (j *job) compile(t target, file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	const stamp = " -X xiaozhi-switchboard/app."
	flags := "-s -w" + stamp + "stamped=" + j.release.version.String() +
		stamp + "stampedCommit=" + j.release.commit + stamp + "stampedDay=" + j.release.day()
	if t.os == "windows" {
		flags += " -H=windowsgui" // no console pops up; commands join the one they are typed in
	}
	env := []string{"GOOS=" + t.os, "GOARCH=" + t.arch, "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOEXPERIMENT=", "CGO_ENABLED=0"}
	if t.cgo() {
		env = append(env, "CGO_ENABLED=1", "MACOSX_DEPLOYMENT_TARGET=12.0")
	}
	if err := tool("", env, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", file, "."); err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	fmt.Printf("%6.2f MB  %s/%s program\n", float64(info.Size())/1e6, t.os, t.arch)
	if t.os == "linux" && info.Size() > linuxLimit {
		return fmt.Errorf("the program for %s/%s has %d bytes, more than the %d it may have", t.os, t.arch, info.Size(), linuxLimit)
	}
	return nil
}

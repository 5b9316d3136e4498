package vitals

import (
	"net"
	"os"
	"runtime"
	"testing"
)

func TestPortHolder(t *testing.T) {
	if runtime.GOOS == "darwin" {
		t.Skip("macOS needs lsof for it")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if program, pid := PortHolder(t.Context(), port); program == "" || pid != int32(os.Getpid()) {
		t.Errorf("port %d is said to belong to %q, process %d", port, program, pid)
	}
	l.Close()
	if program, pid := PortHolder(t.Context(), port); pid == int32(os.Getpid()) {
		t.Errorf("the closed port %d is said to belong to %q", port, program)
	}
}

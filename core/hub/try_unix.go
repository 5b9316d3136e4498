//go:build unix

package hub

import (
	"os"
	"syscall"
)

// tryWriter writes to a pipe without ever waiting for its reader. One goroutine at
// a time may use it.
type tryWriter struct {
	raw  syscall.RawConn
	once func(fd uintptr) bool // made once, so that a write allocates nothing
	buf  []byte
	n    int
	err  error
}

func newTryWriter(file *os.File) *tryWriter {
	raw, err := file.SyscallConn()
	if err != nil {
		return nil
	}
	t := &tryWriter{raw: raw}
	t.once = func(fd uintptr) bool {
		for {
			t.n, t.err = syscall.Write(int(fd), t.buf)
			if t.err != syscall.EINTR {
				return true
			}
		}
	}
	return t
}

// write returns how much of b was written; an error includes a full pipe.
func (t *tryWriter) write(b []byte) (int, error) {
	t.buf = b
	err := t.raw.Write(t.once)
	t.buf = nil
	if err == nil {
		err = t.err
	}
	if err != nil {
		return max(t.n, 0), err
	}
	return t.n, nil
}

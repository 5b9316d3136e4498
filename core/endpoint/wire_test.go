package endpoint

import (
	"errors"
	"net"
	"testing"
	"testing/synctest"
)

// slowConn is a connection whose writes each wait until they are let go.
type slowConn struct {
	net.Conn
	let chan error
}

func (c *slowConn) Write(p []byte) (int, error) {
	if err := <-c.let; err != nil {
		return 0, err
	}
	return len(p), nil
}

// TestDrain holds that nothing writes any more when it returns.
func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		conn := &slowConn{Conn: ours, let: make(chan error)}
		w := newWire(conn)
		w.hold()
		_, _ = w.Write([]byte("x"))
		w.commitSoon()
		synctest.Wait()
		drained := make(chan struct{})
		go func() {
			w.drain()
			close(drained)
		}()
		synctest.Wait()
		select {
		case <-drained:
			t.Error("a write is under way still")
		default:
		}
		conn.let <- net.ErrClosed
		<-drained
		w.hold()
		if _, err := w.Write([]byte("y")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a write after the end: %v", err)
		}
		w.commitSoon()
	})
}

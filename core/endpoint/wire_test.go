package endpoint

import (
	"errors"
	"io"
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

// TestUnsent holds that a frame counts as unsent only while nothing of it was given to the
// connection, also when a ping follows it at once or the connection fails.
func TestUnsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		conn := &slowConn{Conn: ours, let: make(chan error)}
		w := newWire(conn)
		queue := func(text string) (mark int64) {
			_ = w.hold(false)
			mark = w.mark()
			if _, err := w.Write([]byte(text)); err != nil {
				t.Error(err)
			}
			w.commitSoon()
			synctest.Wait()
			return mark
		}
		if w.unsent(0) {
			t.Error("what was never marked is unsent")
		}
		first := queue("first")
		if w.unsent(first) {
			t.Error("what is being written is unsent")
		}
		second := queue("second")
		if !w.unsent(second) {
			t.Error("what waits for the first is sent")
		}
		conn.let <- nil
		synctest.Wait()
		_, _ = w.Write([]byte("ping")) // waits
		if w.unsent(second) {
			t.Error("a frame that is being written is unsent once a ping follows it")
		}
		third := queue("third")
		conn.let <- io.ErrClosedPipe
		synctest.Wait()
		if w.unsent(second) || !w.unsent(third) {
			t.Errorf("after a write that failed: second %v, third %v", w.unsent(second), w.unsent(third))
		}
		if _, err := w.Write([]byte("fourth")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("a write after one that failed: %v", err)
		}
		w.drain()
	})
}

// TestDrain holds that nothing writes any more when it returns.
func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		conn := &slowConn{Conn: ours, let: make(chan error)}
		w := newWire(conn)
		_ = w.hold(false)
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
		_ = w.hold(false)
		if _, err := w.Write([]byte("y")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a write after the end: %v", err)
		}
		w.commitSoon()
	})
}

// TestSealedWire holds that what waits for a write is not given to the connection after seal.
func TestSealedWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		conn := &slowConn{Conn: ours, let: make(chan error)}
		w := newWire(conn)
		queue := func(text string) (mark int64) {
			_ = w.hold(false)
			mark = w.mark()
			if _, err := w.Write([]byte(text)); err != nil {
				t.Error(err)
			}
			w.commitSoon()
			synctest.Wait()
			return mark
		}
		queue("being written")
		waiting := queue("waits")
		w.seal()
		if !w.unsent(waiting) {
			t.Error("what waits is sent")
		}
		conn.let <- nil
		w.drain() // writes again, and hangs, where the queue is written on
		if !w.unsent(waiting) {
			t.Error("what was unsent is sent after seal")
		}
	})
}

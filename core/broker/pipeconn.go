package broker

import (
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// pipeConn is one end of a connection in memory.
type pipeConn struct {
	local, remote pipeAddr
	in, out       *stream
	readBy        deadline
	writeBy       deadline

	mu     sync.Mutex
	abrupt bool // SetLinger(0): Close resets
	closed bool
}

// pipe returns the two ends of a connection.
func pipe(client, server pipeAddr) (near, far *pipeConn) {
	up, down := newStream(), newStream()
	near = &pipeConn{local: client, remote: server, in: down, out: up}
	far = &pipeConn{local: server, remote: client, in: up, out: down}
	return near, far
}

// Read reads what has arrived, or waits for more.
func (c *pipeConn) Read(p []byte) (int, error) {
	n, err := c.in.read(p, &c.readBy)
	if err != nil && err != io.EOF {
		err = opError("read", c, err)
	}
	return n, err
}

// Write puts p under way, waiting for room.
func (c *pipeConn) Write(p []byte) (int, error) {
	n, err := c.out.write(p, &c.writeBy)
	if err != nil {
		err = opError("write", c, err)
	}
	return n, err
}

// SetLinger with 0 makes Close reset the connection, as with *net.TCPConn.
func (c *pipeConn) SetLinger(seconds int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.abrupt = seconds == 0
	return nil
}

// Close ends the connection. The peer still reads what is under way, and then EOF;
// or ECONNRESET if it sent something that was not read or SetLinger(0) was called.
func (c *pipeConn) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return opError("close", c, net.ErrClosed)
	}
	c.closed = true
	abrupt := c.abrupt
	c.mu.Unlock()
	unread := c.in.close(net.ErrClosed, syscall.EPIPE, true)
	if abrupt || unread {
		c.out.close(syscall.ECONNRESET, net.ErrClosed, false)
	} else {
		c.out.close(io.EOF, net.ErrClosed, false)
	}
	c.readBy.set(time.Time{})
	c.writeBy.set(time.Time{})
	return nil
}

// LocalAddr returns the address of this end.
func (c *pipeConn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address of the other end.
func (c *pipeConn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines.
func (c *pipeConn) SetDeadline(t time.Time) error {
	c.readBy.set(t)
	c.writeBy.set(t)
	return nil
}

// SetReadDeadline sets when reads fail.
func (c *pipeConn) SetReadDeadline(t time.Time) error {
	c.readBy.set(t)
	return nil
}

// SetWriteDeadline sets when writes fail.
func (c *pipeConn) SetWriteDeadline(t time.Time) error {
	c.writeBy.set(t)
	return nil
}

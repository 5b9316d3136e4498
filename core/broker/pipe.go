package broker

import (
	"context"
	"net"
	"strconv"
	"sync"
	"syscall"
)

// backlog is how many connections may wait to be accepted, as with TCP.
const backlog = 1024

// PipeNetwork is a network in memory: listeners by address, and connections with
// small buffers, deadlines, half-read closes and resets, like TCP on loopback. It uses
// nothing outside the process, so it also works inside a testing/synctest bubble,
// where it must be made and used. All methods may be called concurrently.
type PipeNetwork struct {
	mu        sync.Mutex
	listeners map[string]*pipeListener
	ports     int
}

// NewPipeNetwork returns a network without listeners.
func NewPipeNetwork() *PipeNetwork {
	return &PipeNetwork{listeners: make(map[string]*pipeListener)}
}

// Listen listens on an address of the form host:port, which is a name only. An empty
// address is given one. The error is a *net.OpError with EADDRINUSE when the
// address is taken.
func (n *PipeNetwork) Listen(address string) (net.Listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if address == "" {
		n.ports++
		address = "pipe:" + strconv.Itoa(n.ports)
	}
	if n.listeners[address] != nil {
		return nil, &net.OpError{Op: "listen", Net: "pipe", Addr: pipeAddr(address), Err: syscall.EADDRINUSE}
	}
	l := &pipeListener{
		network: n, addr: pipeAddr(address),
		incoming: make(chan *pipeConn, backlog), closed: make(chan struct{}),
	}
	n.listeners[address] = l
	return l, nil
}

// DialContext connects to a listener of the network; it fits the dial hooks of
// net/http and gorilla/websocket. Without a listener the error is a *net.OpError
// with ECONNREFUSED.
func (n *PipeNetwork) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	l := n.listeners[address]
	n.ports++
	local := pipeAddr("pipe-client:" + strconv.Itoa(n.ports))
	n.mu.Unlock()
	failed := func(err error) error {
		return &net.OpError{Op: "dial", Net: "pipe", Addr: pipeAddr(address), Err: err}
	}
	if err := ctx.Err(); err != nil {
		return nil, failed(err)
	}
	if l == nil {
		return nil, failed(syscall.ECONNREFUSED)
	}
	near, far := pipe(local, l.addr)
	if err := l.offer(ctx, far); err != nil {
		return nil, failed(err)
	}
	return near, nil
}

type pipeListener struct {
	network  *PipeNetwork
	addr     pipeAddr
	incoming chan *pipeConn
	closed   chan struct{}

	mu   sync.Mutex
	done bool
}

func (l *pipeListener) offer(ctx context.Context, far *pipeConn) error {
	l.mu.Lock()
	if l.done {
		l.mu.Unlock()
		return syscall.ECONNREFUSED
	}
	select {
	case l.incoming <- far: // never blocks: tried only
		l.mu.Unlock()
		return nil
	default:
	}
	l.mu.Unlock()
	select {
	case l.incoming <- far:
		return nil
	case <-l.closed:
		return syscall.ECONNREFUSED
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Accept returns the next connection.
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, l.failed(net.ErrClosed)
	default:
	}
	select {
	case conn := <-l.incoming:
		return conn, nil
	case <-l.closed:
		return nil, l.failed(net.ErrClosed)
	}
}

func (l *pipeListener) failed(err error) error {
	return &net.OpError{Op: "accept", Net: "pipe", Addr: l.addr, Err: err}
}

// Close frees the address and resets what was never accepted.
func (l *pipeListener) Close() error {
	l.mu.Lock()
	if l.done {
		l.mu.Unlock()
		return l.failed(net.ErrClosed)
	}
	l.done = true
	close(l.closed)
	l.mu.Unlock()
	l.network.mu.Lock()
	if l.network.listeners[string(l.addr)] == l {
		delete(l.network.listeners, string(l.addr))
	}
	l.network.mu.Unlock()
	for {
		select {
		case conn := <-l.incoming:
			reset(conn)
		default:
			return nil
		}
	}
}

// Addr returns the address.
func (l *pipeListener) Addr() net.Addr { return l.addr }

type pipeAddr string

func (a pipeAddr) Network() string { return "pipe" }
func (a pipeAddr) String() string  { return string(a) }

// opError wraps an error as package net does.
func opError(op string, c *pipeConn, err error) error {
	return &net.OpError{Op: op, Net: "pipe", Source: c.local, Addr: c.remote, Err: err}
}

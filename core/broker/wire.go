package broker

import (
	"bufio"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// posture is the fault that a socket is under; replaced is closed when another one
// takes its place.
type posture struct {
	fault    Fault
	replaced chan struct{}
}

// wire is a connection whose reads obey the socket's fault.
type wire struct {
	net.Conn
	posture  atomic.Pointer[posture]
	ending   chan struct{} // closed when waiting has no more sense
	released atomic.Bool
}

func newWire(conn net.Conn, f Fault) *wire {
	w := &wire{Conn: conn, ending: make(chan struct{})}
	w.posture.Store(&posture{fault: f, replaced: make(chan struct{})})
	return w
}

// fault returns what the wire is under now.
func (w *wire) fault() Fault { return w.posture.Load().fault }

// NetConn returns the connection below, as tls.Conn does.
func (w *wire) NetConn() net.Conn { return w.Conn }

// Read reads as fast as the fault allows, which may be never.
func (w *wire) Read(p []byte) (int, error) {
	w.park()
	if rate := w.fault().ReadRate; rate > 0 {
		p = p[:min(len(p), max(1, rate/10))]
	}
	n, err := w.Conn.Read(p)
	w.park() // what arrived while the hole opened is not seen either
	if rate := w.fault().ReadRate; rate > 0 {
		w.pause(time.Second * time.Duration(n) / time.Duration(rate))
	}
	return n, err
}

// park waits while the wire is a black hole.
func (w *wire) park() {
	for {
		at := w.posture.Load()
		if !at.fault.BlackHole {
			return
		}
		select {
		case <-at.replaced:
		case <-w.ending:
			return
		}
	}
}

// pause waits, but not beyond the fault or the socket.
func (w *wire) pause(d time.Duration) {
	at := w.posture.Load()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-at.replaced:
	case <-w.ending:
	}
}

// hijacker hands gorilla a wire instead of the bare connection.
type hijacker struct {
	http.ResponseWriter
	fault Fault
	wire  *wire
}

// Hijack takes the connection over.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.wire = newWire(conn, h.fault)
	return h.wire, rw, nil
}

// release ends every wait of the wire for good.
func (w *wire) release() {
	if w.released.CompareAndSwap(false, true) {
		close(w.ending)
	}
}

// pose puts the wire under another fault.
func (w *wire) pose(f Fault) {
	next := &posture{fault: f, replaced: make(chan struct{})}
	close(w.posture.Swap(next).replaced)
}

package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"xiaozhi-switchboard/core/endpoint"
)

var (
	// ErrBusy says that another rehearsal is going on.
	ErrBusy = errors.New("another rehearsal is going on")
	// ErrUnknownCloud says that there is no cloud of the name.
	ErrUnknownCloud = errors.New("unknown cloud")
	// ErrClosed says that the Rehearser is closed.
	ErrClosed = errors.New("rehearser is closed")
)

// Options are what a Rehearser needs. New copies them.
type Options struct {
	// Tools returns what answers in the place of an endpoint, by its ID; "" is one that
	// sees every tool. It must not be nil.
	Tools func(endpoint string) endpoint.Tools
	// OwnLimit returns how long we ourselves wait for a tool before we answer that it
	// takes longer. Nil, zero and less say that there is no such limit.
	OwnLimit func() time.Duration
	// Version is how we introduce ourselves; empty means "dev".
	Version string

	// stage is where a rehearsal takes place: a listener, and how it is dialled. Nil is a
	// loopback port.
	stage func() (l net.Listener, dial dialer, err error)
	// handshakeTime is handshakeLimit unless a test has less.
	handshakeTime time.Duration
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// handshakeLimit bounds everything before the call, and rest what is left after it.
const (
	handshakeLimit = 15 * time.Second
	rest           = 10 * time.Second
)

// Rehearser rehearses, one call at a time. Its methods are safe for concurrent use.
type Rehearser struct {
	opts Options
	slot chan struct{} // taken by the one that plays

	ctx  context.Context // ends with Close
	stop context.CancelFunc

	mu      sync.Mutex
	closed  bool
	playing sync.WaitGroup // added to under mu, and not after closed
}

// New returns a Rehearser. It holds nothing until Rehearse is called.
func New(opts Options) *Rehearser {
	r := &Rehearser{opts: opts, slot: make(chan struct{}, 1)}
	if r.opts.stage == nil {
		r.opts.stage = loopback
	}
	if r.opts.handshakeTime <= 0 {
		r.opts.handshakeTime = handshakeLimit
	}
	r.ctx, r.stop = context.WithCancel(context.Background())
	return r
}

// Scene is what is to be rehearsed.
type Scene struct {
	// Cloud is the name of one of Clouds; empty is the first.
	Cloud string
	// Endpoint is the ID of the endpoint whose place the rehearsal takes; empty sees
	// every tool.
	Endpoint string
	// Tool is the name that the endpoint sees, and Arguments a raw JSON object; empty
	// is one without members.
	Tool      string
	Arguments []byte
}

// Rehearse plays a scene and says what came of it. It returns once link and broker are
// gone again: the time of the cloud for a call and about 25 s at most, mostly far less.
// What goes wrong on the way is in the Report. The error wraps ErrBusy, ErrUnknownCloud,
// ErrClosed or that of ctx, or says that no port could be opened.
func (r *Rehearser) Rehearse(ctx context.Context, scene Scene) (Report, error) {
	cloud, known := cloudOf(scene.Cloud)
	if !known {
		return Report{}, fmt.Errorf("rehearse with %q: %w", scene.Cloud, ErrUnknownCloud)
	}
	leave, err := r.enter()
	if err != nil {
		return Report{}, fmt.Errorf("rehearse %q: %w", scene.Tool, err)
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, r.opts.handshakeTime+cloud.CallTime+rest)
	defer cancel()
	defer context.AfterFunc(r.ctx, cancel)()
	report, err := r.play(ctx, cloud, scene)
	switch {
	case r.ctx.Err() != nil:
		return Report{}, fmt.Errorf("rehearse %q: %w", scene.Tool, ErrClosed)
	case err != nil:
		return Report{}, fmt.Errorf("rehearse %q: %w", scene.Tool, err)
	}
	return report, nil
}

// Close ends the rehearsal that is going on and returns when it is over. It is
// idempotent; the error is always nil.
func (r *Rehearser) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.stop()
	r.playing.Wait()
	return nil
}

// enter takes the slot; leave gives it back.
func (r *Rehearser) enter() (leave func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, ErrClosed
	}
	select {
	case r.slot <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	r.playing.Add(1)
	return func() { <-r.slot; r.playing.Done() }, nil
}

// loopback opens a free port of this computer.
func loopback() (net.Listener, dialer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	return l, nil, err
}

package endpoint

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/secret"
)

// Timings is how long the parts of a dial took; a part that did not happen is 0.
type Timings struct {
	DNS, TCP, TLS, Upgrade time.Duration
}

// MarshalJSON writes milliseconds.
func (t Timings) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `{"dns":%v,"tcp":%v,"tls":%v,"upgrade":%v}`,
		milliseconds(t.DNS), milliseconds(t.TCP), milliseconds(t.TLS), milliseconds(t.Upgrade)), nil
}

// DialError reports a dial that did not end in a WebSocket.
type DialError struct {
	// Kind is never KindNone.
	Kind ErrorKind
	// Status is the HTTP status that answered the upgrade; 0 when none did.
	Status int
	// RetryAfter is the wait that the answer asked for; 0 when it did not.
	RetryAfter time.Duration
	// Err is the cause; its text is free of credentials.
	Err error

	clock reading
}

// Error is a sentence without credentials.
func (e *DialError) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("the endpoint answered HTTP %d %s", e.Status, http.StatusText(e.Status))
	}
	return secret.Text(e.Err.Error())
}

// Unwrap returns the cause.
func (e *DialError) Unwrap() error { return e.Err }

// writeBuffers are shared by all sockets: an idle socket holds none.
var writeBuffers sync.Pool

const (
	readBufferSize  = 512
	writeBufferSize = 16 << 10
)

// dial opens a WebSocket within o.ConnectionTimeout. The error is a *DialError.
func dial(ctx context.Context, o *Options, address secret.URL) (*websocket.Conn, *wire, Timings, error) {
	ctx, cancel := context.WithTimeout(ctx, o.ConnectionTimeout)
	defer cancel()
	var (
		times stopwatch
		w     *wire
		open  = o.DialContext
	)
	d := websocket.Dialer{
		ReadBufferSize:  readBufferSize,
		WriteBufferSize: writeBufferSize,
		WriteBufferPool: &writeBuffers,
		TLSClientConfig: o.TLS,
	}
	if open == nil {
		d.Proxy = http.ProxyFromEnvironment
		open = new(net.Dialer).DialContext
	}
	d.NetDialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := open(ctx, network, address)
		if err != nil {
			return nil, err
		}
		w = newWire(conn)
		return w, nil
	}
	// gorilla heeds a context only until the connection is up; a peer that accepts and
	// then says nothing is cut off here.
	unhook := context.AfterFunc(ctx, func() { times.cut() })
	defer unhook()

	conn, resp, err := d.DialContext(httptrace.WithClientTrace(ctx, times.trace()), strings.TrimSpace(address.Reveal()), nil)
	if err == nil && unhook() {
		w.established()
		clock := readClock(resp)
		w.clock = &clock
		return conn, w, times.stop(), nil
	}
	if err == nil { // cancelled at the last moment
		conn.Close()
		err = context.Cause(ctx)
	}
	if ctxErr := context.Cause(ctx); ctxErr != nil && !errors.Is(err, websocket.ErrBadHandshake) {
		err = ctxErr
	}
	failed := &DialError{Err: unwrapURL(err)}
	if resp != nil && errors.Is(err, websocket.ErrBadHandshake) && resp.StatusCode != http.StatusSwitchingProtocols {
		failed.Status = resp.StatusCode
		failed.Kind = statusKind(resp.StatusCode)
		failed.clock = readClock(resp)
		failed.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
		return nil, nil, Timings{}, failed
	}
	failed.Kind = classify(err)
	return nil, nil, Timings{}, failed
}

// unwrapURL drops url.Error, whose text repeats the address.
func unwrapURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// statusKind classifies the HTTP status that answered an upgrade.
func statusKind(status int) ErrorKind {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return KindAuth
	case status == http.StatusTooManyRequests:
		return KindRateLimit
	case status == http.StatusNotFound, status >= 500:
		return KindServer
	}
	return KindProtocol
}

// retryAfter reads the header in both of its forms (RFC 9110, 10.2.3); 0 when it
// says nothing useful.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(strings.TrimSpace(header)); err == nil {
		return time.Duration(min(max(seconds, 0), 1<<20)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// stopwatch times the parts of a dial. The hooks of a trace may run on several
// goroutines, but not after the dial has returned with a connection.
type stopwatch struct {
	mu                       sync.Mutex
	conn                     net.Conn // once it is up
	isCut                    bool
	dns, tcp, tls, connected time.Time
	t                        Timings
}

func (w *stopwatch) trace() *httptrace.ClientTrace {
	mark := func(at *time.Time) {
		w.mu.Lock()
		defer w.mu.Unlock()
		*at = time.Now()
	}
	took := func(from *time.Time, d *time.Duration) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.connected = time.Now()
		if !from.IsZero() {
			*d = w.connected.Sub(*from)
		}
	}
	return &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { mark(&w.dns) },
		DNSDone:           func(httptrace.DNSDoneInfo) { took(&w.dns, &w.t.DNS) },
		ConnectStart:      func(string, string) { mark(&w.tcp) },
		ConnectDone:       func(string, string, error) { took(&w.tcp, &w.t.TCP) },
		GotConn:           func(info httptrace.GotConnInfo) { w.hold(info.Conn) },
		TLSHandshakeStart: func() { mark(&w.tls) },
		TLSHandshakeDone:  func(tls.ConnectionState, error) { took(&w.tls, &w.t.TLS) },
	}
}

// hold remembers the connection, so that cut can close it.
func (w *stopwatch) hold(conn net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conn, w.connected = conn, time.Now()
	if w.isCut {
		conn.Close()
	}
}

// cut closes the connection, now or as soon as there is one.
func (w *stopwatch) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut = true
	if w.conn != nil {
		w.conn.Close()
	}
}

func (w *stopwatch) stop() Timings {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.connected.IsZero() {
		w.t.Upgrade = time.Since(w.connected)
	}
	return w.t
}

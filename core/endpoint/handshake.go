package endpoint

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// ticketWait is how long a session ticket may take: with TLS 1.3 it comes one round trip
// after the handshake.
const ticketWait = time.Second

// handshake connects as a dial does, through the same proxy, and shakes hands as far as TLS
// goes. It takes the way of the WebSocket library up to the connection, and closes that before
// an upgrade can be asked for.
func handshake(ctx context.Context, o *Options, u *url.URL) (times Timings, resumed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, o.ConnectionTimeout)
	defer cancel()
	var (
		watch   stopwatch
		reached bool
		shaken  error
	)
	trace := watch.trace()
	trace.GotConn = func(info httptrace.GotConnInfo) {
		watch.hold(info.Conn)
		if reached = true; u.Scheme == "wss" {
			resumed, shaken = shakeHands(ctx, o.TLS, info.Conn, u.Hostname(), trace)
		}
		info.Conn.Close()
	}
	d := websocket.Dialer{NetDialContext: o.DialContext}
	if d.NetDialContext == nil {
		d.NetDialContext = new(net.Dialer).DialContext
		d.Proxy = func(*http.Request) (*url.URL, error) { return proxyFor(u) }
	}
	unhook := context.AfterFunc(ctx, watch.cut)
	defer unhook()
	conn, _, err := d.DialContext(httptrace.WithClientTrace(ctx, trace), "ws://"+net.JoinHostPort(u.Hostname(), portOf(u)), nil)
	switch {
	case err == nil: // over a connection that is closed
		conn.Close()
		err = errors.New("a closed connection was upgraded")
	case reached:
		err = shaken
	}
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return Timings{}, false, err
	}
	times = watch.stop()
	times.Upgrade = 0
	return times, resumed, nil
}

// proxyFor is the proxy that a dial of this address takes.
func proxyFor(u *url.URL) (*url.URL, error) {
	scheme := "http"
	if u.Scheme == "wss" {
		scheme = "https"
	}
	return http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: scheme, Host: u.Host}})
}

// shakeHands makes a TLS handshake and reads until a session ticket is in the cache.
func shakeHands(ctx context.Context, config *tls.Config, conn net.Conn, host string, trace *httptrace.ClientTrace) (resumed bool, err error) {
	config = config.Clone()
	if config.ServerName == "" { // as a dial has it: sessions are kept by this name
		config.ServerName = host
		if strings.Contains(host, ":") {
			config.ServerName = "[" + host + "]"
		}
	}
	var box *ticketBox
	if config.ClientSessionCache != nil {
		box = &ticketBox{ClientSessionCache: config.ClientSessionCache}
		config.ClientSessionCache = box
	}
	client := tls.Client(conn, config)
	trace.TLSHandshakeStart()
	err = client.HandshakeContext(ctx)
	trace.TLSHandshakeDone(client.ConnectionState(), err)
	if err != nil {
		return false, err
	}
	if box != nil && !box.full {
		_ = conn.SetReadDeadline(time.Now().Add(ticketWait))
		box.reading = conn
		_, _ = client.Read(make([]byte, 1)) // it ends by the deadline: the server waits for a request
	}
	return client.ConnectionState().DidResume, nil
}

// ticketBox is a session cache that notices when a session comes, and then ends the
// reading for it. It is called by the goroutine that shakes hands only.
type ticketBox struct {
	tls.ClientSessionCache
	full    bool
	reading net.Conn
}

// Put keeps a session; nil forgets it.
func (b *ticketBox) Put(key string, session *tls.ClientSessionState) {
	b.ClientSessionCache.Put(key, session)
	if session == nil {
		return
	}
	b.full = true
	if b.reading != nil {
		_ = b.reading.SetReadDeadline(time.Now())
	}
}

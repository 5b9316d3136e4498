package broker

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// Serve accepts connections on l until Close is called or l fails. It closes l. The
// error is nil after Close.
func (b *Broker) Serve(l net.Listener) error { return b.serve(&gate{Listener: l, broker: b}) }

// ServeTLS is Serve over TLS. Config must hold a certificate, such as one made by
// SelfSigned; it is copied.
func (b *Broker) ServeTLS(l net.Listener, config *tls.Config) error {
	if config == nil || len(config.Certificates) == 0 && config.GetCertificate == nil && config.GetConfigForClient == nil {
		_ = l.Close()
		return errors.New("serve practice broker over TLS: the configuration holds no certificate")
	}
	config = config.Clone()
	config.NextProtos = []string{"http/1.1"}
	return b.serve(tls.NewListener(&gate{Listener: l, broker: b}, config))
}

func (b *Broker) serve(l net.Listener) error {
	server := &http.Server{
		Handler:           b,
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
		ConnState:         b.connState,
	}
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		_ = l.Close()
		return nil
	}
	b.group.Add(1)
	b.servers[server] = struct{}{}
	b.mu.Unlock()
	defer b.group.Done()

	err := server.Serve(l)

	b.mu.Lock()
	delete(b.servers, server)
	closed := b.closed
	b.mu.Unlock()
	_ = server.Close()
	if closed || errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve practice broker on %s: %w", l.Addr(), err)
}

// connState counts the goroutines that net/http starts, so that Close waits for
// them too. Serve holds the group while new ones come.
func (b *Broker) connState(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		b.group.Add(1)
	case http.StateClosed, http.StateHijacked:
		b.group.Done()
	}
}

func (b *Broker) serving() []*http.Server {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []*http.Server
	for server := range b.servers {
		out = append(out, server)
	}
	return out
}

// gate resets connections at once while the broker is down or refuses everybody.
type gate struct {
	net.Listener
	broker *Broker
}

// Accept returns the next connection that may speak.
func (g *gate) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if !g.broker.down() && !g.broker.faultOf("").Refuse {
			return conn, nil
		}
		reset(conn)
	}
}

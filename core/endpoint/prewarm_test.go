package endpoint

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/secret"
)

// secure is a practice broker behind TLS on loopback that counts what it sees.
type secure struct {
	broker   *broker.Broker
	address  string
	trust    *tls.Config // for a client; it has no session cache
	resumed  chan bool   // one for each handshake, some time after the client is done with it
	requests atomic.Int64
	dials    atomic.Int64
}

// dial counts.
func (s *secure) dial(ctx context.Context, network, address string) (net.Conn, error) {
	s.dials.Add(1)
	return new(net.Dialer).DialContext(ctx, network, address)
}

func newSecure(t *testing.T, version uint16) *secure {
	certificate, pool, err := broker.SelfSigned("127.0.0.1", "::1")
	if err != nil {
		t.Fatal(err)
	}
	s := &secure{broker: broker.New(&broker.Options{Family: broker.Official}), trust: &tls.Config{RootCAs: pool}, resumed: make(chan bool, 16)}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = "wss://" + tcp.Addr().String()
	listener := tls.NewListener(tcp, &tls.Config{
		Certificates: []tls.Certificate{certificate}, MaxVersion: version,
		VerifyConnection: func(c tls.ConnectionState) error {
			s.resumed <- c.DidResume
			return nil
		},
	})
	server := &http.Server{ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		s.broker.ServeHTTP(w, r)
	})}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Close(); s.broker.Close(); <-served })
	return s
}

func (s *secure) endpoint(agent string) Endpoint {
	return Endpoint{URL: secret.URL(s.broker.URL(s.address, agent)), Name: agent}
}

func TestPrewarmedDialResumesItsSession(t *testing.T) {
	for name, version := range map[string]uint16{"TLS 1.3": tls.VersionTLS13, "TLS 1.2": tls.VersionTLS12} {
		t.Run(name, func(t *testing.T) {
			far := newSecure(t, version)
			far.trust.ClientSessionCache = tls.NewLRUClientSessionCache(8)
			m := NewManager(newFakeTools(), &Options{TLS: far.trust, DialContext: far.dial})
			defer m.Close()
			for _, agent := range []string{"kitchen", "study"} {
				if _, err := m.AddEndpoint(far.endpoint(agent)); err != nil {
					t.Fatal(err)
				}
			}
			cold, err := m.Prewarm(t.Context())
			if err != nil || len(cold) != 2 {
				t.Fatalf("%+v %v", cold, err)
			}
			for i, label := range []string{"kitchen", "study"} {
				w := cold[i]
				if w.Label != label || w.Err != nil || w.Resumed || w.Skipped || w.Connected || w.Timings.TLS <= 0 || w.Timings.TCP <= 0 || w.Timings.Upgrade != 0 || w.Took < w.Timings.TLS {
					t.Errorf("cold: %+v", w)
				}
			}
			if dials, asked := far.dials.Load(), far.requests.Load(); dials != 1 || asked != 0 || <-far.resumed {
				t.Errorf("%d dials and %d requests for two endpoints of one host", dials, asked)
			}
			nudges, end := m.Subscribe()
			defer end()
			if err := m.Connect(); err != nil {
				t.Fatal(err)
			}
			for s := m.Status(); !s[0].Connected() || !s[1].Connected(); s = m.Status() {
				<-nudges
			}
			if first, second := <-far.resumed, <-far.resumed; !first || !second {
				t.Errorf("dials resumed: %v and %v", first, second)
			}
			warm, err := m.Prewarm(t.Context())
			if err != nil || !warm[0].Connected || warm[0].Timings.Upgrade <= 0 || warm[0].Timings != m.Status()[0].Timings {
				t.Errorf("while connected: %+v %v", warm, err)
			}
			if dials, asked := far.dials.Load(), far.requests.Load(); asked != 2 || dials != 3 {
				t.Errorf("%d requests, %d dials: a connected endpoint was dialled", asked, dials)
			}
		})
	}
}

func TestPrewarmWithoutATrustedCertificate(t *testing.T) {
	far := newSecure(t, tls.VersionTLS13)
	m := NewManager(newFakeTools(), nil)
	defer m.Close()
	if _, err := m.AddEndpoint(far.endpoint("kitchen")); err != nil {
		t.Fatal(err)
	}
	got, err := m.Prewarm(t.Context())
	var failed *DialError
	if err != nil || len(got) != 1 || !errors.As(got[0].Err, &failed) || failed.Kind != KindTLS || got[0].Timings != (Timings{}) {
		t.Errorf("%+v %v", got, err)
	}
}

func TestPrewarmWithoutACacheMeasures(t *testing.T) {
	far := newSecure(t, tls.VersionTLS13)
	m := NewManager(newFakeTools(), &Options{TLS: far.trust})
	defer m.Close()
	if _, err := m.AddEndpoint(far.endpoint("kitchen")); err != nil {
		t.Fatal(err)
	}
	if got, err := m.Prewarm(t.Context()); err != nil || got[0].Err != nil || got[0].Timings.TLS <= 0 {
		t.Errorf("%+v %v", got, err)
	}
}

// TestPrewarmDialsNobodyWhoRests is the table of who is dialled.
func TestPrewarmDialsNobodyWhoRests(t *testing.T) {
	for name, tt := range map[string]struct {
		before  func(b *bubble) error
		dials   int
		skipped bool
	}{
		"before Connect":  {func(b *bubble) error { return b.m.Disconnect() }, 1, false},
		"connected":       {func(*bubble) error { return nil }, 0, false},
		"paused":          {func(b *bubble) error { return b.m.Pause(b.id) }, 0, true},
		"disabled":        {func(b *bubble) error { return b.m.UpdateEndpoints([]Endpoint{{URL: testURL, Disabled: true}}) }, 0, true},
		"waiting":         {func(b *bubble) error { b.last().raw.Close(); return nil }, 1, false},
		"stopped":         {func(b *bubble) error { b.last().raw.Close(); synctest.Wait(); return b.m.StopReconnect(b.id) }, 0, true},
		"stopped no more": {func(b *bubble) error { return errors.Join(b.m.StopReconnect(b.id), b.m.Reconnect(b.id)) }, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, exact, func(t *testing.T, b *bubble) {
				if err := tt.before(b); err != nil {
					t.Fatal(err)
				}
				before := b.status(t)
				dials, sockets := b.dialCount(), b.count()
				got, err := b.m.Prewarm(t.Context())
				if err != nil || len(got) != 1 || got[0].ID != b.id || got[0].Err != nil || got[0].Skipped != tt.skipped || got[0].Connected != before.Connected() {
					t.Errorf("%+v %v", got, err)
				}
				if b.dialCount()-dials != tt.dials || b.count() != sockets {
					t.Errorf("%d dials and %d sockets, want %d and none", b.dialCount()-dials, b.count()-sockets, tt.dials)
				}
				if after := b.status(t); after.State != before.State || after.Serial != before.Serial || after.ReconnectAttempts != before.ReconnectAttempts {
					t.Errorf("the link changed from %v to %v", before.State, after.State)
				}
			})
		})
	}
}

func TestPrewarmKeepsErrorsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(t)
		flying, most := atomic.Int64{}, atomic.Int64{}
		dial := func(ctx context.Context, network, address string) (net.Conn, error) {
			most.Store(max(most.Load(), flying.Add(1)))
			defer flying.Add(-1)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			switch address {
			case "bad.test:80":
				return nil, syscall.ECONNREFUSED
			case "mute.test:80":
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return p.dial(ctx, network, address)
		}
		m := NewManager(newFakeTools(), &Options{DialContext: dial})
		defer m.Close()
		for _, host := range []string{"good.test", "bad.test", "mute.test", "good.test:8004"} {
			for i := range 3 {
				if _, err := m.AddEndpoint(Endpoint{URL: secret.URL(fmt.Sprintf("ws://%s/mcp/?token=secret-%d", host, i)), Name: host}); err != nil {
					t.Fatal(err)
				}
			}
		}
		start := time.Now()
		got, err := m.Prewarm(t.Context())
		if err != nil || len(got) != 12 || time.Since(start) != DefaultConnectionTimeout || most.Load() != 4 {
			t.Fatalf("%+v %v after %v, %d dials at once", got, err, time.Since(start), most.Load())
		}
		want := map[string]ErrorKind{"bad.test": KindRefused, "mute.test": KindTimeout}
		for _, w := range got {
			if kind := classify(w.Err); kind != want[w.Label] || w.Took < time.Second {
				t.Errorf("%s: %v after %v", w.Label, w.Err, w.Took)
			}
		}
		if p.count() != 0 {
			t.Error("a prewarm opened a WebSocket")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if got, err = m.Prewarm(ctx); !errors.Is(err, context.DeadlineExceeded) || len(got) != 12 || got[0].Err != nil || got[6].Err == nil {
			t.Errorf("cut short: %+v %v", got, err)
		}
		m.Close()
		if _, err := m.Prewarm(t.Context()); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestHandshakeAsksForNothing(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	o := (&Options{DialContext: func(context.Context, string, string) (net.Conn, error) { return near, nil }}).filled()
	u, err := url.Parse("ws://peer.test")
	if err != nil {
		t.Fatal(err)
	}
	sent := make(chan []byte, 1)
	go func() { all, _ := io.ReadAll(far); sent <- all }()
	if _, _, err := handshake(t.Context(), o, u); err != nil {
		t.Error(err)
	}
	if all := <-sent; len(all) != 0 {
		t.Errorf("%q was sent", all)
	}
}

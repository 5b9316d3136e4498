package endpoint

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"sync"
	"time"

	"xiaozhi-switchboard/core/secret"
)

// Warmed is how the preparation of one endpoint went.
type Warmed struct {
	// ID is the endpoint's, and Label what it is called.
	ID, Label string
	// Skipped: its link is paused, disabled or stopped by the user, so nothing was dialled.
	Skipped bool
	// Connected: its link is up, so nothing was dialled; Timings are those of its dial.
	Connected bool
	// Resumed: the handshake resumed a session that was known before.
	Resumed bool
	// Timings are how long the parts took. Upgrade is always that of the last dial that
	// came up, since none is made here; 0 when there was none. Through a proxy, DNS and TCP are the
	// way to the proxy.
	Timings Timings
	// Took is how long all of it took, the wait for a dial slot included.
	Took time.Duration
	// Err is a *DialError, or nil.
	Err error
}

// Prewarm prepares every endpoint that is not connected for its next dial: it resolves the
// name, connects and, with wss, makes a TLS handshake, so that the dial can resume the
// session. Then it closes the connection: no address is requested and no token sent,
// so no link is taken over. Endpoints at one host share one handshake. What the user
// paused, disabled or stopped is not dialled; a manager before Connect is.
//
// It returns one Warmed for each endpoint, in their order, when the last is done, within
// about Options.ConnectionTimeout and the wait for dial slots. The error is ErrClosed, or
// that of ctx with what was done until then. Options.TLS needs a ClientSessionCache, as
// it has by default, or else the handshake is only measured. It may be called
// concurrently with everything.
func (m *Manager) Prewarm(ctx context.Context) ([]Warmed, error) {
	m.mu.Lock()
	order, closed := append([]string(nil), m.order...), m.closed
	m.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	var (
		all   []Warmed
		hosts = make(map[string][]int) // by address without its secrets: indices of all
	)
	for _, id := range order {
		err := m.one(id, func(l *link, _ time.Time) {
			w := Warmed{ID: id, Label: l.status.Label(), Connected: l.socket != nil, Timings: l.status.Timings}
			w.Skipped = l.endpoint.Disabled || l.held || l.status.stopped()
			if !w.Connected && !w.Skipped {
				host := hostOf(l.endpoint.URL)
				hosts[host] = append(hosts[host], len(all))
				w.Timings = Timings{Upgrade: w.Timings.Upgrade}
			}
			all = append(all, w)
		})
		if err != nil {
			continue // removed meanwhile
		}
	}
	var running sync.WaitGroup
	for host, indices := range hosts {
		running.Go(func() {
			got := m.warm(ctx, host)
			for _, i := range indices {
				w := &all[i] // nobody else's
				got.Timings.Upgrade = w.Timings.Upgrade
				w.Resumed, w.Timings, w.Took, w.Err = got.Resumed, got.Timings, got.Took, got.Err
			}
		})
	}
	running.Wait()
	return all, context.Cause(ctx)
}

// warm prepares one host.
func (m *Manager) warm(ctx context.Context, host string) (w Warmed) {
	start := time.Now()
	defer func() { w.Took = time.Since(start) }()
	u, _ := url.Parse(host) // hostOf made it
	release, err := m.slots.acquire(ctx, strings.ToLower(u.Host))
	if err == nil {
		defer release()
		w.Timings, w.Resumed, err = handshake(ctx, m.opts.Load(), u)
	}
	if err != nil {
		w.Err = &DialError{Kind: classify(err), Err: unwrapURL(err)}
		m.log.Info("prewarm failed", "host", u.Host, "kind", classify(err), "reason", w.Err)
	}
	return w
}

// hostOf is an address without its path, its token and whatever else is not needed to connect.
func hostOf(address secret.URL) string {
	u, err := url.Parse(strings.TrimSpace(address.Reveal()))
	if err != nil { // Identify let it pass, so this cannot be
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
}

// portOf is the port of an address, given or implied.
func portOf(u *url.URL) string {
	implied := "80"
	if u.Scheme == "wss" {
		implied = "443"
	}
	return cmp.Or(u.Port(), implied)
}

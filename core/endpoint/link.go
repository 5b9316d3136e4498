package endpoint

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/retry"
	"xiaozhi-switchboard/core/tally"
)

// link keeps one endpoint connected. Its loop owns every field under "owned by
// the loop"; others post it a function or read its snapshot.
type link struct {
	id       string
	options  func() *Options
	tools    Tools
	slots    *slots
	ledger   *ledger
	changed  func()                       // rings the manager's bell
	told     func(from State, now Status) // of changes of state; nil is told nothing
	log      *slog.Logger
	quit     chan struct{} // closed by end; a context per link would cost half a KiB
	quitting sync.Once
	msgs     chan func(now time.Time)
	after    <-chan struct{} // closed when an earlier link to the same endpoint has ended; may be nil
	done     chan struct{}
	slot     int            // of its pings
	phase    float64        // where that is within the interval
	tasks    sync.WaitGroup // readers, dials, calls

	gauge      balance.Gauge
	member     *balance.Member                 // stands for this link in the manager's choice
	offers     atomic.Pointer[offers]          // of a link in the call role; nil when it never listed
	offered    func()                          // tells the manager that offers changed
	took       atomic.Pointer[tally.Histogram] // of tool calls, in both roles; nil before the first
	requests   atomic.Uint64
	successes  atomic.Uint64
	callCount  atomic.Uint64
	callErrors atomic.Uint64
	counts     linkCounts
	publishing atomic.Bool // a changed tool list waits for the calls in flight
	snapshot   atomic.Pointer[Status]
	current    atomic.Pointer[socket]

	// Owned by the loop.
	status       Status // the part of the snapshot that the loop knows
	endpoint     Endpoint
	running      bool // the manager is connected
	held         bool // paused for the moment, whatever the configuration says
	socket       *socket
	stopDial     context.CancelFunc
	dialSerial   uint64
	dialedAt     time.Time
	retryAt      time.Time
	wokenAt      time.Time
	stableAt     time.Time // when a socket that lives on counts as stable
	stable       bool
	silentAt     time.Time // when a socket after an unclean drop must have spoken
	publishAt    time.Time
	publications *publications // nil while no list had to be published
	unclean      bool          // the last socket was lost uncleanly
	probe        probe
	recent       retry.Outcomes
	takeovers    takeovers
	watch        watch
}

func (l *link) run() {
	defer close(l.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for shown := false; ; {
		if !shown {
			l.publish()
		}
		if next := l.deadline(); next.IsZero() {
			timer.Stop()
		} else {
			timer.Reset(time.Until(next))
		}
		select {
		case <-l.quit:
			l.leave()
			return
		case f := <-l.msgs:
			f(time.Now())
			shown = false
		case <-timer.C:
			shown = !l.tick(time.Now())
		}
	}
}

// end tells the link to close its socket and stop; done is closed when it has.
func (l *link) end() { l.quitting.Do(func() { close(l.quit) }) }

// post runs f on the loop. It reports false when the link has ended.
func (l *link) post(f func(now time.Time)) bool {
	select {
	case l.msgs <- f:
		return true
	case <-l.quit:
		return false
	}
}

// deadline is the earliest of all that the loop waits for; zero for nothing.
func (l *link) deadline() time.Time {
	var next time.Time
	for _, t := range [...]time.Time{l.retryAt, l.stableAt, l.silentAt, l.publishAt, l.probe.deadline(), l.watch.next} {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	return next
}

// tick does what is due. It reports whether there is anything to show of that: a ping is
// shown with its answer, since links do little else most of the time.
func (l *link) tick(now time.Time) (show bool) {
	due := func(t *time.Time) bool {
		if t.IsZero() || now.Before(*t) {
			return false
		}
		*t = time.Time{}
		show = true
		return true
	}
	due(&l.watch.next)
	if due(&l.retryAt) {
		l.dial(now)
	}
	if due(&l.stableAt) {
		l.checkStable(now)
	}
	if due(&l.silentAt) && l.socket != nil && l.socket.messages.Load() == 0 {
		l.log.Info("link is silent after an unclean drop, dialling once more", "endpoint", l.id)
		l.redial(now)
	}
	if due(&l.publishAt) && l.socket != nil {
		l.publishTools(now)
	}
	return l.socket == nil || !l.check(now) || show
}

// dial starts a dial, closing the old socket first.
func (l *link) dial(now time.Time) {
	l.enter(Dialing, now)
	l.retryAt = time.Time{}
	l.dialSerial++
	l.dialedAt = now
	ctx, cancel := context.WithCancel(context.Background()) // leave cancels it
	l.stopDial = cancel
	serial, address, host, old := l.dialSerial, l.endpoint.URL, l.status.Host, l.current.Load()
	l.tasks.Go(func() {
		defer cancel()
		if l.after != nil {
			<-l.after
		}
		clean := old == nil || old.shut(websocket.CloseNormalClosure, "")
		release, err := l.slots.acquire(ctx, host)
		if err != nil {
			return // the link went, or was told to do something else
		}
		conn, w, times, err := dial(ctx, l.options(), address)
		release()
		if !l.post(func(now time.Time) { l.dialed(now, serial, clean, conn, w, times, err) }) && w != nil {
			w.Conn.Close()
		}
	})
}

func (l *link) dialed(now time.Time, serial uint64, clean bool, conn *websocket.Conn, w *wire, times Timings, err error) {
	l.unclean = l.unclean || !clean
	if serial == l.dialSerial {
		l.stopDial = nil // it holds on to what the dial used
	}
	if serial != l.dialSerial || l.status.State != Dialing {
		if w != nil {
			w.Conn.Close()
		}
		return
	}
	if l.status.Sockets > 0 || l.status.ReconnectAttempts > 0 {
		l.status.LastReconnectAttempt = l.dialedAt
	}
	l.gauge.Outcome(err == nil, now)
	l.watch.clock.add(clockOf(w, err))
	l.countDial(now, err == nil)
	l.recent = l.recent.Add(err == nil)
	if err != nil {
		f := failureOf(err)
		l.remember(now, f)
		l.fail(now, f)
		return
	}
	l.remember(now, failure{})
	l.gauge.RoundTrip(times.Upgrade)
	l.status.Timings = times
	l.status.LastConnected = now
	l.status.Sockets++
	l.status.Serial++
	l.socket = newSocket(l, conn, w, l.status.Serial)
	l.current.Store(l.socket)
	l.stable, l.stableAt = false, now.Add(stableAfter)
	if l.unclean && l.status.Role == RoleServe {
		l.silentAt = now.Add(silenceAllowed)
	}
	l.unclean = false
	l.startProbe(now)
	l.enter(Open, now)
	l.tasks.Go(l.socket.run)
	if l.socket.caller != nil {
		l.tasks.Go(l.socket.caller.run)
	}
}

func (l *link) ready(now time.Time, s *socket) {
	if s == l.socket && l.status.State == Open {
		l.enter(Ready, now)
	}
}

// checkStable is called stableAfter a socket came up. A socket is proven alive by
// a request or a pong; without either, its next pong is waited for.
func (l *link) checkStable(now time.Time) {
	switch {
	case l.socket == nil:
	case l.status.State == Ready, l.socket.lastFrame.Load() > 0:
		l.stable = true
		l.status.ReconnectAttempts = 0
		l.clearFailure()
	default:
		l.stableAt = now.Add(stableAfter)
	}
}

// redial closes the socket cleanly and dials, without counting a failure.
func (l *link) redial(now time.Time) {
	if l.socket != nil {
		l.detach()
	}
	l.cancelDial()
	l.dial(now)
}

// detach forgets the socket, which from then on cannot change the link's state.
func (l *link) detach() *socket {
	s := l.socket
	l.socket = nil
	l.status.Missing, l.status.NoTools = MissingNothing, ""
	l.stable = false
	l.publishing.Store(false)
	l.stableAt, l.silentAt, l.publishAt = time.Time{}, time.Time{}, time.Time{}
	l.probe.stop()
	l.gauge.ForgetRoundTrip()
	in, out := s.wire.in.Load(), s.wire.out.Load()
	l.status.BytesIn += in
	l.status.BytesOut += out
	return s
}

func (l *link) cancelDial() {
	l.dialSerial++ // what the dial returns is no longer wanted
	if l.stopDial != nil {
		l.stopDial()
	}
}

// leave ends the link: it closes the socket cleanly and waits for all goroutines.
func (l *link) leave() {
	l.rest(time.Now())
	l.tasks.Wait()
	l.publish()
}

// rest closes the socket cleanly, forgets what was due and enters Paused.
func (l *link) rest(now time.Time) {
	l.cancelDial()
	l.retryAt = time.Time{}
	if l.socket != nil {
		s := l.detach()
		l.tasks.Go(func() { s.shut(websocket.CloseNormalClosure, "") })
	}
	l.status.ReconnectDelay, l.status.ReconnectAttempts = 0, 0
	l.clearFailure()
	if l.offers.Swap(nil) != nil {
		l.offered()
	}
	l.enter(Paused, now)
}

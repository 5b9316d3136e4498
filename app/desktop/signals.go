package desktop

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Kind is what a Signal tells.
type Kind uint8

const (
	// NetworkChanged: there are other addresses than before.
	NetworkChanged Kind = iota
	// NetworkBack: there is an address again after there was none.
	NetworkBack
	// WokeUp: the computer slept, or this program was frozen.
	WokeUp
)

var kindNames = [...]string{"network changed", "network back", "woke up"}

// String returns the name in lower case.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// MarshalText returns the name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Signal tells that connections made before it may be dead, and that what could not be
// reached before it may be reachable now.
type Signal struct {
	Kind Kind
	// At is when it was noticed.
	At time.Time
	// Slept is for how long the computer slept or the program was frozen; 0 unless Kind is WokeUp.
	Slept time.Duration
}

const (
	// tick is how often the clocks are read: a wake-up is noticed that late at most. Two
	// readings cost under a microsecond.
	tick = 5 * time.Second
	// lookEvery is how often the addresses are looked at although the system reported
	// nothing, in case it forgot to. A look costs tens of microseconds for each interface.
	// Where the system reports nothing at all, they are looked at every tick.
	lookEvery = 30 * time.Second
	// lookRest is between two looks at least, however much the system reports.
	lookRest = 200 * time.Millisecond
)

// Watch calls f when the network came back or changed, or the computer woke up, until
// ctx ends; it returns when its last goroutine has. The state at the start is no signal.
// Changes are told once the addresses have rested for a second, and after five at the latest.
// F is called from Watch's goroutine, one call at a time, and should return soon. Log
// may be nil. Several Watches may run at once.
//
// Linux (rtnetlink), macOS (routing socket) and Windows (IP helper) report changes of
// interfaces and addresses; Watch only takes that as a hint to look. Elsewhere it looks every
// five seconds. Sleep is measured by two clocks of the system, of which one goes on in sleep,
// so setting the wall clock is not taken for sleep; on other systems than these three it
// is when it is set forward. Sleep under ten seconds is not told.
func Watch(ctx context.Context, log *slog.Logger, f func(Signal)) {
	w := newWatcher(log)
	w.begin(time.Now())
	w.run(ctx, f)
}

// watcher is one Watch. Its loop owns all that changes.
type watcher struct {
	log *slog.Logger
	// The system: tests give it another.
	listen    func(ctx context.Context, hint func()) error // calls hint when a look is due; an error means that it cannot tell
	addresses func() (string, error)
	asleep    func() time.Duration // since some moment, counted on

	network  network
	naps     naps
	every    time.Duration // between looks without a hint
	tickAt   time.Time
	lookAt   time.Time
	lookedAt time.Time
}

func newWatcher(log *slog.Logger) *watcher {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &watcher{log: log, listen: listen, addresses: addresses, asleep: asleep, every: lookEvery}
}

// begin takes the state that later ones are compared with.
func (w *watcher) begin(now time.Time) {
	w.naps = naps{at: now, asleep: w.asleep()}
	w.look(now)
	w.network = network{seen: w.network.seen}
	w.tickAt = now.Add(tick)
}

func (w *watcher) run(ctx context.Context, f func(Signal)) {
	hints := make(chan struct{}, 1)
	deaf := make(chan struct{})
	var listening sync.WaitGroup
	defer listening.Wait()
	listening.Go(func() {
		err := w.listen(ctx, func() {
			select {
			case hints <- struct{}{}:
			default:
			}
		})
		if err != nil {
			w.log.Info("the system does not report network changes, looking for them instead", "every", tick, "error", err)
			close(deaf)
		}
	})
	timer := time.NewTimer(tick)
	defer timer.Stop()
	for {
		timer.Reset(time.Until(w.deadline()))
		select {
		case <-ctx.Done():
			return
		case <-hints:
			w.hint()
		case <-deaf:
			deaf, w.every = nil, tick
		case <-timer.C:
		}
		for _, s := range w.turn(time.Now()) {
			f(s)
			w.naps.at = time.Now() // the time that f took is no sleep
		}
	}
}

// hint asks for a look as soon as one may be taken.
func (w *watcher) hint() {
	if soon := w.lookedAt.Add(lookRest); soon.Before(w.lookAt) {
		w.lookAt = soon
	}
}

// deadline is when turn wants to be called next.
func (w *watcher) deadline() time.Time {
	next := w.tickAt
	for _, at := range [...]time.Time{w.lookAt, w.network.restAt} {
		if !at.IsZero() && at.Before(next) {
			next = at
		}
	}
	return next
}

// turn does what is due and returns what is to be told.
func (w *watcher) turn(now time.Time) []Signal {
	var told []Signal
	slept, woke := w.naps.read(now, w.asleep())
	if woke {
		told = append(told, Signal{Kind: WokeUp, At: now, Slept: slept})
	}
	if woke || !now.Before(w.lookAt) {
		w.look(now)
	}
	if kind, ok := w.network.rest(now); ok {
		told = append(told, Signal{Kind: kind, At: now})
	}
	w.tickAt = now.Add(tick)
	return told
}

func (w *watcher) look(now time.Time) {
	w.lookedAt, w.lookAt = now, now.Add(w.every)
	seen, err := w.addresses()
	if err != nil {
		w.log.Debug("cannot list the network interfaces", "error", err)
		return
	}
	w.network.look(now, seen)
}

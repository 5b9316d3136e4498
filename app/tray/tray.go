package tray

import (
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

const (
	// pace is the least time between two pushes to the host.
	pace = 500 * time.Millisecond
	// openTime is how long a menu that was opened is left in its shape. Systems tell
	// when a menu opens and not when it closes.
	openTime = 8 * time.Second
	// clicksKept is how many clicks may wait to be taken.
	clicksKept = 16
	// patience is how long the end waits for a toolkit that hangs.
	patience = time.Second
)

// Options are the ways of a Tray.
type Options struct {
	// Log receives one line per trouble; nil discards.
	Log *slog.Logger
	// ID names the program to hosts, the same in each run.
	ID string
	// First is what is shown first.
	First Model
	// Tap is what a click on the icon itself asks for, where the system tells such
	// clicks from those that open the menu.
	Tap Action
}

// Tray is one icon. Set, Actions and Close may be used from any goroutine.
type Tray struct {
	log     *slog.Logger
	surface surface
	actions chan Action
	wake    chan struct{} // a nudge: there is a new model
	opened  <-chan struct{}
	ready   chan struct{} // closed when the toolkit is
	built   chan struct{} // closed when the first menu stands, or never will
	stop    chan struct{} // closed by Close
	done    chan struct{} // closed when the adapter is gone
	ended   chan struct{} // closed when the toolkit has returned
	given   chan struct{} // closed when Close has ended
	closing sync.Once
	once    sync.Once // ready

	mu      sync.Mutex
	model   *Model
	running bool
	closed  bool

	// What follows belongs to the adapter's goroutine.
	shown  *Model
	rows   []shownRow
	broken bool // the toolkit failed; nothing is asked of it any more
}

// shownRow is a row on the surface.
type shownRow struct {
	row   Row
	entry entry // nil for a line
	do    *clickTarget
	rows  []shownRow
}

// New returns a tray that is shown by Run. Only one can be shown in a process.
func New(opts Options) *Tray {
	t := newTray(opts)
	t.surface = newSurface(&opts, t.offer)
	t.opened = menuOpened()
	return t
}

func newTray(opts Options) *Tray {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &Tray{
		log: opts.Log, model: &opts.First, actions: make(chan Action, clicksKept), wake: make(chan struct{}, 1),
		ready: make(chan struct{}), built: make(chan struct{}), stop: make(chan struct{}),
		done: make(chan struct{}), ended: make(chan struct{}), given: make(chan struct{}),
	}
}

// Set shows a model, soon. Models that come faster than they can be shown are passed
// over; after Close nothing is shown any more.
func (t *Tray) Set(m Model) {
	t.mu.Lock()
	t.model = &m
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default: // a nudge is waiting already
	}
}

// Actions returns the channel of clicks. It is never closed. Clicks that nobody takes
// are dropped when more than a few wait.
func (t *Tray) Actions() <-chan Action { return t.actions }

// Run shows the icon and returns after Close, or when the system ends it: then the
// program should end too. It must be called once, on the main goroutine of the process,
// which systems want for their menus. An error means that there is no icon and the
// program may go on without.
func (t *Tray) Run() error {
	t.mu.Lock()
	closed, first := t.closed, t.model
	t.running = !closed
	t.mu.Unlock()
	if closed {
		return nil
	}
	go t.adapt()
	if mainThread {
		return t.run(first)
	}
	ran := make(chan error, 1)
	go func() { ran <- t.run(first) }()
	select {
	case err := <-ran:
		return err
	case <-t.given: // a toolkit that hangs, with its bus, is left behind
		return nil
	}
}

// mainThread says whether the system wants its menus there.
const mainThread = runtime.GOOS == "windows" || runtime.GOOS == "darwin"

// run runs the toolkit.
func (t *Tray) run(first *Model) (err error) {
	defer close(t.ended)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the tray icon failed: %v", p)
			t.log.Debug("tray panicked", "panic", p, "stack", string(debug.Stack()))
		}
		select {
		case <-t.stop: // what breaks at the end is of no interest
			err = nil
		default:
		}
	}()
	t.surface.Run(first, func() {
		t.once.Do(func() { close(t.ready) })
		select {
		case <-t.built:
		case <-t.ended:
		case <-time.After(patience):
		}
	})
	return nil
}

// Close takes the icon away and returns when it is gone, or after about two seconds.
// It is idempotent.
func (t *Tray) Close() {
	t.mu.Lock()
	t.closed = true
	running := t.running
	t.mu.Unlock()
	if !running {
		return
	}
	t.closing.Do(func() {
		// A toolkit that is starting up does not hear that it should quit.
		wait(t.ready, t.ended)
		close(t.stop)
		wait(t.done, nil)
		t.quit()
		wait(t.ended, nil)
		close(t.given)
	})
}

// wait returns when a or b is closed, or patience is over.
func wait(a, b <-chan struct{}) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-a:
	case <-b:
	case <-timer.C:
	}
}

func (t *Tray) quit() {
	defer func() {
		if p := recover(); p != nil {
			t.log.Debug("tray panicked while it quit", "panic", p)
		}
	}()
	t.surface.Quit()
}

// offer hands a click on; nothing waits for whoever takes it.
func (t *Tray) offer(a Action) {
	if a == (Action{}) {
		return
	}
	select {
	case t.actions <- a:
	default:
		t.log.Warn("a click in the tray menu was dropped, because earlier ones are not done yet", "verb", string(a.Verb))
	}
}

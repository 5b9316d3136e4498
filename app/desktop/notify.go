package desktop

import (
	"context"
	"errors"
	"log/slog"
	"sync"
)

// Note is one notification.
type Note struct {
	Title, Body string
	// URL is opened by a click, where the system tells of clicks.
	URL string
}

// ErrNoNotifications means that nothing here shows notifications.
var ErrNoNotifications = errors.New("nothing here shows notifications")

// notesKept is how many notes may wait to be shown.
const notesKept = 8

// Notifier shows notifications, one after the other. Its methods are safe for
// concurrent use.
type Notifier struct {
	log   *slog.Logger
	queue chan Note
	ctx   context.Context // ends with Close
	stop  context.CancelFunc
	done  sync.WaitGroup
}

// NewNotifier returns a notifier that works until Close. App names the program to the
// system. Open is called with the URL of a note that was clicked, on a goroutine of
// its own. Log receives one line for each note that cannot be shown; nil discards.
func NewNotifier(app string, open func(url string), log *slog.Logger) *Notifier {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	n := &Notifier{log: log, queue: make(chan Note, notesKept)}
	n.ctx, n.stop = context.WithCancel(context.Background())
	n.done.Go(func() { n.run(newBubbles(app, open)) })
	return n
}

// Show shows one note and returns when the system has taken it, for a program that is
// about to end. App names the program.
func Show(ctx context.Context, app string, note Note) error {
	b := newBubbles(app, func(string) {})
	defer b.close()
	return b.show(ctx, note)
}

// Send shows a note soon; it never waits. Notes that come faster than the system takes
// them are dropped when more than a few wait.
func (n *Notifier) Send(note Note) {
	select {
	case n.queue <- note:
	default:
		n.log.Warn("a notification was dropped", "title", note.Title)
	}
}

// Close ends the notifier; notes that wait are not shown. It is idempotent.
func (n *Notifier) Close() {
	n.stop()
	n.done.Wait()
}

func (n *Notifier) run(b bubbles) {
	defer b.close()
	for {
		select {
		case <-n.ctx.Done():
			return
		case note := <-n.queue:
			if err := b.show(n.ctx, note); err != nil && n.ctx.Err() == nil {
				n.log.Info("a notification could not be shown", "title", note.Title, "reason", err)
			}
		}
	}
}

// bubbles is the system's way of showing notes. It belongs to one goroutine.
type bubbles interface {
	show(ctx context.Context, n Note) error
	close()
}

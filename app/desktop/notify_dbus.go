//go:build unix && !darwin

package desktop

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	notesName = "org.freedesktop.Notifications"
	notesPath = "/org/freedesktop/Notifications"
	// showTime is how long the service may take for one note.
	showTime = 2 * time.Second
	// linksKept is how many notes may still be clicked.
	linksKept = 32
)

// busBubbles speaks to the notification service of the desktop, by
// https://specifications.freedesktop.org/notification-spec/latest/. The connection is
// made for the first note, and anew when it was lost.
type busBubbles struct {
	app  string
	open func(string)
	conn *dbus.Conn
	done sync.WaitGroup // the listener

	mu    sync.Mutex
	links map[uint32]string // by note
	order []uint32
}

func newBubbles(app string, open func(string)) bubbles {
	return &busBubbles{app: app, open: open, links: make(map[uint32]string)}
}

func (b *busBubbles) close() {
	if b.conn != nil {
		b.conn.Close()
		b.conn = nil
	}
	b.done.Wait()
}

// connect goes by the address in the environment, which the tray completes: asking the
// library to find a bus might start one.
func (b *busBubbles) connect(ctx context.Context) error {
	if b.conn != nil && b.conn.Connected() {
		return nil
	}
	b.close()
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if address == "" || address == "autolaunch:" {
		return ErrNoNotifications
	}
	ctx, cancel := context.WithCancel(ctx)
	timer := time.AfterFunc(showTime, cancel)
	conn, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err == nil && !timer.Stop() {
		err = context.DeadlineExceeded
	}
	if err != nil {
		cancel()
		return fmt.Errorf("connect to the session bus: %w", err)
	}
	context.AfterFunc(conn.Context(), cancel)
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	conn.AddMatchSignal(dbus.WithMatchInterface(notesName), dbus.WithMatchMember("ActionInvoked")) // without it, no clicks
	b.conn = conn
	b.done.Go(func() {
		for s := range signals {
			if s.Name == notesName+".ActionInvoked" && len(s.Body) > 0 {
				id, _ := s.Body[0].(uint32)
				b.clicked(id)
			}
		}
	})
	return nil
}

// show implements bubbles. The body is escaped, since some services read it as markup.
func (b *busBubbles) show(ctx context.Context, n Note) error {
	if err := b.connect(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, showTime)
	defer cancel()
	var actions []string
	if n.URL != "" {
		actions = []string{"default", ""}
	}
	var id uint32
	err := b.conn.Object(notesName, notesPath).CallWithContext(ctx, notesName+".Notify", 0, b.app, uint32(0), "",
		n.Title, markup.Replace(n.Body), actions, map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant(autostartID)}, int32(-1)).Store(&id)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoNotifications, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if n.URL != "" {
		b.links[id] = n.URL
		b.order = append(b.order, id)
		if len(b.order) > linksKept {
			delete(b.links, b.order[0])
			b.order = b.order[1:]
		}
	}
	return nil
}

// clicked opens what a note is about. Notes of other programs are not ours.
func (b *busBubbles) clicked(id uint32) {
	b.mu.Lock()
	url := b.links[id]
	delete(b.links, id)
	b.mu.Unlock()
	if url != "" {
		go b.open(url)
	}
}

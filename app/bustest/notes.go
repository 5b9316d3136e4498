//go:build unix

package bustest

import (
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"
)

const notifications = "org.freedesktop.Notifications"

// Note is one notification.
type Note struct {
	ID, Replaces uint32
	Title, Body  string
	Actions      []string
	Sender       string
}

// Notes is a service that catches notifications.
type Notes struct {
	conn *dbus.Conn

	mu   sync.Mutex
	last uint32
	list []Note
}

// NewNotes puts the service on the bus.
func (b *Bus) NewNotes() *Notes {
	b.tb.Helper()
	n := &Notes{conn: b.Connect()}
	if err := n.conn.Export(catcher{n}, "/org/freedesktop/Notifications", notifications); err != nil {
		b.tb.Fatal(err)
	}
	own(b.tb, n.conn, notifications)
	return n
}

// List returns what was caught so far.
func (n *Notes) List() []Note {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.list)
}

// Invoke clicks an action of a notification.
func (n *Notes) Invoke(note Note, action string) error {
	return n.conn.Emit("/org/freedesktop/Notifications", notifications+".ActionInvoked", note.ID, action)
}

type catcher struct{ n *Notes }

// Notify takes a notification.
func (c catcher) Notify(app string, replaces uint32, icon, title, body string, actions []string, hints map[string]dbus.Variant, expire int32, sender dbus.Sender) (uint32, *dbus.Error) {
	c.n.mu.Lock()
	defer c.n.mu.Unlock()
	c.n.last++
	c.n.list = append(c.n.list, Note{ID: c.n.last, Replaces: replaces, Title: title, Body: body, Actions: actions, Sender: string(sender)})
	return c.n.last, nil
}

// GetCapabilities says what is shown.
func (c catcher) GetCapabilities() ([]string, *dbus.Error) { return []string{"actions", "body"}, nil }

// CloseNotification takes one away.
func (c catcher) CloseNotification(uint32) *dbus.Error { return nil }

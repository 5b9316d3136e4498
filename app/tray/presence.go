package tray

import (
	"errors"
	"fmt"
)

// ErrNoSession means that there is no desktop to show an icon on: the program was
// started on a server, by a service, or over a remote shell.
var ErrNoSession = errors.New("there is no desktop session")

// ErrNotBuilt means that this build of the program has no tray.
var ErrNotBuilt = errors.New("this build has no tray icon")

// Presence says whether the icon can be seen.
type Presence uint8

const (
	// Shown: there is a host that shows icons.
	Shown Presence = iota
	// NoHost: nothing shows icons at present, as on GNOME without its AppIndicator
	// extension. The icon appears when a host comes.
	NoHost
	// Lost: the session bus is gone, and the icon with it.
	Lost
)

var presenceNames = [...]string{"shown", "nohost", "lost"}

// String returns the lower-case name.
func (p Presence) String() string {
	if int(p) < len(presenceNames) {
		return presenceNames[p]
	}
	return fmt.Sprintf("presence(%d)", uint8(p))
}

// MarshalText returns the name.
func (p Presence) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

//go:build windows || darwin

package tray

import "context"

// Available returns nil if there can be a tray icon, and otherwise why not; the error
// wraps ErrNoSession or ErrNotBuilt.
func Available() error {
	if !built {
		return ErrNotBuilt
	}
	return nil
}

// Watch reports whether the icon can be seen: these systems always show it.
func Watch(_ context.Context, report func(Presence)) { report(Shown) }

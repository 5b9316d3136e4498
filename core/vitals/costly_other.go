//go:build !darwin || cgo

package vitals

import "time"

const (
	// ownEvery is how often our memory is read: each time.
	ownEvery = 0
	// systemEvery is how often that of the computer is. It changes slowly, and each look costs
	// an idle program more than the health checks of ten links do.
	systemEvery = 15 * time.Second
)

//go:build !cgo

package vitals

import "time"

const (
	// ownEvery is how often our memory is read, and systemEvery how often that of the computer
	// is. Without cgo each starts a program (ps, vm_stat), which takes more than all the rest
	// of the Monitor.
	ownEvery    = time.Minute
	systemEvery = time.Minute
)

package vitals

import (
	"fmt"
	"time"
)

// Routine is what the Monitor can do about a reading.
type Routine uint8

const (
	// Compaction drops what can be done without and returns memory to the system.
	Compaction Routine = iota
	// MemoryLimit sets the soft limit of the Go runtime.
	MemoryLimit
	// Stretching changes by how much work that can wait is spaced out.
	Stretching
)

var routineNames = [...]string{"compaction", "memory_limit", "stretching"}

// String returns the lower-case name.
func (r Routine) String() string { return name(routineNames[:], "routine", int(r)) }

// MarshalText returns the name.
func (r Routine) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Reason is why a routine ran; see the package documentation for what each means.
type Reason uint8

const (
	// ByHand is somebody who asked for it.
	ByHand Reason = iota
	// Waste is heap that was held for nothing.
	Waste
	// Growth of our own memory. It need not be a leak: for that see Alarm.
	Growth
	// Pressure is little memory left on the computer.
	Pressure
	// Relief is the end of Pressure.
	Relief
	// Start is that of the Monitor.
	Start
	// Busy processors.
	Busy
	// Calm is the end of Busy.
	Calm
)

var reasonNames = [...]string{"by_hand", "waste", "growth", "pressure", "relief", "start", "busy", "calm"}

// String returns the lower-case name.
func (r Reason) String() string { return name(reasonNames[:], "reason", int(r)) }

// MarshalText returns the name.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

func name(names []string, kind string, n int) string {
	if n < len(names) {
		return names[n]
	}
	return fmt.Sprintf("%s(%d)", kind, n)
}

// runsKept runs take some 6 KiB.
const runsKept = 50

// Run is one run of a routine.
type Run struct {
	// At is when it began.
	At      time.Time `json:"at"`
	Routine Routine   `json:"routine"`
	Reason  Reason    `json:"reason"`
	// Before and After are our memory then; they are the same where the routine does not
	// touch it.
	Before Memory `json:"before"`
	After  Memory `json:"after"`
	// From and To are what the routine changed: the limit in bytes, where unknown means
	// none, or the factor of Stretch. A Compaction has neither.
	From Figure `json:"from,omitzero"`
	To   Figure `json:"to,omitzero"`
	// Took is how long it took.
	Took time.Duration `json:"-"`
}

// Memory is what this process holds, in bytes.
type Memory struct {
	// RSS is what is resident, as the system counts it.
	RSS Figure `json:"rss"`
	// Heap is the heap that was not returned to the system.
	Heap uint64 `json:"heap"`
}

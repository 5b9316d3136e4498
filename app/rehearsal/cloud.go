package rehearsal

import (
	"time"

	"xiaozhi-switchboard/core/broker"
)

// Cloud is a far side to rehearse with, and what it takes.
type Cloud struct {
	// Name tells it from the others: "official", "official-2025" or "relay".
	Name string
	// Family is how it behaves.
	Family broker.Family
	// CallTime is how long it waits for the answer to a call.
	CallTime time.Duration
	// ResultBytes is the size of a result beyond which the assistant gets only the
	// beginning, and FrameBytes that of a message beyond which the link is closed.
	ResultBytes, FrameBytes int
	// Tools is how many tools a voice model chooses well from.
	Tools int
}

// Clouds returns every cloud there is, the default first.
//
// Official servers waited 10 s for a tool until 2026 and wait 300 s now; they documented 8192
// bytes for a result in 2025. The self-hosted voice server waits 30 s, and the relay in
// front of it reads messages of at most 1 MiB. Both serve voice models that choose
// badly among more than about 30 tools.
func Clouds() []Cloud {
	return []Cloud{
		{Name: "official", Family: broker.Official, CallTime: 300 * time.Second, ResultBytes: 8192, FrameBytes: 8 << 20, Tools: 30},
		{Name: "official-2025", Family: broker.Official, CallTime: 10 * time.Second, ResultBytes: 8192, FrameBytes: 8 << 20, Tools: 30},
		{Name: "relay", Family: broker.Relay, CallTime: 30 * time.Second, ResultBytes: 1 << 20, FrameBytes: 1 << 20, Tools: 30},
	}
}

// cloudOf finds a cloud by its name; "" is the default.
func cloudOf(name string) (Cloud, bool) {
	for _, c := range Clouds() {
		if name == "" || c.Name == name {
			return c, true
		}
	}
	return Cloud{}, false
}

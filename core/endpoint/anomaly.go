package endpoint

import (
	"fmt"
	"time"
)

// AnomalyKind says what is unusual about a link.
type AnomalyKind uint8

const (
	// AnomalyFlapping: the connection was lost five times within ten minutes. It lasts until
	// fewer than three losses are that young. Value is the most losses within ten minutes.
	AnomalyFlapping AnomalyKind = iota
	// AnomalyTakeover: another program took the endpoint over. It lasts until that did not
	// happen for a minute, and while the link has given up because of it. Value is the
	// most takeovers within a minute.
	AnomalyTakeover
	// AnomalyOverduePing: a pong is overdue. It lasts until the endpoint is heard again or the
	// link is dead. Value is for how many milliseconds there was no answer, when last seen.
	AnomalyOverduePing
	// AnomalyRTTSpike: a ping took over three times as long as this link's pings usually do,
	// and more than 50 ms, from where on the score falls. It lasts until one takes
	// at most twice as long, or the socket is gone. A rise that stays is the usual within
	// about 35 pings. Value is the longest time and Usual what was usual when it began,
	// both in milliseconds.
	AnomalyRTTSpike
	// AnomalyClockSkew: our clock and the endpoint's differ by more than a minute, by the Date
	// of its answer to the last dial; or, when it sent none, a token was issued in our
	// future. Value is the difference in seconds, positive when our clock is ahead.
	// Within a minute nothing depends on it. It lasts until a dial or a token says
	// otherwise, or until our clock is set.
	AnomalyClockSkew
	// AnomalyTokenExpiring: the token expires within 14 days; Since is when they
	// began. Value is how many whole days are left.
	AnomalyTokenExpiring
	// AnomalyTokenExpired: the token has expired; Since is when. Value is how many
	// whole days ago.
	AnomalyTokenExpired
)

var anomalyNames = [...]string{"flapping", "takeover", "overdue_ping", "rtt_spike", "clock_skew", "token_expiring", "token_expired"}

// String returns the lower-case name, such as "rtt_spike".
func (k AnomalyKind) String() string {
	if int(k) < len(anomalyNames) {
		return anomalyNames[k]
	}
	return fmt.Sprintf("anomaly(%d)", uint8(k))
}

// MarshalText returns the name.
func (k AnomalyKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Anomaly is something unusual about one link, which lasts or lasted. A link that is
// paused has none.
type Anomaly struct {
	Kind AnomalyKind `json:"kind"`
	// ID is the endpoint's, and Label what it was called when it began.
	ID    string `json:"id"`
	Label string `json:"label"`
	// Since is when it began, which may be before the link was there. Until is when it
	// ended; zero while it lasts.
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"`
	// Value is the reading, and Usual what it usually is; units are those of the kind.
	Value float64 `json:"value"`
	Usual float64 `json:"usual,omitempty"`
	// Detail is the technical side, in English and without credentials; empty when
	// there is none.
	Detail string `json:"detail,omitempty"`
}

// Anomalies returns what is unusual about all links now, and the last 64 anomalies that
// ended, of links that were removed too. Those that began last come last.
func (m *Manager) Anomalies() []Anomaly { return m.ledger.anomalies() }

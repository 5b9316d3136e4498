package vitals

import (
	"fmt"
	"time"
)

// alarmsKept ended alarms are remembered.
const alarmsKept = 20

// Alarm is a span in which memory rose steadily at the same number of links; see the
// package documentation.
type Alarm struct {
	// Since is when the rise began, as far as it was looked at. Until is when it ended;
	// zero while it lasts.
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"`
	// Rate is by how much memory rose, in bytes per hour.
	Rate float64 `json:"bytesPerHour"`
	// Links is how many there were; unknown without Options.Links.
	Links Figure `json:"links"`
}

// String says in English what happened.
func (a Alarm) String() string {
	with := "though nothing else changed"
	if a.Links.Known {
		with = fmt.Sprintf("though the number of links stayed at %.0f", a.Links.Value)
	}
	if a.Until.IsZero() {
		return fmt.Sprintf("memory has been growing by %.1f MiB an hour since %s, %s", a.Rate/(1<<20), a.Since.Format("15:04"), with)
	}
	return fmt.Sprintf("memory grew by %.1f MiB an hour from %s to %s, %s", a.Rate/(1<<20), a.Since.Format("15:04"), a.Until.Format("15:04"), with)
}

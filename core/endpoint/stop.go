package endpoint

import "time"

// byHand is the reason of a link that the user told to stop trying.
var byHand = failure{kind: KindStopped, text: "reconnecting was stopped by hand"}

// StopReconnect tells the link with this ID to stop trying: if it is not connected it
// enters Failed with KindStopped, and neither time nor Wake brings it back, only
// Reconnect, another address, or a Pause that ends. A link that is connected or paused
// stays as it is. It returns when that is done; the error wraps ErrUnknown.
func (m *Manager) StopReconnect(id string) error {
	return m.one(id, (*link).stopTrying)
}

func (l *link) stopTrying(now time.Time) {
	switch l.status.State {
	case Dialing, Waiting, Failed:
		l.cancelDial()
		l.giveUp(now, byHand, false)
	}
}

// stopped reports that the user told the link to stop trying, and nothing since.
func (s *Status) stopped() bool { return s.State == Failed && s.Kind == KindStopped }

package endpoint

import (
	"slices"
	"time"
)

// watch is what the detectors of one link remember. A link at rest in health holds no
// history.
type watch struct {
	drops *drops
	trips roundTrips
	clock clock
	next  time.Time // when time alone may change what they see; zero for never
}

// look asks every detector.
func (l *link) look(now time.Time) (found [len(anomalyNames)]finding) {
	w, s := &l.watch, &l.status
	w.drops = w.drops.since(now)
	found[AnomalyFlapping] = w.drops.look(l.lasts(AnomalyFlapping))
	found[AnomalyFlapping].detail = s.LastError
	found[AnomalyTakeover] = l.takeovers.look(now, s.State == Failed && s.Kind == KindTakenOver)
	found[AnomalyOverduePing] = l.probe.overdue(now)
	found[AnomalyRTTSpike] = w.trips.look(now, l.socket != nil && s.HealthCheck)
	found[AnomalyClockSkew] = w.clock.look(now, s.Issued)
	found[AnomalyTokenExpiring], found[AnomalyTokenExpired] = tokenLife(now, s.Expires)
	return found
}

func (l *link) lasts(kind AnomalyKind) bool {
	return slices.ContainsFunc(l.status.Anomalies, func(a Anomaly) bool { return a.Kind == kind })
}

// notice compares what the detectors see with the anomalies that last, and reports
// whether that changed them. Each that begins or ends is one line in the log.
func (l *link) notice(now time.Time) (changed bool) {
	var found [len(anomalyNames)]finding
	if l.status.State != Paused {
		found = l.look(now)
	}
	var lasting, ended []Anomaly
	l.watch.next = time.Time{}
	for kind, f := range found {
		if !f.again.IsZero() && (l.watch.next.IsZero() || f.again.Before(l.watch.next)) {
			l.watch.next = f.again
		}
		i := slices.IndexFunc(l.status.Anomalies, func(a Anomaly) bool { return a.Kind == AnomalyKind(kind) })
		switch {
		case !f.since.IsZero() && i < 0:
			a := Anomaly{Kind: AnomalyKind(kind), ID: l.id, Label: l.status.Label(),
				Since: f.since, Value: f.value, Usual: f.usual, Detail: f.detail}
			lasting = append(lasting, a)
			l.log.Warn("anomaly began", "endpoint", a.ID, "label", a.Label, "anomaly", a.Kind, "value", a.Value, "usual", a.Usual, "detail", a.Detail)
		case !f.since.IsZero():
			lasting = append(lasting, l.status.Anomalies[i].goesOn(f))
		case i >= 0:
			a := l.status.Anomalies[i].over(now)
			ended = append(ended, a)
			l.log.Info("anomaly ended", "endpoint", a.ID, "label", a.Label, "anomaly", a.Kind, "value", a.Value, "lasted", a.Until.Sub(a.Since).Round(time.Millisecond))
		}
	}
	if slices.Equal(lasting, l.status.Anomalies) {
		return false
	}
	l.status.Anomalies = lasting // a new slice: snapshots share the old one
	l.ledger.record(l, lasting, ended)
	return true
}

// goesOn returns a with what is seen of it now.
func (a Anomaly) goesOn(f finding) Anomaly {
	switch a.Kind {
	case AnomalyTokenExpiring, AnomalyTokenExpired:
		a.Since, a.Value, a.Detail = f.since, f.value, f.detail // the token may be another one
	case AnomalyClockSkew:
		if f.detail != a.Detail { // it was measured anew
			a.Value, a.Detail = f.value, f.detail
		}
	default:
		a.Value = max(a.Value, f.value)
	}
	return a
}

// over returns a as it ended.
func (a Anomaly) over(now time.Time) Anomaly {
	a.Until = now
	if a.Kind == AnomalyOverduePing {
		a.Value = milliseconds(now.Sub(a.Since))
	}
	return a
}

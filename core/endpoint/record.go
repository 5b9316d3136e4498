package endpoint

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

// enter is the only place where a link's state changes.
func (l *link) enter(next State, now time.Time) {
	from := l.status.State
	if from == next {
		return
	}
	if !slices.Contains(follows[from], next) {
		l.log.Error("impossible transition", "endpoint", l.id, "from", from, "to", next)
	}
	l.status.State, l.status.Since = next, now
	if l.status.Role == RoleServe || !next.Connected() { // in the call role tools make the difference
		l.member.SetUp(next.Connected())
	}

	level, attrs := slog.LevelInfo, []any{"endpoint", l.id, "label", l.status.Label(), "from", from, "to", next}
	switch next {
	case Waiting, Failed:
		level = slog.LevelWarn
		attrs = append(attrs, "kind", l.status.Kind, "reason", l.status.LastError, "attempt", l.status.ReconnectAttempts)
		if !l.retryAt.IsZero() {
			attrs = append(attrs, "retry_in", l.status.ReconnectDelay.Round(time.Millisecond))
		}
	case Open:
		attrs = append(attrs, "took", now.Sub(l.dialedAt).Round(time.Microsecond))
	case Dialing:
		level = slog.LevelDebug
	}
	l.log.Log(context.Background(), level, "link changed", attrs...)
	if l.told != nil {
		s := l.status
		s.NextReconnect = l.retryAt
		l.told(from, s)
	}
}

// note keeps what went wrong for the snapshot.
func (l *link) note(f failure) {
	l.status.LastError, l.status.Kind, l.status.Code = f.text, f.kind, f.code
}

func (l *link) clearFailure() { l.note(failure{}) }

// remember adds one dial to the history, unless it was the very first and went well.
func (l *link) remember(now time.Time, f failure) {
	if l.status.Sockets == 0 && l.status.ReconnectAttempts == 0 && f.kind == KindNone {
		return
	}
	kept := l.status.History
	kept = kept[max(0, len(kept)-historyKept+1):]
	// Snapshots share the slice, so it is replaced and never written to.
	h := make([]Reconnect, 0, len(kept)+1)
	l.status.History = append(append(h, kept...), Reconnect{
		At: l.dialedAt, Attempt: l.status.ReconnectAttempts, Delay: l.status.ReconnectDelay,
		OK: f.kind == KindNone, Kind: f.kind, Took: now.Sub(l.dialedAt), Error: f.text,
	})
}

// publish makes the loop's part of the snapshot visible.
func (l *link) publish() {
	if l.socket == nil && l.status.State.Connected() {
		l.log.Error("state without socket", "endpoint", l.id, "state", l.status.State)
	}
	noticed := l.notice(time.Now())
	s := l.status
	s.NextReconnect = l.retryAt
	if old := l.snapshot.Swap(&s); old == nil || noticed || old.State != s.State || old.LastError != s.LastError || old.Name != s.Name ||
		old.NextReconnect != s.NextReconnect || old.LastHealthCheck != s.LastHealthCheck || old.HealthCheck != s.HealthCheck || old.NoTools != s.NoTools || old.OffersCut != s.OffersCut {
		l.changed()
	}
}

// read completes the snapshot with what others than the loop count.
func (l *link) read() Status {
	s := *l.snapshot.Load()
	if s.Connected() {
		if c := l.current.Load(); c != nil {
			s.BytesIn += c.wire.in.Load()
			s.BytesOut += c.wire.out.Load()
			s.InFlight = c.inFlight()
			s.Listed = c.listed.Load() != nil
			s.LastFrame = c.lastHeard()
		}
	}
	g := l.gauge.Read()
	s.Score, s.RoundTrip, s.ConsecutiveFailures, s.LastSuccess = g.Score, g.RoundTrip, g.Failures, g.LastSuccess
	if found := l.offers.Load(); found != nil {
		s.Offered = len(found.tools)
	}
	// Parts are counted after their wholes, so they are read before them.
	s.Successes, s.CallErrors = l.successes.Load(), l.callErrors.Load()
	s.Requests, s.Calls = l.requests.Load(), l.callCount.Load()
	if s.Sockets > 0 {
		s.Reconnects = s.Sockets - 1
	}
	return s
}

package web

import (
	"time"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web/ui"
)

const (
	// slowFrom is the round-trip time that a person talking to a device notices.
	slowFrom = 200 * time.Millisecond
	// unsteadyUnder is the weighted share of pings, dials and calls that must go well.
	unsteadyUnder = 0.8
	// lastingFailures in a row are more than a hiccup, and are brought to attention.
	lastingFailures = 3

	closeGaveUp  = 4004
	closeTooBig  = 1009
	httpNotFound = 404
)

// Action is the one thing to do about a link.
type Action uint8

const (
	// ActionNone: nothing needs to be done.
	ActionNone Action = iota
	// ActionReconnect: dial again.
	ActionReconnect
	// ActionResume: end the pause.
	ActionResume
)

var actionNames = [...]string{"", "reconnect", "resume"}

// String returns the last part of the action's address; ActionNone is empty.
func (a Action) String() string { return actionNames[a] }

// Health is how a link is, for people: page, tray and log say the same. Word and
// Cause are keys of texts.
type Health struct {
	Level ui.Level
	// Word names the state.
	Word string
	// Cause says what is wrong; empty when nothing is.
	Cause string
	// Detail is the technical reason, in English; empty when there is none.
	Detail string
	Action Action
	// Since is when the state began.
	Since time.Time
	// Retry is when the next attempt is due, and Attempt its number; zero when none is planned.
	Retry   time.Time
	Attempt int
	// Urgent: it lasts or will not heal by itself, so somebody should look.
	Urgent bool
}

// HealthOf reads a link's health from its status. It is pure.
func HealthOf(s endpoint.Status, now time.Time) Health {
	h := Health{Since: s.Since}
	switch s.State {
	case endpoint.Paused:
		h.Level, h.Word, h.Action = ui.Paused, "state.paused", ActionResume
	case endpoint.Open, endpoint.Ready:
		h.Level, h.Word, h.Cause = connectedHealth(s)
		h.Detail = s.NoTools
	case endpoint.Dialing:
		h.Level, h.Word = ui.Connecting, "state.connecting"
		if s.ReconnectAttempts > 0 || s.Sockets > 0 {
			h.Word = "state.reconnecting"
		}
	case endpoint.Waiting:
		h.Level, h.Word = ui.Connecting, "state.reconnecting"
		h.Retry, h.Attempt = s.NextReconnect, s.ReconnectAttempts
	default: // Failed, and what we do not know yet
		h.Level, h.Word = ui.Down, "state.down"
		h.Retry = s.NextReconnect
	}
	if h.Level == ui.Connecting || h.Level == ui.Down {
		h.Cause, h.Detail = causeOf(s, now), s.LastError
		own := s.Kind == endpoint.KindStopped // whoever stopped it knows
		h.Urgent = !own && (h.Level == ui.Down || s.ReconnectAttempts >= lastingFailures)
		if h.Urgent || own || s.State == endpoint.Waiting {
			h.Action = ActionReconnect
		}
	}
	return h
}

// connectedHealth tells a good link from one that works badly.
func connectedHealth(s endpoint.Status) (level ui.Level, word, cause string) {
	switch {
	case s.Missing != endpoint.MissingNothing:
		return ui.Slow, "state.toolless", "cause.missing." + s.Missing.String()
	case s.RoundTrip >= slowFrom:
		return ui.Slow, "state.slow", "cause.slow"
	case s.ConsecutiveFailures > 0 && s.Score.Success < unsteadyUnder:
		return ui.Slow, "state.unsteady", "cause.unsteady"
	case s.State == endpoint.Open:
		return ui.Up, "state.idle", ""
	}
	return ui.Up, "state.up", ""
}

// causeOf chooses the sentence about a failure by its kind and code, never by its text.
func causeOf(s endpoint.Status, now time.Time) string {
	switch s.Kind {
	case endpoint.KindNone:
		if s.State == endpoint.Failed {
			return "cause.unknown"
		}
		return ""
	case endpoint.KindAuth:
		if !s.Expires.IsZero() && s.Expires.Before(now) {
			return "cause.expired"
		}
	case endpoint.KindServer:
		switch s.Code {
		case closeGaveUp:
			return "cause.gaveup"
		case httpNotFound:
			return "cause.notfound"
		}
	case endpoint.KindTakenOver:
		if s.State == endpoint.Failed {
			return "cause.takenover.stopped"
		}
	case endpoint.KindProtocol:
		if s.Code == closeTooBig {
			return "cause.toobig"
		}
	}
	if s.Kind > endpoint.KindStopped {
		return "cause.unknown"
	}
	return "cause." + s.Kind.String()
}

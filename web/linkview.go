package web

import (
	"time"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// link is the card of one endpoint.
func (p painter) link(s endpoint.Status, h Health, tools int, now time.Time) ui.Link {
	l := ui.Link{
		ID: s.ID, Path: endpointAddress(s.ID), Name: p.linkName(s), Place: s.Host, From: p.here,
		Level: h.Level, Word: p.say(h.Word), Score: s.Score.Value,
		Connected: s.Connected(), Paused: s.State == endpoint.Paused,
		Calls: p.say("link.calls", "n", clamp(s.Calls)),
		Retry: p.retry(h, now),
	}
	if s.Agent != "" && s.Name != "" {
		l.Place = s.Host + " · " + p.say("link.agent", "id", s.Agent)
	}
	if s.InFlight > 0 {
		l.Calls = p.say("link.calls.running", "n", clamp(s.Calls), "running", s.InFlight)
	}
	if h.Cause != "" {
		l.Cause = p.say(h.Cause)
	}
	// A link that was never tried has no score yet; a score of 0 is bad news.
	l.Scored = s.Sockets > 0 || s.ConsecutiveFailures > 0
	l.ScoreLevel, l.Why = ui.Paused, p.say("link.score.none")
	if l.Scored {
		l.Why = p.say("link.score", "score", l.Score,
			"success", p.words.Percent(s.Score.Success), "latency", p.words.Percent(s.Score.Latency))
		switch {
		case s.State == endpoint.Paused:
		case l.Score > 80:
			l.ScoreLevel = ui.Up
		case l.Score > 50:
			l.ScoreLevel = ui.Slow
		default:
			l.ScoreLevel = ui.Down
		}
	}
	if l.Connected && s.RoundTrip > 0 {
		l.Latency, l.LatencyLevel = p.duration(s.RoundTrip), ui.Up
		if s.RoundTrip >= slowFrom {
			l.LatencyLevel = ui.Slow
		}
	}
	switch {
	case s.Role == endpoint.RoleCall && l.Connected && s.State == endpoint.Ready && s.Missing == endpoint.MissingNothing:
		l.Tools = p.say("link.offers", "n", s.Offered)
	case s.Role == endpoint.RoleCall:
		l.Tools = p.say("link.role.call")
	case s.Listed:
		l.Tools = p.say("tools.count", "n", tools)
	case l.Connected:
		l.Tools = p.say("link.unlisted")
	}
	if !s.LastHealthCheck.IsZero() && l.Connected {
		l.Checked = p.moment(s.LastHealthCheck, now, "link.checked")
	}
	return l
}

// linkName is what to call a link.
func (p painter) linkName(s endpoint.Status) string {
	switch {
	case s.Name != "":
		return secret.Text(s.Name)
	case s.Agent != "":
		return p.say("link.agent", "id", s.Agent)
	}
	return s.Host
}

// linkNames are what to call links on a page that shows them all: those that are called
// alike have their IDs beside their name.
func (p painter) linkNames(links []endpoint.Status) []string {
	names, alike := make([]string, len(links)), make(map[string]int, len(links))
	for i, s := range links {
		names[i] = p.linkName(s)
		alike[names[i]]++
	}
	for i, s := range links {
		if alike[names[i]] > 1 {
			names[i] += " " + s.ID
		}
	}
	return names
}

func (p painter) linkAlert(l ui.Link, h Health) ui.Alert {
	return ui.Alert{
		ID: l.ID, Level: ui.Down, Name: l.Name, Cause: l.Cause, Detail: secret.Text(h.Detail), Retry: l.Retry, From: p.here,
		Action: l.Path + "/" + h.Action.String(), Verb: p.say("verb." + h.Action.String() + ".now"),
	}
}

// retry is the countdown to the next attempt.
func (p painter) retry(h Health, now time.Time) ui.Moment {
	if h.Retry.IsZero() {
		return ui.Moment{}
	}
	var m ui.Moment
	if h.Attempt > 0 {
		m = p.moment(h.Retry, now, "link.attempt", "n", h.Attempt)
	} else {
		m = p.moment(h.Retry, now, "link.again")
	}
	m.Due = true
	return m
}

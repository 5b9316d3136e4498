package web

import (
	"slices"
	"time"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web/ui"
)

// events are the changes of a link, the newest first.
func (p painter) events(t trace, now time.Time) []ui.Event {
	events := make([]ui.Event, 0, len(t.changes))
	for _, c := range slices.Backward(t.changes) {
		events = append(events, p.event(c, now))
	}
	return events
}

func (p painter) event(c change, now time.Time) ui.Event {
	e := ui.Event{At: ui.Moment{}, Level: c.level, Word: p.say(c.word)}
	e.At = p.moment(c.at, now, "fact.when")
	e.At.Live = "" // a list of times is read from top to bottom
	if c.cause != "" {
		e.Cause = p.say(c.cause)
	}
	return e
}

// retries are the last attempts to connect, the newest first.
func (p painter) retries(s endpoint.Status, now time.Time) []ui.Retry {
	var list []ui.Retry
	for _, r := range slices.Backward(s.History) {
		shown := ui.Retry{At: p.moment(r.At, now, "fact.when"), Attempt: p.words.Number(r.Attempt), Waited: p.fine(r.Delay), Took: p.fine(r.Took)}
		shown.At.Live = ""
		if shown.Level, shown.Word = ui.Up, p.say("retry.ok"); !r.OK {
			shown.Level, shown.Word = ui.Down, p.say(causeOf(endpoint.Status{Kind: r.Kind, State: endpoint.Waiting}, now))
		}
		list = append(list, shown)
	}
	return list
}

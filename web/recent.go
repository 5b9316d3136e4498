package web

import (
	"slices"
	"time"

	"xiaozhi-switchboard/web/ui"
)

// recentShown is how many events the overview lists.
const recentShown = 6

// recent are the last changes of any link, the newest first.
func (p painter) recent(links []ui.Link, s snapshot) []ui.Event {
	type one struct {
		at    time.Time
		link  ui.Link
		event change
	}
	var all []one
	for _, l := range links {
		changes := s.traces[l.ID].changes
		for _, c := range changes[max(0, len(changes)-recentShown):] {
			all = append(all, one{c.at, l, c})
		}
	}
	slices.SortStableFunc(all, func(a, b one) int { return b.at.Compare(a.at) })
	var events []ui.Event
	for _, o := range all[:min(len(all), recentShown)] {
		e := p.event(o.event, s.at)
		e.Name, e.Address = o.link.Name, o.link.Path
		events = append(events, e)
	}
	return events
}

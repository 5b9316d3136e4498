package web

import (
	"slices"

	"xiaozhi-switchboard/web/ui"
)

// recentShown is how many events the overview lists.
const recentShown = 6

// recent are the last changes of any link, the newest first.
func (p painter) recent(links []ui.Link, s snapshot) []ui.Event {
	type one struct {
		link  int
		event change
	}
	var all []one
	for i, l := range links {
		changes := s.traces[l.ID].changes
		for _, c := range changes[max(0, len(changes)-recentShown):] {
			all = append(all, one{i, c})
		}
	}
	slices.SortStableFunc(all, func(a, b one) int { return b.event.at.Compare(a.event.at) })
	var events []ui.Event
	for _, o := range all[:min(len(all), recentShown)] {
		e := p.event(o.event, s.at)
		e.Name, e.Address = links[o.link].Name, links[o.link].Path
		events = append(events, e)
	}
	return events
}

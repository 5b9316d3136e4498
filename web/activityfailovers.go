package web

import (
	"net/url"
	"slices"

	"xiaozhi-switchboard/core/journal"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// failoversPage lists the calls that were given to another source, the newest first.
var failoversPage = page{name: "failovers", pattern: "/activity/failovers", section: "activity", args: activityArgs, serve: serveActivity("failovers"),
	paint: func(p painter, s snapshot, args url.Values) (screen, bool) {
		f, bad := readFilter(args, s.at, activityShown)
		if s.journal == nil || bad != nil {
			return screen{}, false
		}
		say := p.words.Say
		l := p.failoverList(s, f, args)
		show := screen{title: p.say("activity.tab.failovers") + " · " + p.say("nav.activity"), content: ui.FailoversPage(l, say)}
		show.add("activity-count", ui.ActivityCount(l.Count))
		show.add("activity-rows", ui.FailoverRows(l, say))
		show.add("activity-pager", ui.ActivityPagerBar(l.Pager, say))
		return show, true
	}}

// failoverList is the content of the page.
func (p painter) failoverList(s snapshot, f activityFilter, args url.Values) ui.Failovers {
	found := p.findMoves(s, f)
	kept, older := cutTo(f, found)
	l := ui.Failovers{Activity: p.activityTop(s.parts, "failovers"), Filters: p.activityFilters(s, "/activity/failovers", args), Count: p.found(len(found), args)}
	var tools []string
	for _, m := range s.journal.Moves(0, 0) {
		tools = append(tools, m.Tool)
	}
	l.Filters.Selects = append(l.Filters.Selects, p.endpointChoice(s, args, false), p.toolChoice(s, tools, args), p.choice("span", activitySpans, args))
	for _, m := range kept {
		l.Rows = append(l.Rows, ui.FailoverRow{Seq: m.Seq, At: p.clock(m.At, s.at), Tool: secret.Text(m.Tool), From: p.sourceName(s, m.From), To: p.sourceName(s, m.To),
			Why: p.say("event.why." + m.Why), Took: p.duration(m.Took)})
	}
	if len(kept) > 0 {
		l.Pager = pager("/activity/failovers", args, kept[len(kept)-1].Seq, older)
	} else {
		l.Pager = pager("/activity/failovers", args, 0, false)
	}
	return l
}

// findMoves returns the moves that a filter wants, the newest first.
func (p painter) findMoves(s snapshot, f activityFilter) []journal.Move {
	return slices.DeleteFunc(s.journal.Moves(f.after, f.before), func(m journal.Move) bool {
		return !f.wantsMove(m) || len(f.words) > 0 && !f.says(m.Tool, p.sourceName(s, m.From), p.sourceName(s, m.To), p.say("event.why."+m.Why))
	})
}

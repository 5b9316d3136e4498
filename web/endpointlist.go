package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web/ui"
)

// endpointsPage lists the endpoints, filtered and sorted as its address says.
var endpointsPage = page{name: "endpoints", pattern: "/endpoints", args: []string{"q", "show", "sort", "hide"}, paint: func(p painter, s snapshot, args url.Values) (screen, bool) {
	list := p.endpointList(s, args)
	say := p.words.Say
	show := screen{title: p.say("links.title"), content: ui.EndpointsPage(list, say)}
	show.add("count", ui.EndpointCount(list.Count))
	ids := []string{list.ConfigPath}
	for _, l := range list.Links {
		ids = append(ids, l.ID)
	}
	show.list("rows", ids, ui.EndpointRows(list, say))
	for _, l := range list.Links {
		show.child("rows", "link-"+l.ID, ui.EndpointRow(l, say))
	}
	return show, true
}}

// The ways to filter and to sort, the usual one first. Their words are under filter.show
// and filter.sort.
var (
	linkFilters = []string{"all", "attention", "connected", "paused"}
	linkOrders  = []string{"file", "name", "state", "latency", "calls"}
)

// row is one endpoint while the list is made.
type row struct {
	status endpoint.Status
	health Health
	link   ui.Link
}

func (p painter) endpointList(s snapshot, args url.Values) ui.EndpointList {
	tools := enabledTools(s.tools)
	all := make([]row, 0, len(s.links))
	names := p.linkNames(s.links)
	for i, status := range s.links {
		h := HealthOf(status, s.at)
		link := p.tracedLink(status, h, tools, s)
		link.Name = names[i]
		all = append(all, row{status, h, link})
	}
	shown := slices.DeleteFunc(slices.Clone(all), func(r row) bool {
		return !r.matches(args.Get("show"), args.Get("q"), args.Get("hide") != "")
	})
	sortRows(shown, args.Get("sort"))
	list := ui.EndpointList{
		Any: len(all) > 0, ConfigPath: s.settings.Path, Query: args.Get("q"), Hide: args.Get("hide") != "",
		Show: p.options("filter.show.", linkFilters, args.Get("show")), Sort: p.options("filter.sort.", linkOrders, args.Get("sort")),
		From: p.here, Editable: s.file != nil,
	}
	for _, r := range shown {
		list.Links = append(list.Links, r.link)
	}
	switch {
	case len(all) == 0:
	case len(shown) == len(all):
		list.Count = p.say("filter.count", "n", len(all))
	default:
		list.Count = p.say("filter.count.some", "n", len(all), "shown", len(shown))
	}
	return list
}

func (r row) matches(show, query string, hideHealthy bool) bool {
	switch show {
	case "attention":
		if r.health.Level == ui.Up || r.health.Level == ui.Paused {
			return false
		}
	case "connected":
		if !r.status.Connected() {
			return false
		}
	case "paused":
		if r.status.State != endpoint.Paused {
			return false
		}
	}
	if hideHealthy && r.health.Level == ui.Up {
		return false
	}
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if !strings.Contains(strings.ToLower(r.link.Name+" "+r.link.Place+" "+r.link.Word), word) {
			return false
		}
	}
	return true
}

// sortRows sorts stably, so that equals stay in the order of the file.
func sortRows(rows []row, order string) {
	worst := [...]int{ui.Down: 0, ui.Connecting: 1, ui.Slow: 2, ui.Paused: 3, ui.Up: 4}
	slices.SortStableFunc(rows, func(a, b row) int {
		switch order {
		case "name":
			return cmp.Compare(strings.ToLower(a.link.Name), strings.ToLower(b.link.Name))
		case "state":
			return cmp.Compare(worst[a.health.Level], worst[b.health.Level])
		case "latency":
			// Those without one come last.
			return cmp.Compare(a.status.RoundTrip, b.status.RoundTrip)
		case "calls":
			return cmp.Compare(b.status.Calls, a.status.Calls)
		}
		return 0
	})
	if order == "latency" {
		slices.SortStableFunc(rows, func(a, b row) int {
			return cmp.Compare(unmeasured(a), unmeasured(b))
		})
	}
}

func unmeasured(r row) int {
	if r.link.Latency == "" {
		return 1
	}
	return 0
}

// options are the choices of a select, of which the first is on unless another is chosen.
func (p painter) options(prefix string, values []string, chosen string) []ui.Option {
	options := make([]ui.Option, len(values))
	for i, v := range values {
		options[i] = ui.Option{Value: v, Word: p.say(prefix + v), On: v == chosen}
	}
	return options
}

// enabledTools counts the tools that endpoints may see.
func enabledTools(tools []ToolView) int {
	n := 0
	for _, t := range tools {
		if t.Enabled {
			n++
		}
	}
	return n
}

// tracedLink is link with its past, with when its pause ends, and with what the file says of it.
func (p painter) tracedLink(s endpoint.Status, h Health, tools int, now snapshot) ui.Link {
	l := p.link(s, h, tools, now.at)
	l.Trend = p.trend(now.traces[s.ID])
	if until, ok := now.rests[s.ID]; ok && l.Paused {
		l.Retry = p.moment(until, now.at, "link.rests")
		l.Retry.Due = true
	}
	if ep, known := now.configured(s); known && !ep.Enabled && l.Paused {
		l.Off, l.Word, l.Retry = true, p.say("state.off"), ui.Moment{}
	}
	return l
}

// trend is the last checks, in a picture and in words.
func (p painter) trend(t trace) ui.Trend {
	shown := ui.Trend{Beats: make([]ui.Beat, len(t.beats))}
	counts := map[ui.Level]int{}
	for i, b := range t.beats {
		shown.Beats[i] = ui.Beat{Level: b.level, Took: b.took}
		counts[b.level]++
	}
	n := counts[ui.Up] + counts[ui.Slow] + counts[ui.Down] // not those at rest
	if n == 0 {
		shown.Text = p.say("trend.none")
		return shown
	}
	shown.Text = p.say("trend.text", "n", n, "well", counts[ui.Up], "slow", counts[ui.Slow], "failed", counts[ui.Down])
	return shown
}

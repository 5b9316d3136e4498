package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web/ui"
)

// endpointPage is the page of one endpoint.
var endpointPage = page{name: "endpoint", pattern: "/endpoints/{id}", section: "endpoints", args: []string{"id", "range"}, draws: true, paint: func(p painter, s snapshot, args url.Values) (screen, bool) {
	i := slices.IndexFunc(s.links, func(l endpoint.Status) bool { return l.ID == args.Get("id") })
	if i < 0 {
		return screen{}, false
	}
	d := p.endpointDetail(s.links[i], s, args)
	say := p.words.Say
	show := screen{title: d.Link.Name, content: ui.EndpointPage(d, say)}
	show.add("head", ui.EndpointHead(d, say))
	show.add("chart-words", ui.ChartWords(d.Chart, say))
	show.add("score", ui.EndpointScore(d, say))
	show.add("facts", ui.EndpointFacts(d, say))
	show.add("timings", ui.EndpointTimings(d, say))
	show.add("events", ui.EndpointEvents(d, say))
	show.add("retries", ui.EndpointRetries(d, say))
	show.add("sees", ui.EndpointSees(d, say))
	return show, true
}}

// endpointAddress is where the page of an endpoint is.
func endpointAddress(id string) string { return "/endpoints/" + url.PathEscape(id) }

// restMinutes are the lengths of a pause to choose from; 0 lasts until it is ended.
var restMinutes = []int{0, 15, 60, 480}

func (p painter) endpointDetail(status endpoint.Status, s snapshot, args url.Values) ui.EndpointDetail {
	h := HealthOf(status, s.at)
	past := s.traces[status.ID]
	d := ui.EndpointDetail{
		Link: p.tracedLink(status, h, enabledTools(s.tools), s), Facts: p.facts(status, h, s.at), Score: p.scoreBars(status.Score),
		Timings: p.timingBars(status.Timings), Chart: p.latencyChart(past, args, s.at), Events: p.events(past, s.at), Retries: p.retries(status, s.at),
	}
	if s.log != nil {
		d.Log = logAddress("/activity/log", url.Values{"endpoint": {status.ID}})
	}
	if len(d.Timings) == 0 {
		d.TimingsNote = p.say("detail.timings.none")
	}
	for _, minutes := range restMinutes {
		d.Rests = append(d.Rests, ui.Option{Value: strconv.Itoa(minutes), Word: p.restWord(minutes)})
	}
	ep, ok := s.configured(status)
	d.Editable, d.Off = ok, ok && !ep.Enabled
	switch {
	case d.Off:
		d.Note = p.say("detail.off")
	case !ok && s.file != nil:
		d.Note = p.say("detail.foreign")
	}
	d.Sees, d.ToolNames, d.More = p.sees(ep, ok, status.Role, s.tools)
	if s.rehearses && status.Role != endpoint.RoleCall {
		d.Rehearsal = rehearsalAddress("endpoint", status.ID)
	}
	return d
}

func (p painter) restWord(minutes int) string {
	switch {
	case minutes == 0:
		return p.say("rest.forever")
	case minutes%60 == 0:
		return p.say("rest.hours", "n", minutes/60)
	}
	return p.say("rest.minutes", "n", minutes)
}

// namesShown bounds a list of names.
const namesShown = 60

// sees says which servers and tools an endpoint sees.
func (p painter) sees(ep config.Endpoint, known bool, role endpoint.Role, tools []ToolView) (text string, names []string, more string) {
	if role == endpoint.RoleCall {
		return p.say("sees.call"), nil, ""
	}
	for _, t := range tools {
		if t.Enabled && (!known || visible(ep, t)) {
			names = append(names, t.Name)
		}
	}
	switch {
	case known && ep.Servers != nil && ep.Tools != nil:
		text = p.say("sees.some", "n", len(names))
	case known && ep.Servers != nil:
		text = p.say("sees.servers", "n", len(names), "names", strings.Join(ep.Servers, p.say("list.comma")))
	case known && ep.Tools != nil:
		text = p.say("sees.some", "n", len(names))
	default:
		text = p.say("sees.all", "n", len(names))
	}
	if len(names) > namesShown {
		more = p.say("tools.more", "n", len(names)-namesShown)
		names = names[:namesShown]
	}
	return text, names, more
}

// visible reports whether an endpoint sees a tool.
func visible(ep config.Endpoint, t ToolView) bool {
	from := ep.Servers == nil || slices.Contains(ep.Servers, t.Server) ||
		slices.ContainsFunc(t.Sources, func(source string) bool { return slices.Contains(ep.Servers, source) })
	return from && (ep.Tools == nil || slices.Contains(ep.Tools, t.Name))
}

package web

import (
	"net/url"

	"xiaozhi-switchboard/web/ui"
)

// overviewPage is the first page.
var overviewPage = page{name: "overview", pattern: "/{$}", paint: func(p painter, s snapshot, _ url.Values) (screen, bool) {
	o := p.overview(s)
	say := p.words.Say
	show := screen{title: p.say("nav.overview"), content: ui.OverviewPage(o, say)}
	show.add("summary", ui.Summary(o.Figures, say))
	show.add("alerts", ui.Alerts(o.Alerts, say))

	ids := []string{o.ConfigPath}
	for _, l := range o.Links {
		ids = append(ids, l.ID)
	}
	show.list("links", ids, ui.Links(o.Links, o.ConfigPath, say))
	for _, l := range o.Links {
		show.child("links", "link-"+l.ID, ui.LinkCard(l, say))
	}

	ids = nil
	for _, server := range o.Servers {
		ids = append(ids, server.ID)
	}
	show.add("recent", ui.RecentEvents(o.Recent, say))
	if o.Traffic != nil {
		show.add("traffic", ui.TrafficPanel(*o.Traffic, say))
	}
	show.list("servers", ids, ui.Servers(o.Servers, say))
	for _, server := range o.Servers {
		show.child("servers", "server-"+server.ID, ui.ServerRow(server, say))
	}
	show.add("tools", ui.Tools(o.Tools, o.ToolTotal, say))
	show.add("tray", ui.TrayLine(o.Tray))
	return show, true
}}

package web

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/journal"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// eventsPage lists what happened, the newest first.
var eventsPage = page{name: "events", pattern: "/activity", section: "activity", args: activityArgs, serve: serveActivity("events"),
	paint: func(p painter, s snapshot, args url.Values) (screen, bool) {
		f, bad := readFilter(args, s.at, activityShown)
		if s.journal == nil || bad != nil {
			return screen{}, false
		}
		say := p.words.Say
		l := p.eventList(s, f, args)
		show := screen{title: p.say("activity.tab.events") + " · " + p.say("nav.activity"), content: ui.EventsPage(l, say)}
		show.add("activity-count", ui.ActivityCount(l.Count))
		show.add("activity-rows", ui.EventRows(l, say))
		show.add("activity-pager", ui.ActivityPagerBar(l.Pager, say))
		return show, true
	}}

// eventList is the content of the page.
func (p painter) eventList(s snapshot, f activityFilter, args url.Values) ui.Events {
	found := p.findEvents(s, f)
	kept, older := cutTo(f, found)
	l := ui.Events{Activity: p.activityTop(s.parts, "events"), Filters: p.activityFilters(s, "/activity", args), Count: p.found(len(found), args)}
	l.Filters.Selects = append(l.Filters.Selects, p.endpointChoice(s, args, false), p.choice("topic", append([]string{""}, journal.Topics()...), args),
		p.choice("level", []string{"", "warning", "error"}, args), p.choice("span", activitySpans, args))
	for _, e := range kept {
		l.Rows = append(l.Rows, p.eventRow(e, s))
	}
	if len(kept) > 0 {
		l.Pager = pager("/activity", args, kept[len(kept)-1].Seq, older)
	} else {
		l.Pager = pager("/activity", args, 0, false)
	}
	return l
}

// findEvents returns the events that a filter wants, the newest first.
func (p painter) findEvents(s snapshot, f activityFilter) []journal.Event {
	return slices.DeleteFunc(s.journal.Events(f.after, f.before), func(e journal.Event) bool {
		if !f.wantsEvent(e) {
			return true
		}
		if len(f.words) == 0 {
			return false // to put it into words takes time
		}
		told := p.tell(e, s)
		return !f.says(told.name, told.text, told.cause, e.Detail, e.Tool)
	})
}

// told is an event in words.
type told struct {
	name, address     string // what it is about, and where that is; empty when it is about nothing
	text, cause, took string
}

// tell puts an event into words.
func (p painter) tell(e journal.Event, s snapshot) told {
	t := told{name: secret.Text(e.Name)}
	if e.Took > 0 {
		t.took = p.lasted(e.Took)
	}
	code := "event." + e.Topic.String() + "." + e.What
	if i := slices.IndexFunc(s.links, func(l endpoint.Status) bool { return l.ID == e.ID }); e.ID != "" && i >= 0 {
		t.name, t.address = p.linkName(s.links[i]), endpointAddress(e.ID)
	}
	switch e.Topic {
	case journal.Link:
		t.text = p.say(code)
		if e.Cause != "" {
			t.cause = p.say("cause." + e.Cause)
		}
	case journal.Server:
		t.text = p.say(code)
		problem, needs, _ := strings.Cut(e.Cause, ".")
		t.cause = problemText(p.words, ServerView{Problem: problem, Needs: needs})
		if slices.ContainsFunc(s.servers, func(v ServerView) bool { return v.Name == e.Name }) {
			t.address = serverAddress(e.Name)
		}
	case journal.Anomaly:
		t.text = p.say(code)
		t.cause = anomalyText(p.words, AnomalyView{Kind: e.Cause, Subject: t.name, Value: e.After, Usual: e.Before})
		if e.ID == "" {
			t.name, t.address = p.say("event.memory"), "/performance"
		}
	case journal.Config:
		t.name, t.address, t.text = p.say("event.config"), "/settings/file", p.say(code)
		if e.What == "broken" {
			t.cause = p.say("event.config.kept")
			if why := Texts(e.Why).In(p.words.Lang()); why != "" {
				t.cause = p.say("event.config.why", "reason", strings.TrimRight(secret.Text(why), ".。"), "kept", t.cause)
			}
		}
	case journal.Optimisation:
		run := p.run(RunView{At: e.At, Routine: e.What, Reason: e.Cause, Unit: e.Unit, Before: e.Before, After: e.After, Took: Milliseconds(e.Took)}, s.at)
		t.name, t.address = p.say("event.optimisation"), "/performance"
		t.text, t.cause = p.say("event.optimisation.ran", "name", run.What, "before", run.Before, "after", run.After), run.Why
	case journal.System:
		t.name, t.text = "", p.say(code, "version", e.To) // its topic says whose
	case journal.Strategy:
		t.name, t.address = p.say("event.strategy"), "/performance"
		t.text = p.say(code, "from", p.say("performance.strategy."+e.From), "to", p.say("performance.strategy."+e.To))
	case journal.Failover:
		t.name, t.address = secret.Text(e.Tool), "/activity/failovers?tool="+url.QueryEscape(secret.Text(e.Tool))
		t.text, t.cause = p.say(code, "from", p.sourceName(s, e.From), "to", p.sourceName(s, e.To)), p.say("event.why."+e.Cause)
	}
	return t
}

// lasted writes how long something took: short things in fractions, long ones in whole units.
func (p painter) lasted(d time.Duration) string {
	if d < time.Minute {
		return p.duration(d)
	}
	return p.length(d)
}

// sourceName is what to call a link by its ID, or a server by its name.
func (p painter) sourceName(s snapshot, name string) string {
	for _, l := range s.links {
		if l.ID == name {
			return p.linkName(l)
		}
	}
	return secret.Text(name)
}

// eventRow is one row of the page.
func (p painter) eventRow(e journal.Event, s snapshot) ui.EventRow {
	t := p.tell(e, s)
	return ui.EventRow{Seq: e.Seq, Level: levelShapes[e.Level], Word: p.say("activity.level." + e.Level.String()), At: p.clock(e.At, s.at),
		Topic: p.say("activity.topic." + e.Topic.String()), Name: t.name, Address: t.address, Text: t.text, Cause: t.cause, Detail: secret.Text(e.Detail), Took: t.took}
}

// levelShapes are the shapes of levels.
var levelShapes = [...]ui.Level{journal.Info: ui.Paused, journal.Good: ui.Up, journal.Warning: ui.Slow, journal.Error: ui.Down}

// clock is a moment of a journal: the time as it was on the clock, and not how long ago.
func (p painter) clock(t, now time.Time) ui.Moment {
	m := p.moment(t, now, "activity.when")
	m.Live = ""
	return m
}

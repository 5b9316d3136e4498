package app

import (
	"context"
	"strings"
	"sync"
	"time"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/hub"
	"xiaozhi-switchboard/core/journal"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/core/vitals"
	"xiaozhi-switchboard/web"
)

const (
	// recordGap is how long nudges of links gather before one look for anomalies: each
	// health check nudges.
	recordGap = time.Second
	// detailKept bounds the technical side of an event.
	detailKept = 400
)

// recorder writes into the journal what the packages of core tell. Of a link or server that
// fails again and again for the same reason it writes the first time only.
type recorder struct {
	journal *journal.Journal

	mu    sync.Mutex
	links map[string]string // by ID, what was written of it last

	// What follows belongs to the goroutine of run.
	servers  map[string]string
	lasting  map[string]time.Time // anomalies, by kind and link, and since when
	ended    time.Time            // when the last anomaly that was written ended
	ran      time.Time            // when the last run that was written began
	file     string               // the revision that was written last
	broken   bool                 // the file
	strategy balance.Strategy
}

func newRecorder(now config.Snapshot) *recorder {
	r := &recorder{journal: journal.New(nil), links: map[string]string{}, servers: map[string]string{}, lasting: map[string]time.Time{},
		ended: time.Now(), ran: time.Now(), file: now.Revision, strategy: now.Config.Connection.LoadBalanceStrategy}
	r.journal.NoteEvent(journal.Event{Topic: journal.System, What: "started", Level: journal.Good, To: Version()})
	return r
}

// called writes down a call. It is on the way of every call, and allocates nothing.
func (r *recorder) called(c hub.CallEnd) {
	by := journal.ByEndpoint
	switch {
	case c.Raw:
		by = journal.ByClient
	case c.Endpoint == "":
		by = journal.ByPage
	}
	r.journal.NoteCall(journal.Call{At: c.Began, Caller: by, Endpoint: c.Endpoint, Tool: c.Tool, Source: c.Source, Took: c.Took,
		Outcome: outcomes[c.Outcome], BytesIn: c.BytesIn, BytesOut: c.BytesOut})
}

var outcomes = [...]journal.Outcome{
	hub.OutcomeOK: journal.OK, hub.OutcomeToolError: journal.ToolError, hub.OutcomeFailed: journal.Failed,
	hub.OutcomeLate: journal.Late, hub.OutcomeCut: journal.Cut,
}

// moved writes down that a call was given to another server or, of links, to another link.
func (r *recorder) moved(links bool) func(balance.Move) {
	return func(m balance.Move) {
		r.journal.NoteMove(journal.Move{At: m.At, Tool: m.Tool, From: m.From, To: m.To, Links: links, Why: m.Why.String(), Took: m.Took})
		r.journal.NoteEvent(journal.Event{At: m.At, Level: journal.Warning, Topic: journal.Failover, What: "moved", Cause: m.Why.String(),
			Tool: m.Tool, From: m.From, To: m.To, Took: m.Took})
	}
}

// linked writes down a change of a link. Dialling is everyday work, and so is the first
// request on a link that is connected.
func (r *recorder) linked(from endpoint.State, s endpoint.Status) {
	e := journal.Event{At: s.Since, Topic: journal.Link, ID: s.ID, Name: secret.Text(s.Label())}
	switch {
	case s.State == endpoint.Dialing, s.Connected() && from.Connected():
		return
	case s.Connected():
		e.What, e.Level = "connected", journal.Good
	case s.State == endpoint.Paused:
		e.What = "paused"
	default:
		e.What, e.Level = "retrying", journal.Warning
		if from.Connected() {
			e.What = "lost"
		}
		if s.State == endpoint.Failed {
			e.What, e.Level = "failed", journal.Error
		}
		h := web.HealthOf(s, s.Since)
		e.Cause, e.Detail = strings.TrimPrefix(h.Cause, "cause."), detail(h.Detail)
	}
	said := e.What + " " + e.Cause
	if e.What == "lost" {
		said = "retrying " + e.Cause
	}
	r.mu.Lock()
	again := r.links[s.ID] == said
	r.links[s.ID] = said
	r.mu.Unlock()
	if !again {
		r.journal.NoteEvent(e)
	}
}

// detail is a technical text without credentials, within bounds.
func detail(text string) string {
	text = secret.Text(text)
	if len(text) > detailKept {
		text = strings.ToValidUTF8(text[:detailKept], "") + "…"
	}
	return text
}

// signalled writes down what the computer did.
func (r *recorder) signalled(s desktop.Signal) {
	e := journal.Event{Topic: journal.System, What: "network_changed"}
	switch s.Kind {
	case desktop.WokeUp:
		e.What, e.Took = "woke", s.Slept
	case desktop.NetworkBack:
		e.What, e.Level = "network_back", journal.Good
	}
	r.journal.NoteEvent(e)
}

// record writes down what does not tell of itself, until ctx ends.
func (a *App) record(ctx context.Context) {
	r := a.recorder
	tools, endTools := a.hub.Subscribe()
	defer endTools()
	saved, endSaved := a.store.Subscribe()
	defer endSaved()
	linked, endLinked := a.links.Subscribe()
	defer endLinked()
	measured, endMeasured := a.vitals.Subscribe()
	defer endMeasured()
	r.filed(a.store.Snapshot())
	r.served(catalogue{a.hub}.Servers())
	var gathered <-chan time.Time
	for {
		select {
		case <-linked:
			if gathered == nil {
				gathered = time.After(recordGap)
			}
		case <-gathered:
			gathered = nil
			r.noticed(a.anomalies(nil))
			r.forget(a.links.Status())
		case <-measured:
			r.optimised(a.vitals.Runs())
			r.noticed(a.anomalies(nil))
		case <-tools:
			r.served(catalogue{a.hub}.Servers())
		case <-saved:
			r.filed(a.store.Snapshot())
		case <-ctx.Done():
			return
		}
	}
}

// forget drops what is known of links that are gone.
func (r *recorder) forget(links []endpoint.Status) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.links) <= len(links) {
		return
	}
	kept := make(map[string]string, len(links))
	for _, s := range links {
		if said, ok := r.links[s.ID]; ok {
			kept[s.ID] = said
		}
	}
	r.links = kept
}

// served compares servers with what was written of them.
func (r *recorder) served(servers []web.ServerView) {
	said := make(map[string]string, len(servers))
	for _, s := range servers {
		before := r.servers[s.Name]
		e := journal.Event{Topic: journal.Server, What: s.State.String(), Name: secret.Text(s.Name), Cause: s.Problem, Detail: detail(s.LastError)}
		if s.Needs != "" {
			e.Cause += "." + s.Needs
		}
		switch s.State {
		case web.ServerStarting:
			said[s.Name] = before // what comes of it counts
			continue
		case web.ServerReady:
			e.Level, e.Cause, e.Detail = journal.Good, "", ""
		case web.ServerWaiting:
			e.Level = journal.Warning
		case web.ServerFailed:
			e.Level = journal.Error
		case web.ServerDisabled:
			e.Cause, e.Detail = "", ""
		}
		said[s.Name] = e.What + " " + e.Cause
		if said[s.Name] != before && !(before == "" && s.State == web.ServerDisabled) {
			r.journal.NoteEvent(e)
		}
	}
	r.servers = said
}

// filed compares the configuration file with what was written of it.
func (r *recorder) filed(now config.Snapshot) {
	e := journal.Event{Topic: journal.Config}
	switch {
	case now.Problem != nil && (!r.broken || now.Revision != r.file):
		e.What, e.Level, e.Why, e.Detail = "broken", journal.Error, problemLines(now.Problem), detail(now.Problem.Error())
	case now.Problem != nil:
		return
	case r.broken:
		e.What, e.Level = "mended", journal.Good
	case now.Revision != r.file:
		e.What = "applied"
	default:
		return
	}
	r.broken, r.file = now.Problem != nil, now.Revision
	r.journal.NoteEvent(e)
	if chosen := now.Config.Connection.LoadBalanceStrategy; !r.broken && chosen != r.strategy {
		r.journal.NoteEvent(journal.Event{Topic: journal.Strategy, What: "changed", From: r.strategy.String(), To: chosen.String()})
		r.strategy = chosen
	}
}

// noticed compares anomalies with those that were written.
func (r *recorder) noticed(list []web.AnomalyView) {
	lasting, ended := map[string]time.Time{}, r.ended
	for _, a := range list {
		key := a.Kind + " " + a.ID
		_, known := r.lasting[key]
		over := !a.Until.IsZero()
		if over && !a.Until.After(r.ended) {
			continue
		}
		e := journal.Event{Topic: journal.Anomaly, Level: journal.Warning, What: "began", Cause: a.Kind, ID: a.ID, Name: secret.Text(a.Subject),
			Detail: detail(a.Detail), Before: a.Usual, After: a.Value}
		if !known {
			r.journal.NoteEvent(e)
		}
		if over {
			e.What, e.Level, e.Took = "ended", journal.Good, a.Until.Sub(a.Since)
			r.journal.NoteEvent(e)
			if a.Until.After(ended) {
				ended = a.Until
			}
			continue
		}
		lasting[key] = a.Since
	}
	r.lasting, r.ended = lasting, ended
}

// optimised writes down the runs of routines that were not yet. Sweeping up is everyday work.
func (r *recorder) optimised(runs []vitals.Run) {
	for _, run := range runs {
		if !run.At.After(r.ran) {
			continue
		}
		r.ran = run.At
		if run.Reason == vitals.Waste {
			continue
		}
		v := runView(run)
		r.journal.NoteEvent(journal.Event{At: v.At, Topic: journal.Optimisation, What: v.Routine, Cause: v.Reason,
			Before: finite(v.Before), After: finite(v.After), Unit: v.Unit, Took: time.Duration(v.Took)})
	}
}

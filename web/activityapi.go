package web

import (
	"net/http"
	"time"

	"xiaozhi-switchboard/core/journal"
	"xiaozhi-switchboard/core/secret"
)

// EventView is one event, as the API shows it.
type EventView struct {
	Seq   uint64        `json:"seq"`
	At    time.Time     `json:"at"`
	Level journal.Level `json:"level"`
	Topic journal.Topic `json:"topic"`
	What  string        `json:"what"`
	// ID is that of the link, and Name what it, or the server, is called.
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	// Text and CauseText say in the language of the answer what happened, and why.
	Text      string `json:"text"`
	Cause     string `json:"cause,omitempty"`
	CauseText string `json:"causeText,omitempty"`
	// Detail is the technical side, in English.
	Detail string `json:"detail,omitempty"`
	Tool   string `json:"tool,omitempty"`
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
	// Before and After are readings in Unit; of an anomaly, in the unit of its kind.
	Before float64      `json:"before,omitempty"`
	After  float64      `json:"after,omitempty"`
	Unit   string       `json:"unit,omitempty"`
	Took   Milliseconds `json:"tookMs,omitempty"`
}

// CallView is one call of a tool, as the API shows it: how much went to and fro, and
// nothing of what that was.
type CallView struct {
	Seq     uint64          `json:"seq"`
	At      time.Time       `json:"at"`
	Caller  journal.Caller  `json:"caller"`
	ID      string          `json:"endpoint,omitempty"`
	Tool    string          `json:"tool"`
	Source  string          `json:"source,omitempty"`
	Outcome journal.Outcome `json:"outcome"`
	Level   journal.Level   `json:"level"`
	Took    Milliseconds    `json:"tookMs"`
	// BytesIn is the size of the arguments, BytesOut that of the answer.
	BytesIn  int `json:"bytesIn"`
	BytesOut int `json:"bytesOut"`
}

// MoveView is one call that was given to another source, as the API shows it.
type MoveView struct {
	Seq  uint64    `json:"seq"`
	At   time.Time `json:"at"`
	Tool string    `json:"tool"`
	// From and To are the names of servers, or the IDs of endpoints if Links.
	From    string       `json:"from"`
	To      string       `json:"to"`
	Links   bool         `json:"links"`
	Why     string       `json:"why"`
	WhyText string       `json:"whyText"`
	Took    Milliseconds `json:"tookMs"`
}

// paged are the marks to page a list by: what to pass as after for what is newer, and as
// before for what is older; absent when there is none.
type paged struct {
	Newer uint64 `json:"newer"`
	Older uint64 `json:"older,omitempty"`
}

// journaled answers with a list of the journal, as the filters of the address say.
func (s *Server) journaled(list func(p painter, now snapshot, f activityFilter) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.deps.Journal == nil {
			s.refuse(w, r, kindAPI, "unavailable")
			return
		}
		now := s.snapshot()
		f, bad := readFilter(r.URL.Query(), now.at, activityListed)
		if bad != nil {
			s.refuseFilter(w, r, kindAPI, bad)
			return
		}
		s.json(w, r, http.StatusOK, list(painter{words: s.words(r), zone: s.options.Zone}, now, f))
	}
}

// marks returns what to page by, of numbers with the newest first.
func marks(f activityFilter, n int, seq func(i int) uint64, older bool) paged {
	m := paged{Newer: f.after}
	if n > 0 {
		m.Newer = seq(0)
	}
	if older {
		m.Older = seq(n - 1)
	}
	return m
}

func eventsReport(p painter, now snapshot, f activityFilter) any {
	kept, older := cutTo(f, p.findEvents(now, f))
	views := []EventView{}
	for _, e := range kept {
		t := p.tell(e, now)
		v := EventView{Seq: e.Seq, At: e.At, Level: e.Level, Topic: e.Topic, What: e.What, ID: e.ID, Name: secret.Text(e.Name), Text: t.text,
			Cause: e.Cause, CauseText: t.cause, Detail: secret.Text(e.Detail), Tool: secret.Text(e.Tool), From: secret.Text(e.From), To: secret.Text(e.To),
			Before: e.Before, After: e.After, Unit: e.Unit, Took: Milliseconds(e.Took)}
		views = append(views, v)
	}
	return struct {
		Events []EventView `json:"events"`
		paged
	}{views, marks(f, len(kept), func(i int) uint64 { return kept[i].Seq }, older)}
}

func callsReport(p painter, now snapshot, f activityFilter) any {
	kept, older := cutTo(f, p.findCalls(now, f))
	views := []CallView{}
	for _, c := range kept {
		views = append(views, CallView{Seq: c.Seq, At: c.At, Caller: c.Caller, ID: c.Endpoint, Tool: secret.Text(c.Tool), Source: secret.Text(c.Source),
			Outcome: c.Outcome, Level: c.Outcome.Level(), Took: Milliseconds(c.Took), BytesIn: c.BytesIn, BytesOut: c.BytesOut})
	}
	return struct {
		Calls []CallView `json:"calls"`
		paged
	}{views, marks(f, len(kept), func(i int) uint64 { return kept[i].Seq }, older)}
}

func failoversReport(p painter, now snapshot, f activityFilter) any {
	kept, older := cutTo(f, p.findMoves(now, f))
	views := []MoveView{}
	for _, m := range kept {
		views = append(views, MoveView{Seq: m.Seq, At: m.At, Tool: secret.Text(m.Tool), From: secret.Text(m.From), To: secret.Text(m.To), Links: m.Links,
			Why: m.Why, WhyText: p.say("event.why." + m.Why), Took: Milliseconds(m.Took)})
	}
	return struct {
		Failovers []MoveView `json:"failovers"`
		paged
	}{views, marks(f, len(kept), func(i int) uint64 { return kept[i].Seq }, older)}
}

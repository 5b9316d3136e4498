package web

import (
	"bytes"
	"testing"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web/ui"
)

func TestTraceNotesChecksAndFailures(t *testing.T) {
	var past traces
	link := invented(noon)[0]
	link.LastHealthCheck = time.Time{}
	now := noon
	step := func(after time.Duration, edit func(*endpoint.Status)) trace {
		now = now.Add(after)
		edit(&link)
		past.note([]endpoint.Status{link}, now)
		return past.all()[link.ID]
	}
	levels := func(tr trace) (got []ui.Level) {
		for _, s := range tr.beats {
			got = append(got, s.level)
		}
		return got
	}
	for _, c := range []struct {
		name  string
		after time.Duration
		edit  func(*endpoint.Status)
		beats int
		last  ui.Level
	}{
		{"the first look", 0, func(*endpoint.Status) {}, 0, 0},
		{"a check", time.Second, func(s *endpoint.Status) { s.LastHealthCheck = now }, 1, ui.Up},
		{"nothing new", time.Second, func(*endpoint.Status) {}, 1, ui.Up},
		{"a slow check", time.Second, func(s *endpoint.Status) { s.LastHealthCheck, s.RoundTrip = now, time.Second }, 2, ui.Slow},
		{"it breaks", time.Second, func(s *endpoint.Status) { s.State, s.Kind, s.ReconnectAttempts = endpoint.Waiting, endpoint.KindDNS, 1 }, 3, ui.Down},
		{"it fails again", time.Second, func(s *endpoint.Status) { s.ReconnectAttempts = 2 }, 4, ui.Down},
		{"it gives up", time.Second, func(s *endpoint.Status) { s.State = endpoint.Failed }, 5, ui.Down},
		{"a long time of nothing", beatLate, func(*endpoint.Status) {}, 6, ui.Down},
		{"a pause", beatLate, func(s *endpoint.Status) { s.State = endpoint.Paused }, 7, ui.Paused},
	} {
		tr := step(c.after, c.edit)
		got := levels(tr)
		if len(got) != c.beats || c.beats > 0 && got[c.beats-1] != c.last {
			t.Errorf("after %s: %v", c.name, got)
		}
	}
	tr := past.all()[link.ID]
	var checks, failed, timed int32
	for _, b := range tr.charts[0] {
		checks, failed, timed = checks+b.checks, failed+b.failed, timed+b.timed
	}
	if checks != 6 || failed != 4 || timed != 2 {
		t.Errorf("the chart has %d checks, %d failed, %d timed: a pause is none", checks, failed, timed)
	}
	if len(tr.changes) != 5 || tr.changes[4].word != "state.paused" {
		t.Errorf("changes: %+v", tr.changes)
	}
}

func TestTraceIsBounded(t *testing.T) {
	var past traces
	link := invented(noon)[0]
	now := noon
	for i := range 20000 {
		now = now.Add(30 * time.Second)
		link.LastHealthCheck = now
		link.State = endpoint.Ready
		if i%2 == 0 {
			link.State = endpoint.Failed
		}
		past.note([]endpoint.Status{link}, now)
	}
	tr := past.all()[link.ID]
	if len(tr.beats) != beatsKept || len(tr.changes) != changesKept {
		t.Errorf("%d beats, %d changes", len(tr.beats), len(tr.changes))
	}
	for i, span := range spans {
		if len(tr.charts[i]) != span.count {
			t.Errorf("the chart of %s has %d buckets", span.name, len(tr.charts[i]))
		}
	}
	// A snapshot does not change afterwards.
	before := tr.charts[0][len(tr.charts[0])-1]
	link.LastHealthCheck = now.Add(time.Second)
	past.note([]endpoint.Status{link}, now.Add(time.Second))
	if tr.charts[0][len(tr.charts[0])-1] != before {
		t.Error("what was given out is written to")
	}
	// The past of a link that is gone stays for an undo, and then goes; a new token
	// takes it along.
	past.move(link.ID, "new")
	if _, ok := past.all()["new"]; !ok {
		t.Error("a new token lost the past")
	}
	past.note(nil, now.Add(traceLife/2))
	if len(past.all()) != 1 {
		t.Error("an undo would find no past")
	}
	past.note(nil, now.Add(2*traceLife))
	if len(past.all()) != 0 {
		t.Error("the past of a link that is gone stays for ever")
	}
}

// TestCardIsLight holds an update of one card under 2 KB, with all that it can show.
func TestCardIsLight(t *testing.T) {
	for _, lang := range assets.Languages() {
		s := inventedSnapshot(SettingsView{})
		p := painter{words: assets.Words(lang), zone: time.UTC, here: "/"}
		for _, l := range p.overview(s).Links {
			var b bytes.Buffer
			ui.LinkCard(l, p.words.Say).Render(t.Context(), &b)
			if b.Len() > 1990 {
				t.Errorf("%s: the card of %s takes %d bytes", lang, l.Name, b.Len())
			}
		}
	}
}

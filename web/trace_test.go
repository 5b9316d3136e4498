package web

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/rough"
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

// TestTraceWhileTheClockIsSet holds the charts in order, with nothing in the future.
func TestTraceWhileTheClockIsSet(t *testing.T) {
	for _, by := range []time.Duration{24 * time.Hour, -24 * time.Hour, time.Second, -time.Second} {
		var past traces
		link := invented(noon)[0]
		now := time.Now()
		check := func(n int) trace {
			for range n {
				now = now.Add(10 * time.Second)
				link.LastHealthCheck = now
				past.note([]endpoint.Status{link}, now)
			}
			return past.all()[link.ID]
		}
		check(30)
		now = rough.Set(now, by)
		check(30)
		now = rough.Set(now, -by)
		tr := check(30)
		if len(tr.beats) != beatsKept || len(tr.changes) != 1 {
			t.Errorf("set by %v: %d beats, %d changes", by, len(tr.beats), len(tr.changes))
		}
		for i, chart := range tr.charts {
			for j, b := range chart {
				if j > 0 && b.at <= chart[j-1].at {
					t.Errorf("set by %v: the buckets of %s are %+v", by, spans[i].name, chart)
					break
				}
			}
			if last := chart[len(chart)-1]; last.at > now.Add(spans[i].width).Unix() || last.checks == 0 {
				t.Errorf("set by %v: the chart of %s ends with %+v at %v", by, spans[i].name, last, now)
			}
		}
		args := url.Values{"range": {"1h"}}
		p := painter{words: assets.Words("en"), zone: time.UTC}
		if c := p.latencyChart(tr, args, now); strings.Count(c.Lines[0].Path, "M")+strings.Count(c.Lines[0].Path, "L") < 5 || len(c.Rows) < 5 || len(c.Rows) > 61 {
			t.Errorf("set by %v: drawn %q with %d rows", by, c.Lines[0].Path, len(c.Rows))
		}
		past.note([]endpoint.Status{link}, rough.Set(now, -24*time.Hour)) // no check since
		if c := p.latencyChart(past.all()[link.ID], args, rough.Set(now, -24*time.Hour)); by != -24*time.Hour && c.Lines[0].Path != "" {
			t.Errorf("the future is drawn: %q", c.Lines[0].Path)
		}
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
		for i := range s.links {
			s.links[i].Name = s.links[5].Name // the longest, so that IDs stand beside it
		}
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

package web

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

const (
	// beatsKept is how many checks of a link a page shows one by one.
	beatsKept = 40
	// beatLate is when a link that had no check gets a beat all the same.
	beatLate = 30 * time.Second
	// changesKept is how many changes of state are remembered of a link.
	changesKept = 30
	// traceLife is how long the past of a link that is gone is kept, for an undo.
	traceLife = memoryLife
	// traceLook is how often links are looked at without a nudge.
	traceLook = 5 * time.Second
	// traceGap is how long nudges gather before one look for all of them.
	traceGap = 250 * time.Millisecond
)

// sample is how a link was at one check.
type sample struct {
	level ui.Level
	took  time.Duration // the round trip; 0 when unknown
}

// bucket sums up the checks of a stretch of time.
type bucket struct {
	at     int64         // in Unix seconds, where it starts
	took   time.Duration // all round trips together
	median time.Duration // of them; 0 when there is none
	timed  int32         // checks with a round trip
	checks int32
	failed int32
}

func (b bucket) start() int64 { return b.at }

// change is a link coming into another state.
type change struct {
	at    time.Time
	level ui.Level
	word  string // keys of texts, as in Health
	cause string
}

// trace is the past of one link, bounded.
type trace struct {
	beats   []sample // the oldest first
	charts  [len(spans)][]bucket
	changes []change // the oldest first

	medians  [len(spans)]median // of the last bucket of each chart; of note alone
	met      bool               // the link was there since the program started
	seen     time.Time          // when the link was last there
	beaten   time.Time
	checked  time.Time // LastHealthCheck of the last beat
	attempts int
	health   Health
}

// traces remember the past of all links, from snapshots. They are safe for
// concurrent use.
type traces struct {
	mu    sync.Mutex
	links map[string]*trace
	fresh *freshness // what is not on disk yet; nil when nothing is kept there
}

// run notes what links do until ctx ends.
func (t *traces) run(ctx context.Context, links Links, log *slog.Logger) {
	nudges, cancel := links.Subscribe()
	defer cancel()
	ticker := time.NewTicker(traceLook)
	defer ticker.Stop()
	t.look(links, log)
	var gathered <-chan time.Time // many links are checked in the same moment
	for {
		select {
		case <-nudges:
			if gathered == nil {
				gathered = time.After(traceGap)
			}
			continue
		case <-gathered:
			gathered = nil
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		t.look(links, log)
	}
}

// look takes a snapshot. A dependency that panics must not end the program.
func (t *traces) look(links Links, log *slog.Logger) {
	defer func() {
		if r := recover(); r != nil {
			log.Error("panic while looking at links", "panic", secret.Text(fmt.Sprint(r)))
		}
	}()
	t.note(links.Status(), time.Now())
}

// note takes what there is to learn from a snapshot.
func (t *traces) note(list []endpoint.Status, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.links == nil {
		t.links = map[string]*trace{}
	}
	for _, s := range list {
		tr := t.links[s.ID]
		if tr == nil {
			tr = &trace{}
			t.links[s.ID] = tr
		}
		if tr.note(s, now, t.fresh) {
			t.fresh.link(s.ID)
		}
	}
	for id, tr := range t.links {
		if now.Sub(tr.seen) > traceLife {
			delete(t.links, id)
			t.fresh.link(id)
		}
	}
}

// move gives the past of a link to the one that takes its place.
func (t *traces) move(from, to string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if tr := t.links[from]; tr != nil && from != to {
		t.links[to] = tr
		delete(t.links, from)
		t.fresh.all(t.links)
		t.fresh.link(from)
	}
}

// all returns what is remembered. Slices are never written to again: what changes is
// put into new ones, so that a look costs nothing but the map.
func (t *traces) all() map[string]trace {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make(map[string]trace, len(t.links))
	for id, tr := range t.links {
		all[id] = *tr
	}
	return all
}

// note takes what there is to learn of one link, and reports whether its state is another.
func (tr *trace) note(s endpoint.Status, now time.Time, fresh *freshness) (changed bool) {
	h := HealthOf(s, now)
	first := !tr.met
	tr.met, tr.seen = true, now
	if n := len(tr.changes); first && (n == 0 || tr.changes[n-1].word != h.Word || tr.changes[n-1].cause != h.Cause) ||
		!first && (h.Word != tr.health.Word || h.Cause != tr.health.Cause) {
		tr.changes, changed = appended(tr.changes, change{now, h.Level, h.Word, h.Cause}, changesKept), true
	}
	switch {
	case s.LastHealthCheck.After(tr.checked), // a ping was answered or missed
		s.ReconnectAttempts > tr.attempts,                              // a dial failed
		!first && (h.Level == ui.Down) != (tr.health.Level == ui.Down), // it broke, or healed
		!tr.beaten.IsZero() && now.Sub(tr.beaten) >= beatLate:
		tr.beat(s, h.Level, now, fresh)
	case first:
		tr.beaten = now // its first beat is its first check
	}
	tr.health, tr.attempts = h, s.ReconnectAttempts
	if s.LastHealthCheck.After(tr.checked) {
		tr.checked = s.LastHealthCheck
	}
	return changed
}

func (tr *trace) beat(s endpoint.Status, level ui.Level, now time.Time, fresh *freshness) {
	tr.beaten = now
	b := sample{level: level}
	if s.Connected() {
		b.took = s.RoundTrip
	}
	if level == ui.Connecting {
		b.level = ui.Down
	}
	tr.beats = appended(tr.beats, b, beatsKept)
	if level == ui.Paused {
		return
	}
	for i, span := range spans {
		chart := slot(slices.Clone(tr.charts[i]), bucket{at: now.Truncate(span.width).Unix()}, span.width, span.count)
		last := &chart[len(chart)-1]
		if last.checks == 0 {
			tr.medians[i].begin(0, 0)
		}
		last.checks++
		if b.took > 0 {
			tr.medians[i].add(b.took)
			last.took, last.median = last.took+b.took, tr.medians[i].of()
			last.timed++
		}
		if b.level == ui.Down {
			last.failed++
		}
		tr.charts[i] = chart
		fresh.bucket(i, last.at)
	}
}

package endpoint

import (
	"math"
	"testing"
	"time"
	"unsafe"
)

// second is a moment in the tests of detectors.
func second(s float64) time.Time {
	return time.Unix(1_700_000_010, 0).Add(time.Duration(s * float64(time.Second)))
}

func TestDrops(t *testing.T) {
	type step struct {
		at     float64
		lost   bool
		lasts  bool // before
		value  float64
		againS float64 // 0 for nothing seen
	}
	for name, steps := range map[string][]step{
		"four are none":               {{0, true, false, 0, 0}, {1, true, false, 0, 0}, {2, true, false, 0, 0}, {3, true, false, 0, 0}},
		"five begin it":               {{0, true, false, 0, 0}, {1, true, false, 0, 0}, {2, true, false, 0, 0}, {3, true, false, 0, 0}, {599, true, false, 5, 600}},
		"five over a longer time":     {{0, true, false, 0, 0}, {1, true, false, 0, 0}, {2, true, false, 0, 0}, {3, true, false, 0, 0}, {600, true, false, 0, 0}},
		"time alone ends it":          {{0, true, false, 0, 0}, {100, true, false, 0, 0}, {200, true, false, 0, 0}, {300, true, false, 0, 0}, {400, true, false, 5, 600}, {700, false, true, 3, 800}, {800, false, true, 0, 0}},
		"it begins anew only by many": {{0, true, false, 0, 0}, {1, true, false, 0, 0}, {2, true, false, 0, 0}, {3, false, false, 0, 0}, {3, false, true, 3, 600}},
	} {
		var d *drops
		for i, s := range steps {
			if s.lost {
				d = d.add(second(s.at))
			}
			d = d.since(second(s.at))
			got := d.look(s.lasts)
			if got.value != s.value || got.since.IsZero() != (s.againS == 0) || s.againS != 0 && !got.again.Equal(second(s.againS)) {
				t.Errorf("%s, step %d: %+v, want %v and again at %v", name, i, got, s.value, s.againS)
			}
		}
	}
	var d *drops
	for i := range 10_000 {
		d = d.add(second(float64(i) / 100)).since(second(float64(i) / 100))
	}
	if got := d.look(false); got.value != flapCount || cap(d.at) > 4*flapCount {
		t.Errorf("after many drops: %v counted in room for %d", got.value, cap(d.at))
	}
	if d = d.since(second(1000)); d != nil {
		t.Error("what is too old is kept")
	}
}

func TestYoungTakeovers(t *testing.T) {
	var w takeovers
	if got := w.look(second(0), false); !got.since.IsZero() || !got.again.IsZero() {
		t.Errorf("none: %+v", got)
	}
	w.add(second(0))
	w.add(second(40))
	for _, s := range []struct {
		at      float64
		stopped bool
		value   float64
		again   float64
	}{{0, false, 2, 100}, {59, false, 2, 100}, {60, false, 1, 100}, {99, true, 1, 100}, {100, false, 0, 0}, {100, true, 1, 0}} {
		got := w.look(second(s.at), s.stopped)
		if got.value != s.value || s.again != 0 != !got.again.IsZero() || s.again != 0 && !got.again.Equal(second(s.again)) {
			t.Errorf("at %v s, stopped %v: %+v, want %v", s.at, s.stopped, got, s.value)
		}
	}
}

func TestOverdue(t *testing.T) {
	var p probe
	p.start(second(0), 30*time.Second, 0)
	p.tick(second(0), time.Time{})
	if got := p.overdue(second(9)); !got.since.IsZero() {
		t.Errorf("before it is due: %+v", got)
	}
	if got := p.tick(second(10), time.Time{}); got != verdictMissed {
		t.Fatalf("verdict %v", got)
	}
	if got := p.overdue(second(12)); !got.since.Equal(second(0)) || got.value != 12_000 {
		t.Errorf("two seconds later: %+v", got)
	}
	p.pong(second(12), p.seq)
	if got := p.overdue(second(12)); !got.since.IsZero() {
		t.Errorf("after the answer: %+v", got)
	}
}

func TestRoundTrips(t *testing.T) {
	const ms = time.Millisecond
	many := func(n int, d time.Duration) []time.Duration {
		all := make([]time.Duration, n)
		for i := range all {
			all[i] = d
		}
		return all
	}
	for name, tt := range map[string]struct {
		before []time.Duration
		last   time.Duration
		high   bool
		usual  float64
	}{
		"the first of all":           {nil, 1900 * ms, false, 0},
		"too few to know":            {many(4, 20*ms), 1900 * ms, false, 0},
		"over three times":           {many(5, 20*ms), 61 * ms, true, 21},
		"three times":                {many(5, 20*ms), 60 * ms, false, 0},
		"fast all the same":          {many(50, ms), 50 * ms, false, 0},
		"barely slow":                {many(50, ms), 51 * ms, true, 2},
		"goes on above twice":        {append(many(9, 40*ms), 400*ms), 97 * ms, true, 48},
		"ends at twice":              {append(many(9, 40*ms), 400*ms), 80 * ms, false, 0},
		"a slow rise is none":        {append(many(9, 40*ms), 100*ms, 110*ms), 120 * ms, false, 0},
		"a rise that stays is usual": {append(many(9, 40*ms), many(35, 1900*ms)...), 1900 * ms, false, 0},
		"but not at once":            {append(many(9, 40*ms), many(15, 400*ms)...), 400 * ms, true, 139},
	} {
		var r roundTrips
		for _, d := range tt.before {
			r.add(d)
		}
		r.add(tt.last)
		got := r.look(second(0), true)
		if tt.high != !got.since.IsZero() || tt.high && (math.Abs(got.usual-tt.usual) > 1.5 || got.value != milliseconds(tt.last)) {
			t.Errorf("%s: %+v, want %v at a usual %v", name, got, tt.high, tt.usual)
		}
		if r.look(second(0), false); r.high {
			t.Errorf("%s: a spike outlives its socket", name)
		}
	}
}

func TestClock(t *testing.T) {
	for name, tt := range map[string]struct {
		readings []float64 // by how many seconds we were ahead
		issued   float64   // by how many seconds in our future; 0 for not at all
		want     float64
		again    float64
	}{
		"nothing known":              {},
		"right":                      {readings: []float64{60}},
		"right too":                  {readings: []float64{-60}},
		"ahead":                      {readings: []float64{61}, want: 61},
		"behind":                     {readings: []float64{-86_400}, want: -86_400},
		"set since":                  {readings: []float64{-86_400, 1}},
		"the last counts":            {readings: []float64{1, 300}, want: 300},
		"issued in our past":         {issued: -1e9},
		"issued now":                 {issued: 60},
		"issued in our future":       {issued: 61, want: -61, again: 1},
		"the date outweighs a token": {readings: []float64{2}, issued: 3600},
		"also when it is wrong":      {readings: []float64{90}, issued: 3600, want: 90},
	} {
		var c clock
		for _, ahead := range tt.readings {
			c.add(reading{second(0), second(-ahead)})
		}
		c.add(reading{})
		var issued time.Time
		if tt.issued != 0 {
			issued = second(tt.issued)
		}
		got := c.look(second(0), issued)
		if got.value != tt.want || got.since.IsZero() != (tt.want == 0) || (got.detail == "") != (tt.want == 0) ||
			got.again.IsZero() != (tt.again == 0) || tt.again != 0 && !got.again.Equal(second(tt.again)) {
			t.Errorf("%s: %+v, want %v", name, got, tt.want)
		}
	}
	for _, tt := range []struct {
		byClock, passed time.Duration
		want            bool
	}{{time.Hour, time.Hour, false}, {time.Hour + skewStep, time.Hour, false}, {2 * time.Hour, time.Hour, true}, {-time.Minute, time.Second, true}} {
		if got := wasSet(tt.byClock, tt.passed); got != tt.want {
			t.Errorf("%v by the clock in %v: set %v, want %v", tt.byClock, tt.passed, got, tt.want)
		}
	}
}

// TestSkewEndsWhenOurClockIsSet has the time of day set since the clocks were compared.
func TestSkewEndsWhenOurClockIsSet(t *testing.T) {
	now := time.Now() // with a monotonic part, as in a program
	for by, lasts := range map[int64]bool{0: true, 5: true, -120: false, 120: false} {
		var c clock
		c.add(reading{now, now.Add(-2 * time.Minute)})
		then := now.Add(time.Minute)
		// Set by seconds, as the system would tell it; package time has no way to make such a time.
		*(*uint64)(unsafe.Pointer(&then)) += uint64(by) << 30
		if then.Unix() != now.Add(time.Minute).Unix()+by || then.Sub(now) != time.Minute {
			t.Fatalf("the clock cannot be set: %v after %v", then, now)
		}
		if got := c.look(then, time.Time{}); got.since.IsZero() == lasts {
			t.Errorf("set by %d s: %+v", by, got)
		}
	}
}

func TestTokenLife(t *testing.T) {
	const day = 86_400.0
	for _, tt := range []struct {
		left              float64 // seconds
		expiring, expired bool
		value             float64
		again             float64 // seconds before the end
	}{
		{15 * day, false, false, 0, 14 * day},
		{14 * day, true, false, 14, 14 * day},
		{14*day - 1, true, false, 13, 13 * day},
		{1.9 * day, true, false, 1, 1 * day},
		{day, true, false, 1, 1 * day},
		{day - 1, true, false, 0, 0},
		{1, true, false, 0, 0},
		{0, false, true, 0, -day},
		{-1, false, true, 0, -day},
		{-2.5 * day, false, true, 2, -3 * day},
	} {
		end := second(0)
		now := second(-tt.left)
		expiring, expired := tokenLife(now, end)
		if expiring.since.IsZero() == tt.expiring || expired.since.IsZero() == tt.expired {
			t.Errorf("%v s left: %+v %+v", tt.left, expiring, expired)
			continue
		}
		f := expiring
		if tt.expired {
			f = expired
		}
		if f.value != tt.value || !f.again.After(now) || f.again.Sub(second(-tt.again)).Abs() > 1 {
			t.Errorf("%v s left: %+v, want %v and again %v s before the end", tt.left, f, tt.value, tt.again)
		}
	}
	if expiring, expired := tokenLife(second(0), time.Time{}); expiring != (finding{}) || expired != (finding{}) {
		t.Error("a token without an end ends")
	}
	if f, _ := tokenLife(second(0), unixTime(1<<40-1).time()); !f.since.IsZero() || !f.again.After(second(0)) {
		t.Errorf("a token for ever: %+v", f)
	}
}

func TestLedgerIsBounded(t *testing.T) {
	var b ledger
	one, two := new(link), new(link)
	for i := range 3 * anomaliesKept {
		b.record(one, nil, []Anomaly{{Since: second(float64(i))}})
	}
	b.record(two, []Anomaly{{Since: second(-1), Detail: "lasts"}}, nil)
	b.record(one, []Anomaly{{Since: second(1e6)}}, nil)
	all := b.anomalies()
	if len(all) != anomaliesKept+2 || all[0].Detail != "lasts" || !all[1].Since.Equal(second(2*anomaliesKept)) || !all[len(all)-1].Since.Equal(second(1e6)) {
		t.Errorf("%d are kept, from %v", len(all), all[0])
	}
	b.record(one, nil, nil)
	b.record(two, nil, nil)
	if len(b.lasting) != 0 {
		t.Error("a link without anomalies is kept")
	}
}

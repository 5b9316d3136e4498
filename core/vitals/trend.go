package vitals

import (
	"slices"
	"time"
)

const (
	settling    = 10 * time.Minute // after the start, and after the number of links changed
	spotEvery   = 2 * time.Minute
	spotsKept   = 30
	spotsNeeded = 9
	// Memory rises when it rises by alarmRise, and by alarmShare of what it was.
	alarmRise  = 4 << 20
	alarmShare = 0.05
)

// spot is the least of our memory, without waste, in a span of spotEvery.
type spot struct {
	at    time.Time // when the span began
	bytes float64
}

// line is how memory went from spot to spot.
type line struct {
	rate float64 // the median of the slopes of all pairs, in bytes per hour
	low  float64 // three quarters of them are above
	from float64 // what memory was in the middle of its range, in bytes
	span time.Duration
}

// lay lays a line through spots in the order of time; false when they are too few.
func lay(spots []spot) (line, bool) {
	if len(spots) < spotsNeeded {
		return line{}, false
	}
	slopes := make([]float64, 0, len(spots)*(len(spots)-1)/2)
	levels := make([]float64, len(spots))
	for i, a := range spots {
		levels[i] = a.bytes
		for _, b := range spots[i+1:] {
			slopes = append(slopes, (b.bytes-a.bytes)/b.at.Sub(a.at).Hours())
		}
	}
	slices.Sort(slopes)
	slices.Sort(levels)
	return line{
		rate: slopes[len(slopes)/2], low: slopes[len(slopes)/4], from: levels[len(levels)/2],
		span: spots[len(spots)-1].at.Sub(spots[0].at),
	}, true
}

// rise is by how many bytes memory rose over the line, and enough what would be alarming.
func (l *line) rise() float64   { return l.rate * l.span.Hours() }
func (l *line) enough() float64 { return max(alarmRise, alarmShare*l.from) }

// alarming reports whether an alarm should begin, and over whether one should end.
func (l *line) alarming() bool { return l.rise() >= l.enough() && l.low >= l.rate/3 }
func (l *line) over() bool     { return l.rise() < l.enough()/2 || l.low <= 0 }

// trend follows our memory over the last hour. Its zero value is ready to use.
type trend struct {
	begun   bool
	links   Figure
	settled time.Time // from when on readings count
	spots   []spot    // the oldest first
	filling spot      // the current one
	rate    Figure
	alarm   *Alarm // what lasts; nil when none does
}

// see takes a reading in, and returns an alarm that began or ended with it.
func (t *trend) see(r *Reading) (began, ended *Alarm) {
	if !t.begun || t.links != r.Links {
		ended = t.end(r.At)
		*t = trend{begun: true, links: r.Links, settled: r.At.Add(settling), spots: t.spots[:0]}
	}
	if r.At.Before(t.settled) {
		return nil, ended
	}
	switch {
	case t.filling.at.IsZero():
		t.filling = spot{r.At, r.used()}
		return nil, ended
	case r.At.Sub(t.filling.at) < spotEvery:
		t.filling.bytes = min(t.filling.bytes, r.used())
		return nil, ended
	}
	if len(t.spots) == spotsKept {
		t.spots = slices.Delete(t.spots, 0, 1)
	}
	t.spots = append(t.spots, t.filling)
	t.filling = spot{r.At, r.used()}
	return t.judge(r.At)
}

// judge begins and ends the alarm by the spots there are.
func (t *trend) judge(now time.Time) (began, ended *Alarm) {
	l, ok := lay(t.spots)
	if !ok {
		return nil, nil
	}
	t.rate = known(l.rate)
	switch {
	case t.alarm != nil && l.over():
		return nil, t.end(now)
	case l.alarming() && t.alarm == nil:
		t.alarm = &Alarm{Since: t.spots[0].at, Rate: l.rate, Links: t.links}
		return t.alarm, nil
	case l.alarming():
		t.alarm.Rate = l.rate
	}
	return nil, nil
}

func (t *trend) end(now time.Time) *Alarm {
	ended := t.alarm
	if ended != nil {
		ended.Until = now
		t.alarm = nil
	}
	return ended
}

package endpoint

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// The detectors are pure: they are told what happened and when, and say what they see.
const (
	flapWindow = 10 * time.Minute
	flapFrom   = 5  // losses within flapWindow
	flapUnder  = 3  // fewer end it, so that it does not come and go with every loss
	flapCount  = 64 // losses are counted up to here

	spikeFactor  = 3
	spikeOver    = 2                // times the usual or less ends a spike
	spikeAbove   = 50.0             // milliseconds; what is faster has the full score
	spikeLearned = 5                // pings make something usual
	usualWeight  = 0.1              // of the newest ping
	spikeWeight  = 0.02             // during a spike, which must not become usual at once
	day          = 24 * time.Hour   // tokens are counted in them
	skewAllowed  = 60 * time.Second // between two clocks
	skewStep     = 10 * time.Second // a clock that moved so much against itself was set
)

// finding is what a detector sees; a zero since means nothing. Again is when it may see
// something else though nothing happens; zero when time alone changes nothing.
type finding struct {
	since, again time.Time
	value, usual float64
	detail       string
}

// drops remembers when the link was lost lately. The nil value remembers nothing.
type drops struct {
	at []time.Time // oldest first
}

func (d *drops) add(now time.Time) *drops {
	if d == nil {
		d = new(drops)
	}
	if len(d.at) == flapCount {
		copy(d.at, d.at[1:])
		d.at = d.at[:flapCount-1]
	}
	d.at = append(d.at, now)
	return d
}

// since returns d without what is too old to count: nil when nothing is left.
func (d *drops) since(now time.Time) *drops {
	for d != nil && len(d.at) > 0 && now.Sub(d.at[0]) >= flapWindow {
		d.at = d.at[1:]
	}
	if d == nil || len(d.at) == 0 {
		return nil
	}
	return d
}

// look wants d to be of since. Lasting says that the link flapped when last asked.
func (d *drops) look(lasting bool) finding {
	if d == nil || len(d.at) < flapUnder || !lasting && len(d.at) < flapFrom {
		return finding{}
	}
	return finding{since: d.at[0], value: float64(len(d.at)), again: d.at[0].Add(flapWindow)}
}

// look counts the takeovers that are young. Stopped says that the link gave up because
// of them.
func (t *takeovers) look(now time.Time, stopped bool) finding {
	var f finding
	for _, at := range t.at {
		if at.IsZero() || now.Sub(at) >= takeoverWindow {
			continue
		}
		if f.since.IsZero() {
			f.since = at
		}
		f.value++
		f.again = at.Add(takeoverWindow)
	}
	if stopped && f.since.IsZero() {
		f.since, f.value = now, 1
	}
	return f
}

// overdue says since when the outstanding ping, the second in a row, has no answer.
func (p *probe) overdue(now time.Time) finding {
	if p.due.IsZero() || !p.second {
		return finding{}
	}
	since := p.sent.Add(-p.allowance())
	return finding{since: since, value: milliseconds(now.Sub(since))}
}

// roundTrips knows how long the pings of a link usually take, over all its sockets.
// Times are milliseconds, in single precision since every link holds one.
type roundTrips struct {
	usual, last float32
	n           uint8
	high        bool // the last was unusual
}

func (r *roundTrips) add(rtt time.Duration) {
	r.last = float32(milliseconds(rtt))
	if r.n < spikeLearned {
		r.n++
		r.usual += (r.last - r.usual) / float32(r.n)
		return
	}
	if r.high {
		r.high = r.last > spikeOver*r.usual && r.last > spikeAbove
	} else {
		r.high = r.last > spikeFactor*r.usual && r.last > spikeAbove
	}
	weight := float32(usualWeight)
	if r.high {
		weight = spikeWeight
	}
	r.usual += weight * (r.last - r.usual)
}

// look forgets a spike when the socket that had it is not measured any more.
func (r *roundTrips) look(now time.Time, measured bool) finding {
	r.high = r.high && measured
	if !r.high {
		return finding{}
	}
	return finding{since: now, value: float64(r.last), usual: float64(r.usual)}
}

// clock knows how our clock stands against the endpoint's, from the last answer that
// said so.
type clock struct {
	right bool
	wrong *skew // else
}

type skew struct {
	at    time.Time // with the monotonic time, to notice that our clock was set since
	ahead time.Duration
}

// reading is one comparison of clocks: ours and the other. Its zero value says nothing.
type reading struct{ at, date time.Time }

// readClock reads the Date of an answer that has just come. It is exact to the second and
// to the time that the answer took, both far within skewAllowed.
func readClock(answer *http.Response) reading {
	date, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return reading{}
	}
	return reading{time.Now(), date}
}

// clockOf takes the reading that a dial came home with.
func clockOf(w *wire, err error) (r reading) {
	if failed := (*DialError)(nil); errors.As(err, &failed) {
		return failed.clock
	}
	if w != nil && w.clock != nil {
		r, w.clock = *w.clock, nil
	}
	return r
}

func (c *clock) add(r reading) {
	if r.date.IsZero() {
		return
	}
	ahead := r.at.Sub(r.date)
	*c = clock{right: ahead.Abs() <= skewAllowed}
	if !c.right {
		c.wrong = &skew{at: r.at, ahead: ahead}
	}
}

// look wants to know when the token was issued; zero when it does not say.
func (c *clock) look(now, issued time.Time) finding {
	if c.wrong != nil && wasSet(now.Round(0).Sub(c.wrong.at.Round(0)), now.Sub(c.wrong.at)) {
		*c = clock{}
	}
	switch ahead := now.Sub(issued); {
	case c.wrong != nil:
		return finding{since: c.wrong.at, value: c.wrong.ahead.Seconds(),
			detail: fmt.Sprintf("the endpoint's clock showed %s when ours showed %s", stamp(c.wrong.at.Add(-c.wrong.ahead)), stamp(c.wrong.at))}
	case c.right, issued.IsZero(), ahead >= -skewAllowed:
		return finding{}
	default:
		return finding{since: now, value: ahead.Seconds(), again: issued.Add(-skewAllowed),
			detail: "the token was issued at " + stamp(issued) + ", which has not come yet"}
	}
}

// wasSet reports that a clock moved against the time that passed: somebody set it, or the
// computer slept. Then an earlier comparison says nothing.
func wasSet(byClock, passed time.Duration) bool { return (byClock - passed).Abs() > skewStep }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// tokenLife says how the token's end is near, or how long ago it was.
func tokenLife(now, expires time.Time) (expiring, expired finding) {
	soon := expires.Add(-expiresSoon)
	switch {
	case expires.IsZero():
	case now.Before(soon):
		expiring.again = soon
	case now.Before(expires):
		days := expires.Sub(now) / day
		expiring = finding{since: soon, value: float64(days), again: expires, detail: "the token expires at " + stamp(expires)}
		if days > 0 {
			expiring.again = expires.Add(1 - days*day)
		}
	default:
		days := now.Sub(expires) / day
		expired = finding{since: expires, value: float64(days), again: expires.Add((days + 1) * day), detail: "the token expired at " + stamp(expires)}
	}
	return expiring, expired
}

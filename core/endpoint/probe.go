package endpoint

import (
	"math"
	"time"
)

// probe is the schedule of a link's health checks. It is pure: it is told what
// happened and when, and says what to do. A zero time means "never".
type probe struct {
	interval time.Duration
	next     time.Time // when the next ping goes out
	asked    time.Time // when one goes out beside the schedule
	sent     time.Time // when the outstanding ping went out
	due      time.Time // when its pong is overdue
	second   bool      // the outstanding ping is the second in a row
	quick    bool      // the answer is wanted within quickPong
	seq      uint64    // of the last ping sent
}

// verdict is what a probe asks its link to do.
type verdict uint8

const (
	verdictWait   verdict = iota // nothing yet
	verdictPing                  // send a ping with the current seq
	verdictMissed                // the first pong is overdue: count it, and send a ping with the current seq
	verdictDead                  // the second pong is overdue too
)

// quickPong is how long a pong may take when there is reason to think that the link died.
const quickPong = 3 * time.Second

// allowance is how long a pong may take.
func (p *probe) allowance() time.Duration {
	allowed := 10 * time.Second
	if p.interval > 0 { // else it is a check by hand
		allowed = min(max(p.interval/3, time.Second), allowed)
	}
	if p.quick {
		allowed = min(allowed, quickPong)
	}
	return allowed
}

// probeSlots is into how many moments of the interval the pings of all links are dealt.
// Links that share one wake the processor once, which costs more than the pings do.
// Six of the usual interval are 5 s apart, as other things that are done regularly may be.
const probeSlots = 6

// phases deals the moments at which links ping, so that each has as many links as any
// other. The first is at random: programs on many computers must not ping together.
type phases struct {
	first float64
	taken [probeSlots]int
}

// take returns the slot that fewest links have.
func (p *phases) take() (slot int) {
	for i, n := range p.taken {
		if n < p.taken[slot] {
			slot = i
		}
	}
	p.taken[slot]++
	return slot
}

func (p *phases) giveBack(slot int) { p.taken[slot]-- }

// of places a slot within the interval, in [0, 1).
func (p *phases) of(slot int) float64 {
	_, phase := math.Modf(p.first + float64(slot)/probeSlots)
	return phase
}

// start begins the schedule for a new socket. Phase in [0, 1) places this link's
// pings within the interval. An interval of zero or less turns pings off.
func (p *probe) start(now time.Time, interval time.Duration, phase float64) {
	*p = probe{interval: interval, seq: p.seq}
	if interval <= 0 {
		return
	}
	at := time.Duration(phase * float64(interval))
	p.next = now.Add((interval + at - time.Duration(now.UnixNano())%interval) % interval)
}

// stop ends the schedule: there is no socket.
func (p *probe) stop() { *p = probe{seq: p.seq} }

// soon asks for a ping at once. The schedule stays, so that links which are all asked
// at once do not fire together from then on.
func (p *probe) soon(now time.Time) {
	if p.due.IsZero() {
		p.asked = now
	}
}

// hurry asks for a sign of life soon after at: by a ping that goes out then, or by
// the pong that is awaited already.
func (p *probe) hurry(at time.Time) {
	p.quick = true
	switch due := at.Add(p.allowance()); {
	case p.due.IsZero():
		p.asked = at
	case due.Before(p.due):
		p.due = due
	}
}

// deadline is when tick wants to be called next; zero for never.
func (p *probe) deadline() time.Time {
	switch {
	case !p.due.IsZero():
		return p.due
	case !p.asked.IsZero() && (p.next.IsZero() || p.asked.Before(p.next)):
		return p.asked
	}
	return p.next
}

// tick says what to do now. LastFrame is when a frame last came in.
func (p *probe) tick(now, lastFrame time.Time) verdict {
	if !p.due.IsZero() {
		if lastFrame.After(p.sent) {
			p.settle()
			return verdictWait
		}
		if now.Before(p.due) {
			return verdictWait
		}
		if p.second {
			p.stop()
			return verdictDead
		}
		p.second = true
		p.send(now, p.allowance()/2)
		return verdictMissed
	}
	isDue := func(at time.Time) bool { return !at.IsZero() && !now.Before(at) }
	if !isDue(p.next) && !isDue(p.asked) {
		return verdictWait
	}
	if isDue(p.next) { // more than one interval may have passed in sleep
		p.next = p.next.Add(now.Sub(p.next)/p.interval*p.interval + p.interval)
	}
	p.asked = time.Time{}
	p.send(now, p.allowance())
	return verdictPing
}

func (p *probe) send(now time.Time, allowance time.Duration) {
	p.seq++
	p.sent = now
	p.due = now.Add(allowance)
}

// pong takes the answer to the ping with seq, and returns the round-trip time if
// it was the outstanding one.
func (p *probe) pong(now time.Time, seq uint64) (rtt time.Duration, ok bool) {
	if p.due.IsZero() || seq != p.seq {
		return 0, false
	}
	rtt = now.Sub(p.sent)
	p.settle()
	return rtt, true
}

func (p *probe) settle() {
	p.due, p.sent, p.second, p.quick = time.Time{}, time.Time{}, false, false
}

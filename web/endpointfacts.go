package web

import (
	"math"
	"strconv"
	"time"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web/ui"
)

// facts are what is known of an endpoint.
func (p painter) facts(s endpoint.Status, h Health, now time.Time) []ui.Fact {
	facts := []ui.Fact{{Name: p.say("fact.since"), When: p.moment(h.Since, now, "fact.when")}}
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, ui.Fact{Name: p.say(key), Value: value})
		}
	}
	add("fact.agent", s.Agent)
	add("fact.address", s.URL.String())
	if !s.Expires.IsZero() {
		f := ui.Fact{Name: p.say("fact.expires"), Value: s.Expires.In(p.zone).Format(p.say("time.day"))}
		switch left := s.Expires.Sub(now); {
		case left < 0:
			f.Level = ui.Down
		case left < 14*24*time.Hour:
			f.Level = ui.Slow
		}
		facts = append(facts, f)
	}
	add("fact.role", p.say("role."+string(s.Role)))
	check := "fact.check.off"
	if s.HealthCheck {
		check = "fact.check.on"
	}
	add("fact.check", p.say(check))
	if !s.LastConnected.IsZero() {
		facts = append(facts, ui.Fact{Name: p.say("fact.connected"), When: p.moment(s.LastConnected, now, "fact.when")})
	}
	if s.OffersCut {
		facts = append(facts, ui.Fact{Name: p.say("fact.offers"), Value: p.say("fact.offers.cut", "n", s.Offered), Level: ui.Slow})
	}
	add("fact.calls", p.say("fact.calls.text", "n", clamp(s.Calls), "requests", clamp(s.Requests), "well", clamp(s.Successes)))
	add("fact.bytes", p.say("fact.bytes.text", "in", p.bytes(s.BytesIn), "out", p.bytes(s.BytesOut)))
	add("fact.sockets", p.say("fact.sockets.text", "n", clamp(s.Sockets), "again", clamp(s.Reconnects)))
	return facts
}

// bytes writes an amount of data.
func (p painter) bytes(n uint64) string {
	switch {
	case n < 1<<10:
		return p.say("unit.bytes", "n", int(n))
	case n < 1<<20:
		return p.say("unit.kib", "size", strconv.FormatFloat(float64(n)/(1<<10), 'f', 1, 64))
	case n >= 1<<30:
		return p.say("unit.gib", "size", strconv.FormatFloat(float64(n)/(1<<30), 'f', 1, 64))
	}
	return p.say("unit.mib", "size", strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64))
}

// scoreBars are the two parts of a score.
func (p painter) scoreBars(s endpoint.Score) []ui.Bar {
	part := func(key string, share float64) ui.Bar {
		b := ui.Bar{Name: p.say(key), Value: p.words.Percent(share), Percent: int(math.Round(min(max(share, 0), 1) * 100))}
		switch {
		case share < 0.5:
			b.Level = ui.Down
		case share < 0.8:
			b.Level = ui.Slow
		}
		return b
	}
	return []ui.Bar{part("score.success", s.Success), part("score.latency", s.Latency)}
}

// timingBars are the parts of a dial, one after the other.
func (p painter) timingBars(t endpoint.Timings) []ui.Bar {
	total := t.DNS + t.TCP + t.TLS + t.Upgrade
	if total <= 0 {
		return nil
	}
	var bars []ui.Bar
	var before time.Duration
	for _, part := range []struct {
		key  string
		took time.Duration
	}{{"timing.dns", t.DNS}, {"timing.tcp", t.TCP}, {"timing.tls", t.TLS}, {"timing.upgrade", t.Upgrade}} {
		if part.took <= 0 { // it was not needed, or is not known
			bars = append(bars, ui.Bar{Name: p.say(part.key), Value: p.say("none")})
			continue
		}
		offset := min(int(before*100/total), 99)
		bars = append(bars, ui.Bar{Name: p.say(part.key), Value: p.fine(part.took), Offset: offset, Percent: max(1, int(part.took*100/total))})
		before += part.took
	}
	return append(bars, ui.Bar{Name: p.say("timing.total"), Value: p.fine(total), Percent: 100})
}

// fine writes a duration that may be far below a millisecond.
func (p painter) fine(d time.Duration) string {
	if d > 0 && d < 10*time.Millisecond {
		return p.say("unit.ms", "time", strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 1, 64))
	}
	if d <= 0 {
		return p.say("unit.ms", "time", "0")
	}
	return p.duration(d)
}

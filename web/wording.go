package web

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"xiaozhi-switchboard/web/ui"
)

// moment renders t with the sentence of a key: at a clock time, and live.
func (p painter) moment(t, now time.Time, key string, args ...any) ui.Moment {
	t, now = t.In(p.zone), now.In(p.zone)
	layout := "time.clock"
	if t.Year() != now.Year() || t.YearDay() != now.YearDay() {
		layout = "time.date"
	}
	at := append([]any{"time", t.Format(p.say(layout))}, args...)
	live := append([]any{"time", "{}"}, args...)
	return ui.Moment{
		ISO:  t.UTC().Format("2006-01-02T15:04:05.000Z"),
		Text: p.say(key+".at", at...),
		Live: p.say(key, live...),
	}
}

// duration writes a round-trip time.
func (p painter) duration(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return p.say("unit.ms", "time", "<1")
	case d < time.Second:
		return p.say("unit.ms", "time", strconv.Itoa(int(d.Round(time.Millisecond)/time.Millisecond)))
	}
	return p.say("unit.s", "time", strconv.FormatFloat(d.Seconds(), 'f', 1, 64))
}

// domID turns any name into one that is fit for an id and a selector.
func domID(name string) string {
	sum := fnv.New64a()
	sum.Write([]byte(name))
	return fmt.Sprintf("%016x", sum.Sum64())
}

// shorten cuts s to about n bytes at a character.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// clamp fits a counter into an int.
func clamp(n uint64) int { return int(min(n, 1<<31-1)) }

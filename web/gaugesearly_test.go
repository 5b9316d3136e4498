package web

import (
	"testing"
	"time"
)

// TestChartsOfTheFirstMinute holds that charts show what there is so far, and from the
// second minute on whole minutes only.
func TestChartsOfTheFirstMinute(t *testing.T) {
	start := noon.Add(20 * time.Second)
	at := func(now time.Time) func() PerformanceView {
		return func() PerformanceView {
			v := PerformanceView{Uptime: Milliseconds(now.Sub(start)), Links: []LinkCalls{{Connected: true}, {}}}
			v.Calls.Total = 3
			v.History = func() (all []SampleView) {
				for x := start; !x.After(now); x = x.Add(5 * time.Second) {
					all = append(all, SampleView{At: x, CPUShare: new(0.5), Goroutines: 40})
				}
				return all
			}
			return v
		}
	}
	var use gauges
	now := start.Add(15 * time.Second)
	use.note(at(start)(), start) // as the keeper does when it starts
	for i, span := range spans {
		h := useHistory(i, use.all().soFar(at(now), now), now)
		last := span.count - 1
		if h.CPUShare[last] == nil || *h.CPUShare[last] != 0.5 || h.At[last] != now.Truncate(span.width).Unix() {
			t.Errorf("%s ends with %v at %d", span.name, h.CPUShare[last], h.At[last])
		}
		if i == 0 && (*h.Calls[last] != 3 || *h.LinksUp[last] != 1 || *h.Links[last] != 2) {
			t.Errorf("calls and links are %v %v %v", *h.Calls[last], *h.LinksUp[last], *h.Links[last])
		}
	}
	if n := len(use.all()[0]); n != 1 {
		t.Errorf("to look has changed what is remembered: %d slots", n)
	}
	now = noon.Add(time.Minute)
	use.note(at(now)(), now)
	now = now.Add(10 * time.Second)
	charts := use.all().soFar(func() PerformanceView { t.Error("looked again"); return PerformanceView{} }, now)
	h := useHistory(0, charts, now)
	if last := len(h.At) - 1; h.At[last] != noon.Unix() || h.CPUShare[last] == nil {
		t.Errorf("the last minute is %d", h.At[last])
	}
	// After a long sleep, calls of the whole run are not taken for those of a minute.
	now = now.Add(48 * time.Hour)
	woken := at(now)()
	woken.Uptime = Milliseconds(48 * time.Hour)
	h = useHistory(0, use.all().soFar(func() PerformanceView { return woken }, now), now)
	if last := len(h.At) - 1; h.Calls[last] != nil {
		t.Errorf("%v calls a minute", *h.Calls[last])
	}
}

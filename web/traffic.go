package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/web/ui"
)

const (
	// trafficGroups, trafficSources bound what the overview shows of the load, and
	// trafficPoints is how many points its line has.
	trafficGroups, trafficSources, trafficPoints = 2, 4, 30
)

// traffic is how many calls there are and where they go, for the overview.
func (p painter) traffic(v PerformanceView, s snapshot) ui.Traffic {
	t := ui.Traffic{Strategy: p.say("performance.strategy." + v.Strategy.String())}
	success := p.say("none")
	if v.Calls.Total > 0 {
		success = p.words.Percent(1 - float64(min(v.Calls.Errors, v.Calls.Total))/float64(v.Calls.Total))
	}
	t.Facts = []ui.Fact{{Name: p.say("traffic.rate"), Value: p.count(v.Calls.PerMinute)}, {Name: p.say("traffic.success"), Value: success}}
	t.Groups = p.load(v).Groups
	if len(t.Groups) == 0 {
		t.Groups = p.byServer(v.Tools)
	}
	t.Groups = slices.Clone(t.Groups[:min(len(t.Groups), trafficGroups)])
	for i := range t.Groups {
		t.Groups[i].Sources = t.Groups[i].Sources[:min(len(t.Groups[i].Sources), trafficSources)]
	}
	t.Line, t.Area, t.LineText = p.rateLine(s)
	return t
}

// byServer is how calls are spread over servers, the busiest first, where nothing has
// several sources to choose from.
func (p painter) byServer(tools []ToolCalls) []ui.LoadGroup {
	calls := map[string]uint64{}
	var all uint64
	for _, t := range tools {
		if t.Calls > 0 {
			calls[t.Server] += t.Calls
			all += t.Calls
		}
	}
	if all == 0 {
		return nil
	}
	var names []string
	var counts []uint64
	for name, n := range calls {
		names, counts = append(names, name), append(counts, n)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(calls[b], calls[a]), strings.Compare(a, b)) })
	g := ui.LoadGroup{Name: p.say("traffic.servers"), Evenness: p.say("performance.even", "index", p.evenness(balance.Jain(counts)))}
	for _, name := range names {
		share := float64(calls[name]) / float64(all)
		g.Sources = append(g.Sources, ui.LoadSource{Name: name, Picked: p.words.Number(clamp(calls[name])), Share: int(share*100 + 0.5), Word: p.words.Percent(share)})
	}
	return []ui.LoadGroup{g}
}

// rateLine draws how many calls a minute there were in the last hour. What is not known is
// left out.
func (p painter) rateLine(s snapshot) (line, area, text string) {
	minutes := s.gauges.column(0, gaugeCalls, s.gauges.first(0, s.at))
	points := make([]mean, trafficPoints)
	var all mean
	top := 0.0
	for i, x := range minutes {
		if x != nil {
			points[i*trafficPoints/len(minutes)].add(*x)
			all.add(*x)
			top = max(top, *x)
		}
	}
	average, known := all.of()
	if !known {
		return "", "", p.say("traffic.none")
	}
	scale := max(top*1.25, 4)
	var b, under strings.Builder
	start, last := 0, -2
	for i, m := range points {
		x, known := m.of()
		if !known {
			continue
		}
		at, y := i*380/(trafficPoints-1), 30-int(x/scale*28+0.5)
		sign := "L"
		if last != i-1 {
			if sign = "M"; last >= 0 {
				fmt.Fprintf(&under, "V32H%dz", start)
			}
			start = at
		}
		part := fmt.Sprintf("%s%d %d", sign, at, y)
		b.WriteString(part)
		under.WriteString(part)
		last = i
	}
	fmt.Fprintf(&under, "V32H%dz", start)
	return b.String(), under.String(), p.say("traffic.text", "average", p.count(average), "top", p.count(top))
}

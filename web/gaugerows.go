package web

import (
	"slices"
	"time"

	"xiaozhi-switchboard/core/history"
)

// gaugeSeries is what the names of the series of gauges begin with: one for each span, whose
// rows are the slots of time.
const gaugeSeries = "use."

const (
	// maxFigure bounds figures in rows, and maxReadings how many are in one.
	maxFigure, maxReadings = 1 << 50, 1 << 20
)

// rows takes what is not on disk yet.
func (g *gauges) rows(bool) []history.Row {
	g.mu.Lock()
	defer g.mu.Unlock()
	var rows []history.Row
	for id := range g.fresh {
		row := history.Row{Series: gaugeSeries + spans[id.span].name, Key: timeKey(id.at)}
		if i := slices.IndexFunc(g.charts[id.span], func(x gauge) bool { return x.at == id.at }); i >= 0 {
			row.Value = packGauge(g.charts[id.span][i])
		}
		rows = append(rows, row)
	}
	clear(g.fresh)
	return rows
}

// again says that what is on disk is not what rows told.
func (g *gauges) again() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, chart := range g.charts {
		for _, x := range chart {
			g.fresh[rowID{i, x.at}] = true
		}
	}
}

func packGauge(x gauge) []byte {
	p := newParcel()
	for _, m := range x.figures {
		mean, _ := m.of()
		p.number(int64(m.n))
		p.figure(mean)
	}
	return p
}

// unpackGauge reads one gauge. Figures that an earlier version did not have are not known,
// and what a later one has more is left out.
func unpackGauge(at int64, value []byte) (gauge, bool) {
	u, x := unpack(value), gauge{at: at}
	for kind := range x.figures {
		if len(u.rest) == 0 {
			break
		}
		m := &x.figures[kind]
		m.n = int(u.number(maxReadings))
		m.sum = u.figure(maxFigure) * float64(m.n)
	}
	return x, !u.bad
}

// load takes what is on disk, before anything else is noted. Unsound rows are left out.
func (g *gauges) load(from History, now time.Time) error {
	var charts gaugeCharts
	for i, span := range spans {
		rows, err := from.Read(gaugeSeries + span.name)
		if err != nil {
			return err
		}
		for _, row := range rows {
			at, ok := span.remembered(row.Key, now)
			if !ok {
				continue
			}
			if x, ok := unpackGauge(at, row.Value); ok {
				charts[i] = slot(charts[i], x, span.width, span.count)
			}
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.charts, g.fresh = charts, map[rowID]bool{}
	return nil
}

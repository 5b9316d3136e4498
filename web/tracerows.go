package web

import (
	"slices"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/history"
	"xiaozhi-switchboard/web/ui"
)

// What links have been through lies on disk in a series for each span, whose rows are the
// slots of time with a bucket for each link, and in one whose rows are the links with their
// changes. So a check of all links changes few rows. The last checks of all links, which are
// others all the time, are one row, beats.go.
const (
	latencySeries = "latency."
	changeSeries  = "changes"

	// linksKept is how many links a row has at most.
	linksKept = 1000
	// maxLinkID and maxKey bound texts in rows.
	maxLinkID, maxKey = 64, 64
	// maxChecks and maxTook bound numbers in rows: a check a second, and a round trip.
	maxChecks, maxTook = 1 << 20, int64(time.Hour / time.Microsecond)
	// early is how far ahead of the clock a moment of the past may be.
	early = time.Minute
)

// rows takes what is not on disk yet, and with whole the last checks.
func (t *traces) rows(whole bool) []history.Row {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fresh == nil {
		return nil
	}
	var rows []history.Row
	for id := range t.fresh.rows {
		rows = append(rows, history.Row{Series: latencySeries + spans[id.span].name, Key: timeKey(id.at), Value: t.bucketsLocked(id)})
	}
	for id := range t.fresh.links {
		row := history.Row{Series: changeSeries, Key: id}
		if tr := t.links[id]; tr != nil {
			row.Value = packChanges(tr.changes)
		}
		if id != "" && len(id) <= maxLinkID {
			rows = append(rows, row)
		}
	}
	t.fresh = newFreshness()
	if whole {
		rows = append(rows, history.Row{Series: beatSeries, Key: beatKey, Value: t.packBeatsLocked()})
	}
	return rows
}

// again says that what is on disk is not what rows told.
func (t *traces) again() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fresh.all(t.links)
}

// bucketsLocked packs the buckets of one slot; nil when there are none.
func (t *traces) bucketsLocked(id rowID) []byte {
	p, n := newParcel(), 0
	for link, tr := range t.links {
		i := slices.IndexFunc(tr.charts[id.span], func(b bucket) bool { return b.at == id.at })
		if i < 0 || len(link) > maxLinkID || n == linksKept {
			continue
		}
		b := tr.charts[id.span][i]
		p.text(link)
		p.number(int64(b.checks))
		p.number(int64(b.failed))
		p.number(int64(b.timed))
		p.number(b.took.Microseconds())
		p.number(b.median.Microseconds())
		n++
	}
	if n == 0 {
		return nil
	}
	return p
}

// unpackBuckets reads the buckets of one slot by their links, and reports whether they are
// sound.
func unpackBuckets(at int64, value []byte) (map[string]bucket, bool) {
	u, all := unpack(value), map[string]bucket{}
	for len(u.rest) > 0 && len(all) < linksKept {
		link := u.text(maxLinkID)
		b := bucket{at: at, checks: int32(u.number(maxChecks))}
		b.failed, b.timed = int32(u.number(int64(b.checks))), int32(u.number(int64(b.checks)))
		b.took = time.Duration(u.number(int64(b.timed)*maxTook)) * time.Microsecond
		b.median = time.Duration(u.number(maxTook)) * time.Microsecond
		if b.timed == 0 {
			b.took, b.median = 0, 0
		}
		if link == "" || u.bad {
			return nil, false
		}
		all[link] = b
	}
	return all, !u.bad
}

func packChanges(changes []change) []byte {
	p := newParcel()
	for _, c := range changes {
		p.number(c.at.UnixMilli())
		p.number(int64(c.level))
		p.text(c.word)
		p.text(c.cause)
	}
	return p
}

// unpackChanges reads the changes of a link. Those that this version has no words for, and
// those that are not of the last days, are left out.
func unpackChanges(value []byte, now time.Time) ([]change, bool) {
	u := unpack(value)
	var all []change
	for len(u.rest) > 0 {
		c := change{at: time.UnixMilli(u.number(1 << 45)), level: ui.Level(u.number(int64(ui.Connecting))), word: u.text(maxKey), cause: u.text(maxKey)}
		if u.bad {
			return nil, false
		}
		if n := len(all); n > 0 && c.at.Before(all[n-1].at) || !recent(c.at, now) || !isText(c.word) || c.cause != "" && !isText(c.cause) {
			continue
		}
		all = append(all, c)
	}
	return all[max(0, len(all)-changesKept):], !u.bad
}

// isText reports whether there is a text with a key.
func isText(key string) bool { return assets.Words(assets.Fallback).Say(key) != key }

// recent reports whether a moment is one that is remembered.
func recent(at, now time.Time) bool {
	longest := spans[len(spans)-1]
	return !at.After(now.Add(early)) && !at.Before(longest.first(now))
}

// load takes what is on disk, before anything else is noted. Unsound rows are left out.
func (t *traces) load(from History, now time.Time) error {
	t.mu.Lock()
	t.fresh = newFreshness()
	t.mu.Unlock()
	links := map[string]*trace{}
	of := func(id string) *trace {
		if links[id] == nil && len(links) < linksKept {
			links[id] = &trace{seen: now}
		}
		return links[id]
	}
	for i, span := range spans {
		rows, err := from.Read(latencySeries + span.name)
		if err != nil {
			return err
		}
		for _, row := range rows {
			at, ok := span.remembered(row.Key, now)
			if !ok {
				continue
			}
			all, ok := unpackBuckets(at, row.Value)
			if !ok {
				continue
			}
			for id, b := range all {
				if tr := of(id); tr != nil {
					tr.charts[i] = slot(tr.charts[i], b, span.width, span.count)
					tr.medians[i].begin(int(b.timed), b.median)
				}
			}
		}
	}
	rows, err := from.Read(changeSeries)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if changes, ok := unpackChanges(row.Value, now); ok && len(changes) > 0 && len(row.Key) <= maxLinkID {
			if tr := of(row.Key); tr != nil {
				tr.changes = changes
			}
		}
	}
	if rows, err = from.Read(beatSeries); err != nil {
		return err
	}
	for _, row := range rows {
		for id, beats := range unpackBeats(row.Value, now) {
			if tr := of(id); tr != nil && row.Key == beatKey {
				tr.beats = beats
			}
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.links = links
	return nil
}

// remembered returns the moment of a key of a series of the span, if it is one of the slots
// that are remembered.
func (s span) remembered(key string, now time.Time) (int64, bool) {
	at, ok := keyTime(key)
	if !ok || at%int64(s.width.Seconds()) != 0 {
		return 0, false
	}
	_, ok = s.place(s.first(now), at)
	return at, ok
}

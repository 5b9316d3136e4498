package web

import (
	"slices"
	"time"

	"xiaozhi-switchboard/web/ui"
)

const (
	// beatSeries has one row, beatKey, with the last checks of all links.
	beatSeries, beatKey = "beats", "links"
	// beatsLast is how long they are shown after the last one, if the program did not run.
	beatsLast = 24 * time.Hour
	// beatsGap is how long it must not have run to be seen as a beat of its own.
	beatsGap = 2 * beatLate
)

// packBeatsLocked packs the last checks of each link, with when the last one was. Those of a
// link at rest tell nothing. It is nil when there is nothing.
func (t *traces) packBeatsLocked() []byte {
	p, n := newParcel(), 0
	for link, tr := range t.links {
		checked := slices.ContainsFunc(tr.beats, func(b sample) bool { return b.level != ui.Paused })
		if !checked || link == "" || len(link) > maxLinkID || n == linksKept {
			continue
		}
		p.text(link)
		p.number(tr.beaten.Unix())
		p.number(int64(len(tr.beats)))
		for _, b := range tr.beats {
			p.number(int64(b.level))
			p.number(b.took.Microseconds())
		}
		n++
	}
	if n == 0 {
		return nil
	}
	return p
}

// unpackBeats reads the last checks by their links; none from an unsound row. Those of long
// ago are left out, and a while in which the program did not run is a beat that is not known.
func unpackBeats(value []byte, now time.Time) map[string][]sample {
	u, all := unpack(value), map[string][]sample{}
	for len(u.rest) > 0 && len(all) < linksKept {
		link, last := u.text(maxLinkID), time.Unix(u.number(1<<40), 0)
		beats := make([]sample, u.number(beatsKept))
		for i := range beats {
			beats[i] = sample{level: ui.Level(u.number(int64(ui.Connecting))), took: time.Duration(u.number(maxTook)) * time.Microsecond}
		}
		if link == "" || u.bad {
			return nil
		}
		rest := now.Sub(last)
		if rest < -early || rest > beatsLast {
			continue
		}
		if rest > beatsGap {
			beats = appended(beats, sample{level: ui.Paused}, beatsKept)
		}
		all[link] = beats
	}
	return all
}

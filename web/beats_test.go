package web

import (
	"slices"
	"testing"
	"time"

	"xiaozhi-switchboard/web/ui"
)

// TestBeatsOverARestart holds what a bar shows after a while without the program.
func TestBeatsOverARestart(t *testing.T) {
	well := []sample{{ui.Up, 40 * time.Millisecond}, {ui.Slow, time.Second}, {ui.Down, 0}}
	full := slices.Repeat([]sample{{level: ui.Up}}, beatsKept)
	gap := sample{level: ui.Paused}
	for _, tt := range []struct {
		name  string
		beats []sample
		rest  time.Duration
		want  []sample
	}{
		{"a quick restart", well, time.Second, well},
		{"a night", well, 9 * time.Hour, append(slices.Clone(well), gap)},
		{"a night, and no room", full, 9 * time.Hour, append(slices.Clone(full[1:]), gap)},
		{"a week", well, 7 * 24 * time.Hour, nil},
		{"a clock that was put back", well, -time.Hour, nil},
		{"at rest all the time", []sample{gap, gap}, time.Second, nil},
		{"nothing", nil, time.Second, nil},
	} {
		past := traces{links: map[string]*trace{"a": {beats: tt.beats, beaten: noon}}}
		packed := past.packBeatsLocked()
		if got := unpackBeats(packed, noon.Add(tt.rest))["a"]; !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		for i := range packed {
			unpackBeats(packed[:i], noon)
		}
	}
}

// TestFirstBeatAfterARestart holds that the time without the program is not taken for a
// failure of the link.
func TestFirstBeatAfterARestart(t *testing.T) {
	before, _ := lived(noon, time.Hour, 30*time.Second)
	store := &fakeHistory{}
	if err := store.Write(before.rows(true)); err != nil {
		t.Fatal(err)
	}
	later := noon.Add(3 * time.Minute)
	past, _ := keptOf(t, store, later)
	links := invented(later)[:1]
	links[0].LastHealthCheck = time.Time{} // not checked yet in this run
	past.note(links, later)
	was := past.all()[links[0].ID].beats
	if last := was[len(was)-1]; last != (sample{level: ui.Paused}) {
		t.Errorf("the last beat is %v", last)
	}
	links[0].LastHealthCheck = later.Add(time.Second)
	past.note(links, later.Add(time.Second))
	if now := past.all()[links[0].ID].beats; now[len(now)-1].level != ui.Up || len(now) != beatsKept {
		t.Errorf("then they are %v", now)
	}
}

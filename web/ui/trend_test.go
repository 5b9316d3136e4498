package ui

import (
	"strings"
	"testing"
	"time"
)

func TestBeatPaths(t *testing.T) {
	beats := func(levels ...Level) (list []Beat) {
		for _, l := range levels {
			list = append(list, Beat{Level: l})
		}
		return list
	}
	var full []Beat
	for range 60 {
		full = append(full, Beat{Level: Up})
	}
	for _, c := range []struct {
		name  string
		beats []Beat
		want  []stroke
	}{
		{"none", nil, []stroke{{"none", "M2 17h396"}}},
		{"one", beats(Up), []stroke{{"none", "M2 17h386"}, {"up", "M392 10h6"}}},
		{"more than fit", full, []stroke{{"up", "M2 10h396"}}},
		{"each", beats(Up, Down, Up, Slow, Connecting, Paused), []stroke{
			{"none", "M2 17h336M392 17h6"}, {"up", "M342 10h6M362 10h6"}, {"down", "M352 15h6M382 15h6"}, {"slow", "M372 12h6"},
		}},
	} {
		got := beatPaths(c.beats)
		if len(got) != len(c.want) {
			t.Errorf("%s: %v", c.name, got)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.name, got[i], c.want[i])
			}
		}
	}
}

func TestSparkPaths(t *testing.T) {
	ms := func(list ...int) (beats []Beat) {
		for _, n := range list {
			beats = append(beats, Beat{Took: time.Duration(n) * time.Millisecond})
		}
		return beats
	}
	for _, c := range []struct {
		name  string
		beats []Beat
		line  string
	}{
		{"nothing", nil, ""},
		{"one point", ms(10, 10), ""},
		{"two, calm", ms(20, 20, 20, 20), "M360 16L380 16"},
		{"a gap is bridged", ms(20, 0, 0, 0, 40, 40), "M340 19L380 8"},
		{"beyond the scale", ms(1000, 1000, 0, 1000, 2000, 2000), "M340 19L360 19 380 8"},
	} {
		line, area := sparkPaths(c.beats)
		if line != c.line || (line == "") != (area == "") || !strings.HasPrefix(area, line) {
			t.Errorf("%s: line %q area %q", c.name, line, area)
		}
	}
}

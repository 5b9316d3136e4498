package config

import (
	"testing"
	"time"
)

func TestSettler(t *testing.T) {
	const ms = time.Millisecond
	start := time.Unix(1000, 0)
	s := settler{debounce: 100 * ms}
	for _, tt := range []struct{ at, want time.Duration }{
		{0, 100 * ms}, {90 * ms, 100 * ms}, {1900 * ms, 100 * ms}, {1950 * ms, 50 * ms}, {2500 * ms, 0},
	} {
		if got := s.sign(start.Add(tt.at)); got != tt.want {
			t.Errorf("a sign after %v: wait %v, want %v", tt.at, got, tt.want)
		}
	}
	for _, tt := range []struct {
		found   string
		bad     bool
		believe bool
	}{
		{"a", false, true},
		{"b", true, false}, {"b", true, true}, // the same twice
		{"c", true, false}, {"d", true, false}, {"d", true, true}, // still being written
		{"e", true, false}, {"a", false, true}, {"e", true, false}, // mended between
	} {
		believe, again := s.look(tt.found, tt.bad)
		if believe != tt.believe || (again == 400*ms) == believe {
			t.Errorf("look %+v: %v, again in %v", tt, believe, again)
		}
	}
	if got := s.sign(start.Add(time.Hour)); got != 100*ms {
		t.Errorf("the limit counts from the last look: %v", got)
	}
}

package balance

import (
	"testing"
	"time"
)

func TestScore(t *testing.T) {
	for _, tt := range []struct {
		success float64
		rtt     time.Duration
		want    int
	}{
		{1, 10 * time.Millisecond, 100},
		{1, 50 * time.Millisecond, 100},
		{1, 100 * time.Millisecond, 94},
		{1, 500 * time.Millisecond, 81},
		{1, 2 * time.Second, 70},
		{1, time.Minute, 70},
		{1, 0, 70},
		{0.5, 50 * time.Millisecond, 65},
		{0, 50 * time.Millisecond, 30},
		{0, 0, 0},
	} {
		if got := ScoreOf(tt.success, tt.rtt).Value; got != tt.want {
			t.Errorf("success %v, round trip %v: %d, want %d", tt.success, tt.rtt, got, tt.want)
		}
	}
	last := 1.1
	for rtt := time.Millisecond; rtt < 4*time.Second; rtt += rtt / 7 {
		l := latencyScore(rtt)
		if l > last || l < 0 || l > 1 {
			t.Fatalf("L(%v) = %v after %v", rtt, l, last)
		}
		last = l
	}
}

func TestGauge(t *testing.T) {
	var g Gauge
	now := time.Unix(1e9, 0)
	if r := g.Read(); r != (Reading{}) {
		t.Errorf("a new gauge reads %+v", r)
	}
	if score, _ := g.choice(); score <= HealthyAbove {
		t.Errorf("a source that was never tried is taken for one that scores %d", score)
	}
	g.Outcome(true, now)
	g.RoundTrip(100 * time.Millisecond)
	g.RoundTrip(200 * time.Millisecond)
	r := g.Read()
	if r.RoundTrip != 120*time.Millisecond || r.Score.Success != 1 || !r.LastSuccess.Equal(now) {
		t.Errorf("got %+v", r)
	}
	if score, micros := g.choice(); int(score) != r.Score.Value || micros != 120_000 {
		t.Errorf("what choosing sees is %d, %d µs", score, micros)
	}
	for range 3 {
		g.Outcome(false, now.Add(time.Second))
	}
	if r = g.Read(); r.Failures != 3 || r.Score.Success < 0.511 || r.Score.Success > 0.513 {
		t.Errorf("after three failures: %+v", r)
	}
	g.ForgetRoundTrip()
	if r = g.Read(); r.RoundTrip != 0 || r.Score.Latency != 0 {
		t.Errorf("after forgetting: %+v", r)
	}
	g.RoundTrip(1 << 62)
	if _, micros := g.choice(); micros == 0 {
		t.Error("an absurd time is no time")
	}
}

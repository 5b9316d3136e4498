package vitals

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestLay lays lines through an hour of memory, in MiB by hours, under noise of half a MiB
// and with two outliers, and says which are alarming.
func TestLay(t *testing.T) {
	flat := func(float64) float64 { return 30 }
	for _, c := range []struct {
		name     string
		memory   func(hours float64) float64
		rate     float64 // MiB an hour
		alarming bool
		over     bool
	}{
		{"flat", flat, 0, false, true},
		{"a leak", func(h float64) float64 { return 30 + 12*h }, 12, true, false},
		{"a slow leak", func(h float64) float64 { return 30 + 6*h }, 6, true, false},
		{"less than anybody minds", func(h float64) float64 { return 30 + 1*h }, 1, false, true},
		{"a little of much", func(h float64) float64 { return 300 + 9*h }, 9, false, false},
		{"memory that is given back", func(h float64) float64 { return 60 - 20*h }, -20, false, true},
		{"waves", func(h float64) float64 { return 40 + 3*math.Cos(2*math.Pi*3*h) }, 0, false, true},
	} {
		for seed := range uint64(50) {
			noise := rand.New(rand.NewPCG(seed, 1))
			var spots []spot
			for i := range spotsKept {
				at := time.Duration(i) * spotEvery
				spots = append(spots, spot{epoch.Add(at), (c.memory(at.Hours()) + noise.NormFloat64()/2) * (1 << 20)})
			}
			spots[noise.IntN(spotsKept)].bytes += 200 << 20
			spots[noise.IntN(spotsKept)].bytes -= 15 << 20
			l, ok := lay(spots)
			if !ok {
				t.Fatal("no line through an hour")
			}
			if got := l.rate / (1 << 20); math.Abs(got-c.rate) > 3 {
				t.Errorf("%s, %d: %.1f MiB an hour, want about %.1f", c.name, seed, got, c.rate)
			}
			if l.alarming() != c.alarming || l.over() != c.over {
				t.Errorf("%s, %d: alarming %t, over %t: %+v", c.name, seed, l.alarming(), l.over(), l)
			}
		}
	}
	if _, ok := lay(make([]spot, spotsNeeded-1)); ok {
		t.Error("a line through too few spots")
	}
}

// TestStepIsNoLeak moves a step of any height through the hour.
func TestStepIsNoLeak(t *testing.T) {
	for _, height := range []float64{3, 20, 400} {
		for where := range spotsKept {
			noise := rand.New(rand.NewPCG(uint64(where), 2))
			var spots []spot
			for i := range spotsKept {
				memory := 30 + noise.NormFloat64()/4
				if i >= where {
					memory += height
				}
				spots = append(spots, spot{epoch.Add(time.Duration(i) * spotEvery), memory * (1 << 20)})
			}
			if l, _ := lay(spots); l.alarming() {
				t.Errorf("a step of %v MiB at %d of %d: %+v", height, where, spotsKept, l)
			}
		}
	}
}

// TestTrend plays courses of a day, in MiB by minutes after the start, and says
// when alarms may begin and end.
func TestTrend(t *testing.T) {
	// What every program does: much in the first minutes, little in the hour after.
	warm := func(m float64) float64 { return 30 - 18*math.Exp(-m/4) - 1*math.Exp(-m/30) }
	steady := func(float64) uint64 { return 3 }
	type span struct{ begin, end [2]float64 } // in minutes, from the one to the other
	never := [2]float64{math.Inf(1), math.Inf(1)}
	for _, c := range []struct {
		name   string
		memory func(m float64) float64
		links  func(m float64) uint64
		want   []span
	}{
		{"an ordinary day", warm, steady, nil},
		{"work that begins after hours, and its end", func(m float64) float64 {
			if m > 300 && m < 500 {
				return warm(m) + 40
			}
			return warm(m)
		}, steady, nil},
		{"a leak from the start", func(m float64) float64 { return warm(m) + m/60*30 }, steady,
			[]span{{[2]float64{28, 40}, never}}},
		{"a leak from 200 to 400", func(m float64) float64 { return warm(m) + min(max(m-200, 0), 200)/60*10 }, steady,
			[]span{{[2]float64{220, 260}, [2]float64{405, 450}}}},
		{"links that come, a new one every quarter of an hour", func(m float64) float64 { return warm(m) + 2*math.Floor(m/15) },
			func(m float64) uint64 { return uint64(m / 15) }, nil},
		{"a leak until somebody adds a link", func(m float64) float64 { return warm(m) + min(m, 600)/60*30 },
			func(m float64) uint64 {
				if m < 600 {
					return 3
				}
				return 4
			}, []span{{[2]float64{28, 40}, [2]float64{600, 601}}}},
		{"garbage, collected every three minutes", func(m float64) float64 { return warm(m) + 8*math.Mod(m, 3)/3 }, steady, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var tr trend
			var got []Alarm
			noise := rand.New(rand.NewPCG(3, 4))
			for at := time.Duration(0); at < 24*time.Hour; at += 5 * time.Second {
				m := at.Minutes()
				bytes := (c.memory(m) + noise.Float64()/2) * (1 << 20)
				began, ended := tr.see(&Reading{At: epoch.Add(at), RSS: known(bytes), Links: known(c.links(m))})
				if began != nil {
					got = append(got, *began)
					if minute := m; len(got) <= len(c.want) && (minute < c.want[len(got)-1].begin[0] || minute > c.want[len(got)-1].begin[1]) {
						t.Errorf("alarm at minute %v: %s", minute, began)
					}
				}
				if ended != nil {
					got[len(got)-1] = *ended
				}
			}
			if len(got) != len(c.want) {
				t.Fatalf("alarms %v, want %d", got, len(c.want))
			}
			for i, a := range got {
				end := c.want[i].end
				if a.Until.IsZero() {
					if end != never {
						t.Errorf("%s has not ended", a)
					}
				} else if m := a.Until.Sub(epoch).Minutes(); m < end[0] || m > end[1] {
					t.Errorf("%s ended at minute %v, want %v", a, m, end)
				}
			}
		})
	}
}

func TestAlarmIsASentence(t *testing.T) {
	at := time.Date(2026, 3, 1, 14, 5, 0, 0, time.UTC)
	a := Alarm{Since: at, Rate: 12.34 * (1 << 20), Links: known(uint64(3))}
	if got, want := a.String(), "memory has been growing by 12.3 MiB an hour since 14:05, though the number of links stayed at 3"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	a.Until, a.Links = at.Add(time.Hour), Figure{}
	if got, want := a.String(), "memory grew by 12.3 MiB an hour from 14:05 to 15:05, though nothing else changed"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if strings.Contains(a.String(), "%!") {
		t.Error(a)
	}
}

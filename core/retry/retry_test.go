package retry

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestDelay(t *testing.T) {
	const s = time.Second
	var failing, working Outcomes
	for range 12 {
		failing, working = failing.Add(false), working.Add(true)
	}
	policy := func(st Strategy) Policy {
		return Policy{Strategy: st, Base: 2 * s, Max: 60 * s, Multiplier: 3, NoJitter: true}
	}
	tests := []struct {
		name   string
		policy Policy
		a      Attempt
		want   time.Duration
	}{
		{"fixed", policy(FixedInterval), Attempt{Number: 9}, 2 * s},
		{"linear first", policy(LinearBackoff), Attempt{Number: 1}, 2 * s},
		{"linear", policy(LinearBackoff), Attempt{Number: 5}, 10 * s},
		{"linear capped", policy(LinearBackoff), Attempt{Number: 50}, 60 * s},
		{"exponential first", policy(ExponentialBackoff), Attempt{Number: 1}, 2 * s},
		{"exponential", policy(ExponentialBackoff), Attempt{Number: 3}, 18 * s},
		{"exponential capped", policy(ExponentialBackoff), Attempt{Number: 5}, 60 * s},
		{"exponential beyond float", policy(ExponentialBackoff), Attempt{Number: math.MaxInt}, 60 * s},
		{"number 0 counts as 1", policy(ExponentialBackoff), Attempt{}, 2 * s},
		{"adaptive plain", policy(Adaptive), Attempt{Number: 2}, 6 * s},
		{"adaptive auth", policy(Adaptive), Attempt{Number: 1, Cause: CauseAuth}, 8 * s},
		{"adaptive server", policy(Adaptive), Attempt{Number: 2, Cause: CauseServer}, 9 * s},
		{"adaptive timeout is linear", policy(Adaptive), Attempt{Number: 4, Cause: CauseTimeout}, 8 * s},
		{"adaptive after failures", policy(Adaptive), Attempt{Number: 2, Recent: failing}, 9 * s},
		{"adaptive after successes", policy(Adaptive), Attempt{Number: 2, Recent: working}, 3 * s},
		{"retry-after wins over a shorter wait", policy(FixedInterval), Attempt{Number: 1, Asked: 30 * s}, 30 * s},
		{"retry-after passes the cap", policy(FixedInterval), Attempt{Number: 1, Asked: 90 * s}, 90 * s},
		{"retry-after is bounded", policy(FixedInterval), Attempt{Number: 1, Asked: 100 * time.Hour}, LongestAsked},
		{"retry-after shorter than the wait", policy(LinearBackoff), Attempt{Number: 5, Asked: s}, 10 * s},
		{"floor", policy(FixedInterval), Attempt{Number: 1, Floor: 15 * s}, 15 * s},
		{"cap below base counts as base", Policy{Base: 10 * s, Max: s, NoJitter: true}, Attempt{Number: 4}, 10 * s},
		{"zero policy", Policy{NoJitter: true}, Attempt{Number: 2}, 2 * DefaultBase},
		{"multiplier under 1", Policy{Multiplier: 0.1, NoJitter: true}, Attempt{Number: 3}, 4 * DefaultBase},
		{"NaN multiplier", Policy{Multiplier: math.NaN(), NoJitter: true}, Attempt{Number: 3}, 4 * DefaultBase},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.policy.Delay(tt.a, nil); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestJitterStaysInsideTheCap(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	p := Policy{Base: time.Second, Max: 30 * time.Second}
	var least, most time.Duration = time.Hour, 0
	for range 10_000 {
		d := p.Delay(Attempt{Number: 20}, random.Float64)
		least, most = min(least, d), max(most, d)
	}
	if least < 15*time.Second || most > 30*time.Second {
		t.Errorf("waits reach from %v to %v, want within 15 s to 30 s", least, most)
	}
	if most-least < 14*time.Second {
		t.Errorf("waits reach only from %v to %v: hardly any jitter", least, most)
	}
}

func TestOutcomes(t *testing.T) {
	var o Outcomes
	if _, known := o.Add(true).Add(true).Share(); known {
		t.Error("two attempts say nothing yet")
	}
	for i := range 30 {
		o = o.Add(i >= 25)
	}
	if share, known := o.Share(); !known || share != 0.5 {
		t.Errorf("got %v %v, want 0.5: only the last ten count", share, known)
	}
}

func TestStrategyNames(t *testing.T) {
	for _, s := range Strategies() {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back Strategy
		if err := json.Unmarshal(text, &back); err != nil || back != s {
			t.Errorf("%s came back as %v, %v", text, back, err)
		}
	}
	if s, err := ParseStrategy("Linear_Backoff"); err != nil || s != LinearBackoff {
		t.Errorf("got %v, %v", s, err)
	}
	if _, err := ParseStrategy("random"); err == nil {
		t.Error("an unknown name is accepted")
	}
}

func FuzzDelay(f *testing.F) {
	f.Add(uint8(0), int64(1), int64(1), 2.0, 3, uint8(1), int64(0), 0.5)
	f.Fuzz(func(t *testing.T, st uint8, base, limit int64, m float64, n int, cause uint8, asked int64, r float64) {
		if !(r >= 0 && r < 1) {
			r = 0
		}
		p := Policy{Strategy: Strategy(st % 4), Base: time.Duration(base), Max: time.Duration(limit), Multiplier: m}
		d := p.Delay(Attempt{Number: n, Cause: Cause(cause % 5), Asked: time.Duration(asked)}, func() float64 { return r })
		most := max(p.Max, p.Base)
		if p.Max <= 0 {
			most = max(DefaultMax, p.Base)
		} else if p.Base <= 0 {
			most = max(p.Max, DefaultBase)
		}
		most = max(min(most, Longest), min(time.Duration(asked), LongestAsked))
		if d < 0 || d > most {
			t.Fatalf("delay %v is outside [0, %v]", d, most)
		}
	})
}

package balance

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

var start = time.Unix(1e9, 0)

// some returns a set of n healthy members that are up.
func some(strategy Strategy, n int) (*Set, []*Member) {
	random := rand.New(rand.NewPCG(1, 2))
	s := NewSet(strategy, random.Float64)
	members := make([]*Member, n)
	for i := range members {
		members[i] = s.Add(fmt.Sprint(i), "g", new(Gauge))
		members[i].gauge.Outcome(true, start)
		members[i].gauge.RoundTrip(10 * time.Millisecond)
		members[i].SetUp(true)
	}
	return s, members
}

func picks(members []*Member) (counts []uint64) {
	for _, m := range members {
		counts = append(counts, m.picked)
	}
	return counts
}

func spread(counts []uint64) uint64 {
	low, high := uint64(math.MaxUint64), uint64(0)
	for _, c := range counts {
		low, high = min(low, c), max(high, c)
	}
	return high - low
}

func TestRoundRobinIsEven(t *testing.T) {
	s, members := some(RoundRobin, 3)
	for range 10_000 {
		s.Pick(start, members, nil)
	}
	if got := picks(members); spread(got) > 1 {
		t.Errorf("picks %v, want within one of even", got)
	}
}

func TestRoundRobinIsEvenWhileTheSetChanges(t *testing.T) {
	s, members := some(RoundRobin, 5)
	random := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		// Between two changes every source that is up is within one call of the others.
		for _, m := range members {
			m.SetUp(random.IntN(3) > 0)
		}
		before, up := picks(members), []int{}
		for i, m := range members {
			if m.Up() {
				up = append(up, i)
			}
		}
		for range random.IntN(20) {
			if m := s.Pick(start, members, nil); (m == nil) != (len(up) == 0) {
				t.Fatalf("%d sources are up, picked %v", len(up), m)
			}
		}
		var since []uint64
		for _, i := range up {
			since = append(since, members[i].picked-before[i])
		}
		if len(up) > 0 && spread(since) > 1 {
			t.Fatalf("picks since the change: %v", since)
		}
	}
}

// TestReturnOfASource holds what a source gets that comes, or comes back after long: its turn,
// after those that wait, and no more than that.
func TestReturnOfASource(t *testing.T) {
	for _, strategy := range []Strategy{RoundRobin, HealthBased} {
		s, members := some(strategy, 2)
		ids := func(n int) (ids string) {
			for range n {
				ids += s.Pick(start, members, nil).ID
			}
			return ids
		}
		members[1].SetUp(false)
		if got := ids(50); strings.Trim(got, "0") != "" {
			t.Fatalf("%v: picked %s", strategy, got)
		}
		members[1].SetUp(true)
		if got := ids(6); strings.Count(got, "1") != 3 || strings.Contains(got, "11") {
			t.Errorf("%v: after one came back %s", strategy, got)
		}
		late := s.Add("2", "g", nil)
		late.gauge.Outcome(true, start)
		late.gauge.RoundTrip(10 * time.Millisecond)
		late.SetUp(true)
		members = append(members, late)
		if got := ids(9); strings.Count(got, "0") != 3 || strings.Count(got, "1") != 3 || strategy == RoundRobin && got[2] != '2' {
			t.Errorf("%v: after one joined %s", strategy, got)
		}
	}
}

// TestCreditEnds holds that what a source earned or owes by its health goes when it is down, and
// with the strategy.
func TestCreditEnds(t *testing.T) {
	for name, end := range map[string]func(*Set, *Member){
		"down":     func(_ *Set, m *Member) { m.SetUp(false); m.SetUp(true) },
		"strategy": func(s *Set, _ *Member) { s.SetStrategy(Random); s.SetStrategy(HealthBased) },
	} {
		s, members := some(HealthBased, 3)
		s.Pick(start, members, nil) // the first, which owes now
		s.Pick(start, members, nil) // the second
		if members[0].credit >= 0 || members[2].credit <= 0 {
			t.Fatalf("credits %v, %v, %v", members[0].credit, members[1].credit, members[2].credit)
		}
		end(s, members[2])
		if members[2].credit != 0 {
			t.Errorf("%s: credit %v is left", name, members[2].credit)
		}
	}
}

func TestRandomIsUniform(t *testing.T) {
	s, members := some(Random, 4)
	const n = 10_000
	for range n {
		s.Pick(start, members, nil)
	}
	mean, sigma := n/4.0, math.Sqrt(n*0.25*0.75)
	for i, c := range picks(members) {
		if math.Abs(float64(c)-mean) > 3*sigma {
			t.Errorf("source %d was picked %d times, want %.0f ± %.0f", i, c, mean, 3*sigma)
		}
	}
}

func TestHealthBasedFollowsTheWeight(t *testing.T) {
	s, members := some(HealthBased, 3)
	members[1].gauge.RoundTrip(3 * time.Second) // 100 → 612 ms: a lower score
	const n = 10_000
	for range n {
		s.Pick(start, members, nil)
	}
	var weights []float64
	sum := 0.0
	for _, m := range members {
		w := float64(m.Read().Score.Value * m.Read().Score.Value)
		weights, sum = append(weights, w), sum+w
	}
	for i, c := range picks(members) {
		if want := n * weights[i] / sum; math.Abs(float64(c)-want) > 2 {
			t.Errorf("source %d was picked %d times, want %.1f by its weight", i, c, want)
		}
	}
}

func TestHealthBasedTakesTheFasterOfEqualScores(t *testing.T) {
	s, members := some(HealthBased, 2)
	members[0].gauge.RoundTrip(40 * time.Millisecond) // still 50 ms and under: the same score
	if m := s.Pick(start, members, nil); m != members[1] {
		t.Errorf("picked %s, want the faster one", m.ID)
	}
}

func TestPickLeavesOut(t *testing.T) {
	for _, strategy := range Strategies() {
		t.Run(strategy.String(), func(t *testing.T) {
			s, members := some(strategy, 4)
			down, sick, out, tried := members[0], members[1], members[2], members[3]
			down.SetUp(false)
			for range 10 {
				sick.gauge.Outcome(false, start)
			}
			for i := range breakAfter {
				if opened := out.Failed(start); opened != (i == breakAfter-1) {
					t.Errorf("failure %d: opened %v", i+1, opened)
				}
			}
			for _, step := range []struct {
				from, tried []*Member
				want        *Member
			}{
				{members, []*Member{tried}, sick}, // not healthy, but let through
				{members, nil, tried},
				{members[:3], nil, sick},
				{[]*Member{down, out}, nil, out}, // rather than none
				{[]*Member{down}, nil, nil},
				{nil, nil, nil},
				{members, members, nil},
			} {
				got := s.Pick(start, step.from, step.tried)
				if got != step.want {
					t.Errorf("from %d without %d: picked %+v", len(step.from), len(step.tried), got)
				}
				if got != nil {
					got.Abandoned()
				}
			}
		})
	}
}

func TestStrategyCountsAnew(t *testing.T) {
	s, members := some(RoundRobin, 2)
	for range 3 {
		s.Pick(start, members, nil)
	}
	s.SetStrategy(RoundRobin)
	if got := s.Stats(start).Members[0].Picked; got != 2 {
		t.Errorf("the same strategy again: %d picks", got)
	}
	s.SetStrategy(HealthBased)
	stats := s.Stats(start)
	if stats.Strategy != HealthBased || stats.Members[0].Picked != 0 || stats.Members[0].Total != 2 || stats.Fairness("g") != 1 {
		t.Errorf("got %+v", stats)
	}
	s.Pick(start, members, nil)
	s.Moved("t", members[0], members[1], Safe, start)
	s.Remove(members[1])
	stats = s.Stats(start)
	if len(stats.Members) != 1 || stats.Members[0].Moved != 1 || stats.Members[0].Share != 1 || len(stats.Moves) != 1 || stats.Moves[0].To != "1" {
		t.Errorf("got %+v", stats)
	}
}

func TestMovesAreBounded(t *testing.T) {
	s, members := some(RoundRobin, 2)
	told := 0
	s.OnMove(func(m Move) {
		if last := s.Stats(start).Moves; last[len(last)-1] != m { // no lock is held
			t.Errorf("told of %+v", m)
		}
		told++
	})
	for i := range 3 * movesKept {
		s.Moved(fmt.Sprint(i), members[0], members[1], Unsent, start)
	}
	moves := s.Stats(start).Moves
	if len(moves) != movesKept || moves[0].Tool != fmt.Sprint(2*movesKept) || cap(s.moves) > 2*movesKept {
		t.Errorf("%d moves are kept, the first is %+v", len(moves), moves[0])
	}
	if told != 3*movesKept {
		t.Errorf("told of %d moves", told)
	}
}

func TestMay(t *testing.T) {
	for _, tt := range []struct {
		unsent, safe, may bool
		why               Reason
	}{{true, false, true, Unsent}, {true, true, true, Unsent}, {false, true, true, Safe}, {false, false, false, Safe}} {
		if why, may := May(tt.unsent, tt.safe); may != tt.may || why != tt.why {
			t.Errorf("unsent %v, safe %v: %v, %v", tt.unsent, tt.safe, why, may)
		}
	}
}

func TestJain(t *testing.T) {
	for _, tt := range []struct {
		counts []uint64
		want   float64
	}{
		{nil, 1}, {[]uint64{0, 0}, 1}, {[]uint64{5, 5, 5}, 1}, {[]uint64{9, 0, 0}, 1.0 / 3}, {[]uint64{4, 2}, 0.9},
		{[]uint64{math.MaxUint64, math.MaxUint64}, 1},
	} {
		if got := Jain(tt.counts); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("Jain(%v) = %v, want %v", tt.counts, got, tt.want)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	s, members := some(HealthBased, 3)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 500 {
				m := s.Pick(start, members, nil)
				switch (i + n) % 4 {
				case 0:
					m.Failed(start)
				case 1:
					m.Abandoned()
				default:
					m.Done(start, time.Millisecond)
				}
				if n%100 == 0 {
					s.SetStrategy(Strategies()[n/100%3])
					extra := s.Add("x", "g", nil)
					extra.SetUp(true)
					s.Remove(extra)
					s.Stats(start)
				}
			}
		})
	}
	all.Wait()
}

func TestPickAllocatesNothing(t *testing.T) {
	for _, strategy := range Strategies() {
		s, members := some(strategy, 100)
		if n := testing.AllocsPerRun(100, func() { s.Pick(start, members, nil) }); n > 0 {
			t.Errorf("%v: %v allocations", strategy, n)
		}
	}
}

// BenchmarkPick is one choice among 100 sources. Target: under 1 µs, no allocation.
func BenchmarkPick(b *testing.B) {
	for _, strategy := range Strategies() {
		b.Run(strategy.String(), func(b *testing.B) {
			s, members := some(strategy, 100)
			b.ReportAllocs()
			for b.Loop() {
				s.Pick(start, members, nil)
			}
		})
	}
}

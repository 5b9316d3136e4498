package vitals

import (
	"encoding/json"
	"testing"
	"time"
)

func TestFigureTellsUnknownFromZero(t *testing.T) {
	for _, c := range []struct {
		f          Figure
		text, json string
	}{
		{Figure{}, "unknown", "null"},
		{known(0.0), "0", "0"},
		{known(0.25), "0.25", "0.25"},
		{known(uint64(1 << 34)), "17179869184", "17179869184"},
	} {
		if got := c.f.String(); got != c.text {
			t.Errorf("%+v reads %s, want %s", c.f, got, c.text)
		}
		if got, err := json.Marshal(c.f); err != nil || string(got) != c.json {
			t.Errorf("%+v is %s in JSON, want %s (%v)", c.f, got, c.json, err)
		}
		if got := unpack(c.f.pack()); got != c.f {
			t.Errorf("%+v is packed to %+v", c.f, got)
		}
	}
	got, err := json.Marshal(Run{Reason: Waste, Before: Memory{Heap: 2}, After: Memory{Heap: 1}})
	want := `{"at":"0001-01-01T00:00:00Z","routine":"compaction","reason":"waste","before":{"rss":null,"heap":2},"after":{"rss":null,"heap":1}}`
	if err != nil || string(got) != want {
		t.Errorf("a run is %s, want %s (%v)", got, want, err)
	}
}

func TestReadingSurvivesPacking(t *testing.T) {
	at, started := time.Unix(1000, 5), time.Unix(900, 0)
	r := Reading{
		At: at, Started: started, RSS: known(uint64(31 << 20)), HeapLive: 5 << 20, HeapHeld: 9 << 20, CPU: known(0.5), Goroutines: 40,
		Links: known(uint64(3)), SystemMemory: known(uint64(16 << 30)), SystemAvailable: known(uint64(4 << 30)),
	}
	p := packed(&r)
	if got := p.reading(started); got != r {
		t.Errorf("%+v\nbecame %+v", r, got)
	}
	if got := r.Available(); got != known(0.25) {
		t.Errorf("%v is available, want a quarter", got)
	}
	if got := r.SystemUsed(); got != known(0.75) {
		t.Errorf("%v is used, want three quarters", got)
	}
	if got := (&Reading{SystemMemory: known(uint64(1))}).SystemUsed(); got.Known {
		t.Errorf("%v is used although nobody said so", got)
	}
	if got := r.Uptime(); got != 100*time.Second+5 {
		t.Errorf("up for %s", got)
	}
}

func TestRingKeepsTheNewest(t *testing.T) {
	var r ring[int]
	for i := range 10 {
		r.put(i, 4)
		list := r.list()
		if len(list) != min(i+1, 4) || list[len(list)-1] != i || list[0] != max(i-3, 0) {
			t.Errorf("after %d it holds %v", i, list)
		}
	}
}

func TestNames(t *testing.T) {
	for i, want := range routineNames {
		if text, err := Routine(i).MarshalText(); err != nil || string(text) != want {
			t.Errorf("routine %d is %s (%v), want %s", i, text, err, want)
		}
	}
	for i, want := range reasonNames {
		if text, err := Reason(i).MarshalText(); err != nil || string(text) != want {
			t.Errorf("reason %d is %s (%v), want %s", i, text, err, want)
		}
	}
	if Routine(200).String() != "routine(200)" || Calm.String() != "calm" || Stretching.String() != "stretching" || Reason(8).String() != "reason(8)" {
		t.Error("names and values are out of step")
	}
}

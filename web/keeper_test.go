package web

import (
	"bytes"
	"errors"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/history"
)

// lived is what links and the program have been through for a time, looked at every so often.
func lived(until time.Time, length, step time.Duration) (*traces, *gauges) {
	past, use := &traces{fresh: newFreshness()}, &gauges{fresh: map[rowID]bool{}}
	calls := uint64(0)
	for at := until.Add(-length); !at.After(until); at = at.Add(step) {
		links := invented(at)
		for j := range links {
			links[j].LastHealthCheck = at
			if links[j].RoundTrip > 0 {
				links[j].RoundTrip += time.Duration(at.Unix()/30%13) * time.Millisecond
			}
		}
		past.note(links, at)
		if at.Second() == 0 {
			calls += uint64(at.Minute() % 5)
			v := inventedPerformance(at)
			v.Calls.Total = calls
			v.History = func() []SampleView {
				var all []SampleView
				for i := range 12 {
					all = append(all, SampleView{At: at.Add(time.Duration(i-12) * 5 * time.Second), ResidentBytes: new(uint64(40<<20 + at.Minute()<<18)),
						HeapBytes: new(uint64(12 << 20)), CPUShare: new(0.01 + float64(at.Minute()%7)/100), HostCPUShare: new(0.2), Goroutines: 60})
				}
				return all
			}
			use.note(v, at)
		}
	}
	return past, use
}

// keptOf is what a store holds of some past, read back at a moment.
func keptOf(t testing.TB, store History, now time.Time) (*traces, *gauges) {
	t.Helper()
	past, use := &traces{}, &gauges{}
	if err := errors.Join(past.load(store, now), use.load(store, now)); err != nil {
		t.Fatal(err)
	}
	return past, use
}

// within are the slots of a chart that its span shows at noon.
func within[T stretch](span span, chart []T) []T {
	return slices.DeleteFunc(slices.Clone(chart), func(x T) bool { _, ok := span.place(span.first(noon), x.start()); return !ok })
}

// TestPastSurvivesARestart writes a past to a real file, and reads it again from there.
func TestPastSurvivesARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	store, err := history.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	past, use := lived(noon, 8*24*time.Hour, 10*time.Minute)
	late := invented(noon)
	late[0].State = endpoint.Paused
	past.note(late, noon)
	past.move(studyID, "new-token") // what an endpoint has been through stays when its token is replaced
	if err := store.Write(append(past.rows(true), use.rows(true)...)); err != nil {
		t.Fatal(err)
	}
	if rows := append(past.rows(false), use.rows(false)...); len(rows) > 0 {
		t.Errorf("%d rows are still to be written", len(rows))
	}
	store.Close()
	if store, err = history.Open(path, nil); err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	pastAgain, useAgain := keptOf(t, store, noon)

	whole, again := past.all(), pastAgain.all()
	delete(whole, "f6f6f6f6f6f6") // paused eight days ago, of which nothing is left
	if len(again) != len(whole) || len(again) != 5 || len(again["new-token"].changes) == 0 {
		t.Fatalf("%d links of %d came back", len(again), len(whole))
	}
	for id, want := range whole {
		for i := range spans {
			got, want := again[id].charts[i], within(spans[i], want.charts[i])
			if len(got) != len(want) {
				t.Fatalf("%s of %s has %d slots, want %d", spans[i].name, id, len(got), len(want))
			}
			for j, b := range want {
				if got[j] != b {
					t.Fatalf("slot %d of %s is %+v, want %+v", j, spans[i].name, got[j], b)
				}
			}
		}
		if !slices.Equal(again[id].beats, want.beats) || len(want.beats) != beatsKept {
			t.Errorf("the last checks of %s are %v, want %v", id, again[id].beats, want.beats)
		}
		for _, c := range want.changes {
			if kept := slices.ContainsFunc(again[id].changes, func(a change) bool {
				return a.at.Equal(c.at) && a.level == c.level && a.word == c.word && a.cause == c.cause
			}); kept != c.at.After(noon.Add(-7*24*time.Hour)) {
				t.Errorf("%s: %+v was kept: %v", id, c, kept)
			}
		}
	}
	for i, want := range use.all() {
		got, want := useAgain.all()[i], within(spans[i], want)
		if len(got) != len(want) || len(got) == 0 {
			t.Fatalf("%s of gauges has %d slots, want %d", spans[i].name, len(got), len(want))
		}
		for j := range want {
			for kind, m := range want[j].figures {
				a, known := got[j].figures[kind].of()
				if b, really := m.of(); known != really || a != b && max(a-b, b-a) > 1e-9*b {
					t.Fatalf("figure %d of slot %d is %v, want %v", kind, j, a, b)
				}
			}
		}
	}
	// The next check goes on in the same slots.
	links := invented(noon)
	links[2].LastHealthCheck = noon
	before := again[links[2].ID].charts[2]
	pastAgain.note(links[2:3], noon)
	if after := pastAgain.all()[links[2].ID].charts[2]; len(after) != len(before) || after[len(after)-1].checks != before[len(before)-1].checks+1 {
		t.Errorf("the last slot is %+v, and was %+v", after[len(after)-1], before[len(before)-1])
	}
}

// TestPastIsWrittenInBatches holds how often the disk is woken: once a minute, and at the end.
func TestPastIsWrittenInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, links := &fakeHistory{}, &fakeLinks{all: invented(time.Now())}
		s := New(Deps{Links: links, History: store, Performance: &fakePerformance{view: inventedPerformance(time.Now())}}, nil)
		check := func() {
			links.mu.Lock()
			for i := range links.all {
				links.all[i].LastHealthCheck = time.Now()
			}
			links.mu.Unlock()
			links.Ring()
		}
		for i := range 10 * 60 / 5 {
			if i == 9*60/5 && len(store.rows[beatSeries]) > 0 {
				t.Error("the last checks were written before it was time")
			}
			check()
			time.Sleep(5 * time.Second)
		}
		synctest.Wait()
		if len(store.rows[beatSeries]) != 1 {
			t.Error("the last checks were not written")
		}
		if n := store.written(); n != 10 {
			t.Errorf("%d writes in 10 minutes", n)
		}
		if most := slices.Max(store.writes[1:]); most > 3*2*2+6 {
			t.Errorf("%v rows were written at once: slots that did not change should not be", store.writes)
		}
		check()
		time.Sleep(time.Second)
		s.Close()
		s.Close()
		if n := store.written(); n != 11 {
			t.Errorf("%d writes after the end", n)
		}
		past, use := keptOf(t, store, time.Now())
		if b := past.all()["d4d4d4d4d4d4"].charts[2]; len(b) != 1 || b[0].checks != 121 || b[0].median != 212*time.Millisecond {
			t.Errorf("kept: %+v", b)
		}
		if x := use.all()[0]; len(x) == 0 || x[len(x)-1].figures[gaugeUp].n != 1 {
			t.Errorf("kept: %+v", x)
		}
	})
}

// TestNothingIsKeptWithoutAPlace holds that the past does not gather for a disk that is not there.
func TestNothingIsKeptWithoutAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		links := &fakeLinks{all: invented(time.Now())}
		s := New(Deps{Links: links, Performance: &fakePerformance{view: inventedPerformance(time.Now())}}, nil)
		time.Sleep(3 * time.Minute)
		s.Close()
		if s.traces.fresh != nil || s.gauges.fresh != nil || s.traces.rows(true) != nil {
			t.Error("rows gather")
		}
		if len(s.gauges.all()[0]) == 0 {
			t.Error("nothing was remembered at all")
		}
	})
}

// TestTroubleWithTheDisk holds that it is told once, and that nothing is lost when it is over.
func TestTroubleWithTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		store, links := &fakeHistory{}, &fakeLinks{all: invented(time.Now())}
		s := New(Deps{Links: links, History: store}, &Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		time.Sleep(90 * time.Second)
		store.set(errors.New("no space left on device"))
		time.Sleep(5 * time.Minute)
		store.set(nil)
		time.Sleep(time.Minute)
		s.Close()
		if n := strings.Count(log.String(), "no space left"); n != 1 || !strings.Contains(log.String(), "written again") {
			t.Errorf("the log says\n%s", &log)
		}
		past, _ := keptOf(t, store, time.Now())
		for id, want := range s.traces.all() {
			if got := past.all()[id]; !reflect.DeepEqual(got.charts, want.charts) {
				t.Errorf("%s: kept %+v, want %+v", id, got.charts[0], want.charts[0])
			}
		}

		log.Reset()
		broken := &fakeHistory{fail: errors.New("input/output error")}
		s = New(Deps{Links: links, History: broken}, &Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		time.Sleep(3 * time.Minute)
		s.Close()
		if n := strings.Count(log.String(), "\n"); n != 1 || len(s.traces.all()) != 6 {
			t.Errorf("%d links, and the log says\n%s", len(s.traces.all()), &log)
		}
	})
}

// TestOldHistoryIsRemoved holds that rows go once they are too old, but not before the clock
// has had the time to be set.
func TestOldHistoryIsRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, now := &fakeHistory{}, time.Now()
		past, use := lived(now.Add(-8*24*time.Hour), 2*time.Hour, time.Minute)
		later, _ := lived(now.Add(3*24*time.Hour).Truncate(2*time.Hour), time.Hour, time.Minute) // the clock was ahead once
		if err := store.Write(slices.Concat(past.rows(true), use.rows(true), later.rows(true))); err != nil {
			t.Fatal(err)
		}
		count := func() (n int) {
			store.mu.Lock()
			defer store.mu.Unlock()
			for series, rows := range store.rows {
				if series != changeSeries && series != beatSeries {
					n += len(rows)
				}
			}
			return n
		}
		before := count()
		s := New(Deps{History: store}, nil)
		defer s.Close()
		if links := s.traces.all(); len(links["a1a1a1a1a1a1"].charts[0])+len(links["a1a1a1a1a1a1"].changes) > 0 || len(s.gauges.all()[2]) > 0 {
			t.Errorf("what is old, or of the future, was taken: %+v", links)
		}
		time.Sleep(trimEvery - time.Minute)
		if n := count(); n != before || n < 100 {
			t.Errorf("%d rows of %d are there", n, before)
		}
		time.Sleep(2 * time.Minute)
		if n := count(); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// TestClockJumps holds that charts stay in the order of time, whatever the clock does.
func TestClockJumps(t *testing.T) {
	var past traces
	var use gauges
	links := invented(noon)[:1]
	at := noon
	for i, jump := range []time.Duration{0, time.Minute, -time.Second, -59 * time.Second, 3 * time.Hour, -3 * time.Hour, time.Minute, 24 * 365 * time.Hour, time.Minute,
		-24 * 365 * time.Hour, -time.Hour, 2 * time.Hour, 20 * time.Minute} {
		at = at.Add(jump)
		links[0].LastHealthCheck = noon.AddDate(2, 0, i)
		past.note(links, at)
		v := PerformanceView{History: func() []SampleView {
			return []SampleView{{At: at, CPUShare: new(0.5)}, {At: at.Add(time.Hour), CPUShare: new(0.5)}}
		}}
		use.note(v, at)
		for j, span := range spans {
			chart := past.all()[links[0].ID].charts[j]
			if !slices.IsSortedFunc(chart, func(a, b bucket) int { return int(a.at - b.at) }) {
				t.Errorf("after %v: %+v", jump, chart)
			}
			last := chart[len(chart)-1].at
			if off := last - at.Truncate(span.width).Unix(); off != 0 && off != int64(span.width.Seconds()) {
				t.Errorf("after %v: the last slot of %s is %d s off", jump, span.name, off)
			}
			if gauges := use.all()[j]; !slices.IsSortedFunc(gauges, func(a, b gauge) int { return int(a.at - b.at) }) || len(gauges) == 0 {
				t.Errorf("after %v: %+v", jump, gauges)
			}
		}
	}
}

// FuzzRows reads rows that anybody may have written: what is taken of them is in bounds.
func FuzzRows(f *testing.F) {
	past, use := lived(noon, 3*time.Minute, time.Minute)
	for _, row := range append(past.rows(true), use.rows(true)...) {
		f.Add(row.Key, row.Value)
	}
	f.Add("\x00", []byte{1, 3, 'a'})
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		store := &fakeHistory{rows: map[string]map[string][]byte{changeSeries: {key: value}, beatSeries: {beatKey: value}}}
		for _, span := range spans {
			store.rows[latencySeries+span.name], store.rows[gaugeSeries+span.name] = map[string][]byte{key: value}, map[string][]byte{key: value}
		}
		past, use := keptOf(t, store, noon)
		for id, tr := range past.all() {
			if len(id) > maxLinkID || len(tr.changes) > changesKept || len(tr.beats) > beatsKept {
				t.Errorf("%q has %d changes and %d beats", id, len(tr.changes), len(tr.beats))
			}
			for i, chart := range tr.charts {
				for _, b := range chart {
					if b.failed > b.checks || b.timed > b.checks || b.took < 0 || b.median > time.Hour || b.at > noon.Unix() || b.at%int64(spans[i].width.Seconds()) != 0 {
						t.Errorf("%+v", b)
					}
				}
			}
		}
		for _, chart := range use.all() {
			for _, x := range chart {
				for _, m := range x.figures {
					if mean, _ := m.of(); !(mean >= 0 && mean <= maxFigure*1.001) {
						t.Errorf("%+v", x)
					}
				}
			}
		}
		s := inventedSnapshot(SettingsView{})
		s.traces = map[string]trace{}
		for id, tr := range past.all() {
			s.traces[id], s.traces[studyID] = tr, tr
		}
		painter{words: assets.Words("en"), zone: time.UTC}.endpointDetail(s.links[0], s, nil)
	})
}

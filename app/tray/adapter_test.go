package tray

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeSurface notes what is asked of it.
type fakeSurface struct {
	quit  chan struct{}
	runs  func() // in Run, after ready
	fails bool   // every call panics, as the toolkit does without its bus

	mu      sync.Mutex
	calls   []string
	times   []time.Time
	entries map[string]*fakeEntry
}

func newFake() *fakeSurface {
	return &fakeSurface{quit: make(chan struct{}), entries: map[string]*fakeEntry{}}
}

func (f *fakeSurface) note(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails {
		panic("dbus: connection closed by user")
	}
	f.calls = append(f.calls, fmt.Sprintf(format, args...))
	f.times = append(f.times, time.Now())
}

// taken returns what was noted since the last time.
func (f *fakeSurface) taken() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := strings.Join(f.calls, ", ")
	f.calls = nil
	return all
}

func (f *fakeSurface) Run(first *Model, ready func()) {
	var starting sync.WaitGroup
	starting.Go(ready)
	if f.runs != nil {
		f.runs()
	}
	<-f.quit
	starting.Wait()
}
func (f *fakeSurface) Quit()                      { close(f.quit) }
func (f *fakeSurface) Icon(icon Icon, badge bool) { f.note("icon %v %v", icon, badge) }
func (f *fakeSurface) Tooltip(text string)        { f.note("tooltip %s", text) }
func (f *fakeSurface) Clear() {
	f.note("clear")
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.entries {
		close(e.clicks)
	}
	f.entries = map[string]*fakeEntry{}
}

func (f *fakeSurface) Add(parent entry, row *Row) entry {
	if row.Line {
		f.note("line")
		return nil
	}
	e := &fakeEntry{surface: f, key: row.Key, clicks: make(chan struct{})}
	if parent != nil {
		e.key = parent.(*fakeEntry).key + "/" + row.Key
	}
	f.note("add %s", e.key)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.entries[e.key] = e
	return e
}

// click does as the toolkit: nobody listening, no click.
func (f *fakeSurface) click(key string) bool {
	f.mu.Lock()
	e := f.entries[key]
	f.mu.Unlock()
	select {
	case e.clicks <- struct{}{}:
		return true
	default:
		return false
	}
}

type fakeEntry struct {
	surface *fakeSurface
	key     string
	clicks  chan struct{}
}

func (e *fakeEntry) Clicks() <-chan struct{} { return e.clicks }
func (e *fakeEntry) Change(before, now *Row) {
	e.surface.note("change %s %s %v", e.key, now.Label, now.Check == Checked)
}

func model(icon Icon, label string, keys ...string) Model {
	m := Model{Icon: icon, Tooltip: "tip", Rows: []Row{{Key: "head", Label: label, Disabled: true}, {Key: "line", Line: true}}}
	for _, k := range keys {
		m.Rows = append(m.Rows, Row{Key: k, Label: k, Rows: []Row{{Key: "on", Check: Checked, Do: Action{"toggle", k}}}})
	}
	return m
}

// show runs a tray on a fake in a bubble.
func show(t *testing.T, first Model, body func(tr *Tray, f *fakeSurface, opened chan struct{})) {
	synctest.Test(t, func(t *testing.T) {
		f, opened := newFake(), make(chan struct{})
		tr := newTray(Options{First: first})
		tr.surface, tr.opened = f, opened
		done := make(chan error, 1)
		go func() { done <- tr.Run() }()
		synctest.Wait()
		body(tr, f, opened)
		tr.Close()
		tr.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
		tr.Set(model(Down, "after the end"))
		synctest.Wait()
		if got := f.taken(); strings.Contains(got, "after") {
			t.Errorf("after the end: %s", got)
		}
	})
}

func TestOnlyDifferencesArePushed(t *testing.T) {
	show(t, model(Connecting, "one", "a", "b"), func(tr *Tray, f *fakeSurface, _ chan struct{}) {
		step := func(m Model, want string) {
			t.Helper()
			time.Sleep(time.Second)
			tr.Set(m)
			synctest.Wait()
			if got := f.taken(); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		}
		if got, want := f.taken(), "icon connecting false, tooltip tip, add head, line, add a, add a/on, add b, add b/on"; got != want {
			t.Errorf("first %s\n want %s", got, want)
		}
		step(model(Connecting, "one", "a", "b"), "")
		step(model(Healthy, "one", "a", "b"), "icon healthy false")
		step(model(Healthy, "two", "a", "b"), "change head two false")
		m := model(Healthy, "two", "a", "b")
		m.Rows[3].Rows[0].Check, m.Badge = Unchecked, true
		step(m, "icon healthy true, change b/on  false")
		step(model(Healthy, "two", "b"), "icon healthy false, clear, add head, line, add b, add b/on")
		m = model(Healthy, "two", "b")
		m.Tooltip = strings.Repeat("x", 500)
		step(m, "tooltip "+strings.Repeat("x", 126)+"…")
		m.Tooltip += "more that nobody sees"
		step(m, "")
	})
}

func TestTwoPushesASecond(t *testing.T) {
	show(t, model(Connecting, "0"), func(tr *Tray, f *fakeSurface, _ chan struct{}) {
		f.taken()
		f.mu.Lock()
		f.times = nil
		f.mu.Unlock()
		time.Sleep(10 * time.Second)
		for i := range 1000 { // ten seconds long
			tr.Set(model(Connecting, fmt.Sprint(i)))
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(time.Second)
		f.mu.Lock()
		defer f.mu.Unlock()
		if n := len(f.times); n < 19 || n > 22 {
			t.Errorf("%d pushes in ten seconds", n)
		}
		for i := 1; i < len(f.times); i++ {
			if d := f.times[i].Sub(f.times[i-1]); d < pace {
				t.Errorf("two pushes within %v", d)
			}
		}
		if last := f.calls[len(f.calls)-1]; last != "change head 999 false" {
			t.Errorf("the last model was not shown: %s", last)
		}
	})
}

func TestAnOpenMenuKeepsItsShape(t *testing.T) {
	show(t, model(Connecting, "one", "a"), func(tr *Tray, f *fakeSurface, opened chan struct{}) {
		f.taken()
		time.Sleep(time.Second)
		opened <- struct{}{}
		tr.Set(model(Down, "one", "a", "b"))
		synctest.Wait()
		if got := f.taken(); got != "icon down false" {
			t.Errorf("while open: %s", got)
		}
		time.Sleep(openTime / 2)
		tr.Set(model(Down, "two", "a"))
		synctest.Wait()
		if got := f.taken(); got != "change head two false" {
			t.Errorf("the old shape again: %s", got)
		}
		tr.Set(model(Down, "two", "c"))
		time.Sleep(openTime)
		synctest.Wait()
		if got := f.taken(); got != "clear, add head, line, add c, add c/on" {
			t.Errorf("when it is closed: %s", got)
		}
	})
}

func TestClicks(t *testing.T) {
	show(t, model(Healthy, "one", "a"), func(tr *Tray, f *fakeSurface, _ chan struct{}) {
		for range 3 {
			if !f.click("a/on") {
				t.Error("a click was not taken")
			}
			synctest.Wait()
		}
		for range 3 {
			if got := <-tr.Actions(); got != (Action{"toggle", "a"}) {
				t.Errorf("got %v", got)
			}
		}
		if !f.click("head") { // does nothing
			t.Error("a click was not taken")
		}
		// A row may mean something else without being made anew.
		m := model(Healthy, "one", "a")
		m.Rows[2].Rows[0].Do = Action{"other", "a"}
		time.Sleep(time.Second)
		tr.Set(m)
		synctest.Wait()
		f.click("a/on")
		synctest.Wait()
		if got := <-tr.Actions(); got != (Action{"other", "a"}) {
			t.Errorf("got %v", got)
		}
		for range clicksKept + 5 { // nobody takes them; nothing waits
			f.click("a/on")
			synctest.Wait()
		}
		if n := len(tr.Actions()); n != clicksKept {
			t.Errorf("%d clicks wait", n)
		}
	})
}

func TestABusThatDies(t *testing.T) {
	show(t, model(Healthy, "one", "a"), func(tr *Tray, f *fakeSurface, _ chan struct{}) {
		f.taken()
		f.mu.Lock()
		f.fails = true
		f.mu.Unlock()
		for i := range 5 {
			time.Sleep(time.Second)
			tr.Set(model(Down, fmt.Sprint(i), "b"))
		}
		f.mu.Lock()
		f.fails = false
		f.mu.Unlock()
		time.Sleep(time.Second)
		tr.Set(model(Healthy, "two"))
		synctest.Wait()
		if got := f.taken(); got != "" {
			t.Errorf("a broken toolkit was asked again: %s", got)
		}
	})
}

func TestAToolkitThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.runs = func() { panic("no bus") }
		tr := newTray(Options{})
		tr.surface = f
		if err := tr.Run(); err == nil || !strings.Contains(err.Error(), "no bus") {
			t.Errorf("got %v", err)
		}
		tr.Set(model(Down, "x"))
		tr.Close()
		synctest.Wait()
	})
}

func TestCloseBeforeRun(t *testing.T) {
	tr := newTray(Options{})
	tr.surface = newFake()
	tr.Close()
	if err := tr.Run(); err != nil {
		t.Error(err)
	}
}

// TestAToolkitThatHangs ends all the same.
func TestAToolkitThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		hung := make(chan struct{})
		f.runs = func() { <-hung }
		tr := newTray(Options{})
		tr.surface = f
		ran := make(chan error, 1)
		go func() { ran <- tr.Run() }()
		synctest.Wait()
		start := time.Now()
		tr.Close()
		if err := <-ran; err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > 2*patience {
			t.Errorf("it took %v", took)
		}
		close(hung)
		synctest.Wait()
	})
}

func BenchmarkPush(b *testing.B) {
	f := newFake()
	tr := newTray(Options{})
	tr.surface = f
	models := []Model{model(Healthy, "one"), model(Down, "two")}
	for i := range models {
		for n := range 50 {
			models[i].Rows = append(models[i].Rows, Row{Key: fmt.Sprint(n), Label: fmt.Sprint(n, i)})
		}
	}
	tr.model = &models[0]
	tr.push(time.Time{})
	for b.Loop() {
		tr.Set(models[len(f.calls)%2])
		tr.push(time.Time{})
		f.calls, f.times = f.calls[:0], f.times[:0]
	}
}

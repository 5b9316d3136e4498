package app

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/app/tray"
	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/rough"
	"xiaozhi-switchboard/web"
)

// told writes what was planned.
func told(notes []planned) string {
	var all []string
	for _, n := range notes {
		text := []string{"links", "servers", "config", "recovery"}[n.kind] + " " + n.names("+")
		if n.all {
			text += " all"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func link(name string, bad, stays bool) subject {
	return subject{kind: noteLinks, key: name, name: name, bad: bad, stays: stays}
}

func TestPlanner(t *testing.T) {
	good, bad, lost := func(n string) subject { return link(n, false, false) }, func(n string) subject { return link(n, true, false) }, func(n string) subject { return link(n, true, true) }
	config := func(broken bool) subject { return subject{kind: noteConfig, name: "file", bad: broken, stays: broken} }
	type step struct {
		after time.Duration
		now   []subject
		want  string
	}
	for name, steps := range map[string][]step{
		"what lasts, and its end": {
			{0, []subject{good("a"), good("b")}, ""},
			{time.Second, []subject{bad("a"), good("b")}, ""},
			{noteAfter, []subject{bad("a"), good("b")}, ""}, // waits for others
			{noteMerge, []subject{bad("a"), good("b")}, "links a"},
			{time.Hour, []subject{bad("a"), good("b")}, ""}, // once
			{time.Second, []subject{good("a"), good("b")}, ""},
			{noteAfter, []subject{good("a"), good("b")}, ""},
			{noteMerge, []subject{good("a"), good("b")}, "recovery a"},
		},
		"a hiccup": {
			{0, []subject{bad("a")}, ""},
			{noteAfter - time.Second, []subject{bad("a")}, ""},
			{time.Second, []subject{good("a")}, ""},
			{time.Hour, []subject{good("a")}, ""},
		},
		"three failures are enough": {
			{0, []subject{lost("a"), good("b")}, ""},
			{noteMerge, []subject{lost("a"), good("b")}, "links a"},
		},
		"back before it is told": {
			{0, []subject{lost("a")}, ""},
			{noteMerge - time.Second, []subject{good("a")}, ""},
			{noteMerge, []subject{good("a")}, ""},
		},
		"together": {
			{0, []subject{lost("a"), bad("b"), good("c")}, ""},
			{time.Second, []subject{lost("a"), lost("b"), good("c")}, ""},
			{noteMerge, []subject{lost("a"), lost("b"), good("c")}, "links a+b"},
		},
		"all of them": {
			{0, []subject{lost("a"), lost("b")}, ""},
			{noteMerge, []subject{lost("a"), lost("b")}, "links a+b all"},
		},
		"at most one in ten minutes": {
			{0, []subject{lost("a"), good("b")}, ""},
			{noteMerge, []subject{lost("a"), good("b")}, "links a"},
			{time.Second, []subject{good("a"), good("b")}, ""},
			{time.Minute, []subject{good("a"), good("b")}, ""},
			{noteMerge, []subject{good("a"), good("b")}, ""},
			{noteQuiet - time.Minute - noteMerge - time.Second, []subject{good("a"), good("b")}, ""},
			{noteMerge, []subject{good("a"), good("b")}, "recovery a"},
		},
		"down again by then, nothing new": {
			{0, []subject{lost("a")}, ""},
			{noteMerge, []subject{lost("a")}, "links a all"},
			{time.Minute, []subject{good("a")}, ""},
			{5 * time.Minute, []subject{lost("a")}, ""},
			{time.Hour, []subject{lost("a")}, ""},
			{noteMerge, []subject{lost("a")}, ""},
		},
		"rest is silent": {
			{0, []subject{lost("a")}, ""},
			{noteMerge, []subject{lost("a")}, "links a all"},
			{time.Hour, []subject{{kind: noteLinks, key: "a", name: "a", bad: true, rest: true}}, ""},
			{time.Hour, []subject{good("a")}, ""},
			{time.Hour, []subject{good("a")}, ""},
		},
		"gone is silent": {
			{0, []subject{lost("a")}, ""},
			{noteMerge, []subject{lost("a")}, "links a all"},
			{time.Minute, nil, ""},
			{time.Minute, []subject{lost("a")}, ""}, // quiet still
			{noteMerge, []subject{lost("a")}, ""},
			{time.Hour, nil, ""},
			{time.Minute, []subject{lost("a")}, ""},
			{noteMerge, []subject{lost("a")}, "links a all"},
		},
		"kinds apart": {
			{0, []subject{lost("a"), good("b"), config(true)}, ""},
			{noteMerge, []subject{lost("a"), good("b"), config(true)}, "links a, config file all"},
			{time.Hour, []subject{good("a"), good("b"), config(false)}, ""},
			{noteAfter, []subject{good("a"), good("b"), config(false)}, ""},
			{noteMerge, []subject{good("a"), good("b"), config(false)}, "recovery a+file"},
		},
	} {
		for _, set := range clockSets(len(steps)) {
			var p planner
			now := time.Now()
			for i, s := range steps {
				now = set.at(i, now.Add(s.after))
				notes, again := p.next(s.now, now)
				if got := told(notes); got != s.want {
					t.Errorf("%s, step %d, %v: told %q, want %q", name, i, set, got, s.want)
				}
				if wait := again.Sub(now); !again.IsZero() && (wait <= 0 || wait > noteQuiet) {
					t.Errorf("%s, step %d, %v: again after %v", name, i, set, wait)
				}
			}
		}
	}
}

// clockSet sets the clock before one step of a test.
type clockSet struct {
	step int
	by   time.Duration
}

// clockSets are none, and a day to and fro before each of n steps.
func clockSets(n int) []clockSet {
	all := []clockSet{{}}
	for i := range n {
		all = append(all, clockSet{i, 24 * time.Hour}, clockSet{i, -24 * time.Hour})
	}
	return all
}

// at is the time of a step.
func (c clockSet) at(step int, now time.Time) time.Time {
	if step != c.step {
		return now
	}
	return rough.Set(now, c.by)
}

// String tells it.
func (c clockSet) String() string {
	return fmt.Sprintf("with the clock set by %v before step %d", c.by, c.step)
}

func TestSwitches(t *testing.T) {
	p := planner{off: map[noteKind]bool{noteLinks: true}}
	now := time.Now()
	step := func(after time.Duration, want string, subjects ...subject) {
		t.Helper()
		now = now.Add(after)
		notes, _ := p.next(subjects, now)
		if got := told(notes); got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	}
	step(0, "", link("a", true, true))
	step(noteMerge, "", link("a", true, true))
	step(time.Hour, "", link("a", false, false))
	step(noteAfter, "", link("a", false, false))
	step(noteMerge, "", link("a", false, false)) // nobody knew that it was down
	p.off = map[noteKind]bool{noteRecovery: true}
	step(0, "", link("a", true, true))
	step(noteMerge, "links a all", link("a", true, true))
	step(time.Hour, "", link("a", false, false))
	step(noteAfter, "", link("a", false, false))
	step(noteMerge, "", link("a", false, false))
	p.off = nil
	step(time.Hour, "", link("a", false, false))
}

// TestADayOfFlapping runs tray and notifications for a day over links that fail in all
// ways, and counts what people would have seen.
func TestADayOfFlapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const links = 6
		random := rand.New(rand.NewPCG(1, 2))
		status := make([]endpoint.Status, links)
		next := make([]time.Time, links)
		for i := range status {
			status[i] = endpoint.Status{Identity: endpoint.Identity{ID: fmt.Sprint(i)}, Name: fmt.Sprint("link", i), State: endpoint.Ready, RoundTrip: 50 * time.Millisecond}
		}
		// flap moves one link: the first is steady, the second blinks, others stay down for
		// longer and longer.
		flap := func(i int) time.Duration {
			s := &status[i]
			if s.State == endpoint.Ready {
				s.State, s.Kind, s.ReconnectAttempts = endpoint.Waiting, endpoint.KindClosed, 1+random.IntN(i+1)
				if i == links-1 && random.IntN(2) == 0 {
					s.State = endpoint.Failed
				}
				return time.Duration(random.IntN(1+[]int{0, 4, 40, 120, 600, 3600}[i])) * time.Second
			}
			s.State, s.Kind, s.ReconnectAttempts = endpoint.Ready, endpoint.KindNone, 0
			return time.Duration(1+random.IntN([]int{1, 20, 120, 600, 1200, 3600}[i])) * time.Second
		}
		var (
			f        face
			p        planner
			notes    int
			icons    int
			states   int
			seen     tray.Icon
			badSince [worst + 1]time.Time // when things became at least that bad
			last     = map[string]time.Time{}
			down     = map[string]bool{}
		)
		start := time.Now()
		for time.Since(start) < 24*time.Hour {
			now := time.Now()
			for i := 1; i < links; i++ {
				if !now.Before(next[i]) {
					next[i] = now.Add(max(flap(i), 100*time.Millisecond))
					states++
				}
			}
			s := &sight{now: now, links: look(status, now), words: assets.Words("en"), path: "file"}
			m, _, again := s.model(&f, nil)
			for r := range badSince {
				if rankOf(iconOf(s.links)) < r {
					badSince[r] = time.Time{}
				} else if badSince[r].IsZero() {
					badSince[r] = now
				}
			}
			if m.Icon != seen {
				if r := rankOf(m.Icon); icons > 0 && r > rankOf(seen) && now.Sub(badSince[r]) < worseHolds {
					t.Errorf("%v is shown after %v", m.Icon, now.Sub(badSince[r]))
				}
				seen = m.Icon
				icons++
			}
			planned, at := p.next(s.subjects(), now)
			for _, n := range planned {
				notes++
				for _, sub := range n.subjects {
					if before, ok := last[sub.key]; ok && now.Sub(before) < noteQuiet {
						t.Errorf("%s told twice within %v", sub.name, now.Sub(before))
					}
					last[sub.key] = now
					if down[sub.key] != (n.kind == noteRecovery) {
						t.Errorf("%s: told %v when it was told %v before", sub.name, n.kind, down[sub.key])
					}
					down[sub.key] = n.kind != noteRecovery
				}
				if s.note(&n).Title == "" {
					t.Error("a note without words")
				}
			}
			soon := earlier(again, at)
			for _, at := range next[1:] {
				soon = earlier(soon, at)
			}
			time.Sleep(max(time.Until(soon), lookEvery))
		}
		t.Logf("a day: %d changes of links, %d of the icon, %d notifications", states, icons, notes)
		if notes == 0 || notes > links*24*6 {
			t.Errorf("%d notifications", notes)
		}
		for _, quiet := range []string{"0", "1"} {
			if _, told := last[quiet]; told {
				t.Errorf("link%s never lasted, and was told", quiet)
			}
		}
		if icons == 0 || icons > states {
			t.Errorf("%d changes of the icon for %d of links", icons, states)
		}
	})
}

func TestNotes(t *testing.T) {
	one, two := link("Study", true, true), link("Kids", true, true)
	one.cause = "It is closed."
	for _, c := range []struct {
		lang  string
		note  planned
		title string
		body  string
		page  string
	}{
		{"en", planned{noteLinks, []subject{one}, true}, "Study is disconnected", "It is closed.", "endpoints/Study"},
		{"en", planned{noteLinks, []subject{one, two}, false}, "2 endpoints are disconnected", "Study, Kids", ""},
		{"zh", planned{noteLinks, []subject{one, two}, true}, "所有接入点都已断开", "Study、Kids", ""},
		{"en", planned{noteServers, []subject{{kind: noteServers, key: "calc/1", name: "calc", bad: true, cause: "No."}}, true}, "calc does not run", "No.", "tools/servers/calc%2F1"},
		{"zh", planned{noteServers, []subject{{name: "a"}, {name: "b"}}, false}, "2 个 MCP 服务未运行", "a、b", ""},
		{"en", planned{noteConfig, []subject{{kind: noteConfig, name: "/x", cause: "Line 3."}}, true}, "The configuration file has a mistake", "Line 3.", "settings/file"},
		{"en", planned{noteRecovery, []subject{{kind: noteConfig}, one, two, {kind: noteServers, name: "calc"}}, false}, "Well again",
			"Connected again: Study, Kids\nRunning again: calc\nThe configuration file can be used again.", ""},
		{"en", planned{noteRecovery, []subject{two}, false}, "Well again", "Connected again: Kids", "endpoints/Kids"},
	} {
		s := &sight{words: assets.Words(c.lang), url: "http://x/"}
		if got := s.note(&c.note); got.Title != c.title || got.Body != c.body || got.URL != "http://x/"+c.page {
			t.Errorf("got %+v, want %q %q %q", got, c.title, c.body, c.page)
		}
	}
}

func TestSubjects(t *testing.T) {
	now := time.Now()
	s := &sight{now: now, words: assets.Words("en"), path: "/file", problem: "Line 1", links: look([]endpoint.Status{
		{Identity: endpoint.Identity{ID: "1", Host: "h"}, Name: "up", State: endpoint.Ready},
		{Identity: endpoint.Identity{ID: "2", Host: "h"}, State: endpoint.Failed, Kind: endpoint.KindAuth},
		{Identity: endpoint.Identity{ID: "3", Host: "h"}, State: endpoint.Paused},
	}, now), servers: []web.ServerView{{Name: "ok", State: web.ServerReady}, {Name: "bad", State: web.ServerFailed}, {Name: "off", State: web.ServerDisabled}, {Name: "new", State: web.ServerStarting}}}
	var got []string
	for _, sub := range s.subjects() {
		got = append(got, fmt.Sprint(sub.kind, sub.name, sub.bad, sub.stays, sub.rest, sub.cause != ""))
	}
	want := "0upfalse false false false, 0htrue true false true, 0htrue false true false, 1okfalse false false false, 1badtrue true false true, 1offfalse false true false, 1newfalse false false false, 2/filetrue true false true"
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}

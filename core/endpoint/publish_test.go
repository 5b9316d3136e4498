package endpoint

import (
	"fmt"
	"math"
	"testing"
	"time"
)

func TestPublications(t *testing.T) {
	const delay = 3 * time.Second
	var p publications
	start := time.Unix(1e9, 0)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	want := func(now int, waits bool, due int) {
		t.Helper()
		if got := p.due(at(now), delay, waits); !got.Equal(at(due)) {
			t.Errorf("changed at %d s: due at %v, want %d s", now, got.Sub(start), due)
		}
	}
	want(0, false, 3)
	want(2, true, 5) // it did not rest
	for now := 4; now < 60; now += 2 {
		want(now, true, min(now+3, 30))
	}
	for i := range publishBurst {
		p.add(at(100 + i))
		want(100+i, false, map[bool]int{false: 103 + i, true: 400}[i == publishBurst-1])
	}
	want(150, true, 400)
	want(399, true, 400)
	p.add(at(400))
	want(400, false, 403) // five minutes after the second of the burst are over sooner
	p.add(at(401))
	want(401, false, 404)
	want(1000, false, 1003)
	p = publications{}
	for _, absurd := range []time.Duration{24 * time.Hour, math.MaxInt64} {
		if got := p.due(start, absurd, false); got.Sub(start) != absurd {
			t.Errorf("after %v: due after %v", absurd, got.Sub(start))
		}
	}
}

// TestRestlessListIsPublished has a list that changes every two seconds, for an hour, and then
// rests.
func TestRestlessListIsPublished(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, b *bubble) {
		listed := 0
		look := func() {
			s := b.last()
			if n := b.count(); n > listed {
				listed = n
				s.ask(t, `{"id":1,"jsonrpc":"2.0","method":"tools/list"}`)
			}
		}
		look()
		for i := range 1800 {
			b.tools.setList(fmt.Sprintf(`{"tools":[{"name":"a%d"}]}`, i))
			b.m.ToolsChanged()
			time.Sleep(2 * time.Second)
			look()
		}
		most := int(time.Hour/publishWindow+1) * publishBurst
		if n := b.count() - 1; n < most/2 || n > most {
			t.Errorf("the list was published %d times in an hour, want at most %d", n, most)
		}
		b.tools.setList(`{"tools":[{"name":"last"}]}`)
		b.m.ToolsChanged()
		time.Sleep(publishWindow)
		if m := b.last().ask(t, `{"id":2,"jsonrpc":"2.0","method":"tools/list"}`); string(m.Result) != `{"tools":[{"name":"last"}]}` || b.count() == listed {
			t.Errorf("the last list was not published: %s", m.Result)
		}
	})
}

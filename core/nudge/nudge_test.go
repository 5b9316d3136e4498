package nudge

import "testing"

func TestBell(t *testing.T) {
	var b Bell
	b.Ring() // nobody listens
	first, endFirst := b.Subscribe()
	second, endSecond := b.Subscribe()
	defer endSecond()
	for range 3 {
		b.Ring()
	}
	<-first
	<-second
	select {
	case <-first:
		t.Error("three rings left more than one nudge")
	default:
	}
	endFirst()
	endFirst()
	b.Ring()
	<-second
	select {
	case <-first:
		t.Error("an ended subscription was nudged")
	default:
	}
}

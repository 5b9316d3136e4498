package web

import (
	"bytes"
	"testing"
	"time"

	"xiaozhi-switchboard/assets"
)

// TestStepIsShared holds what streams are told against what a page lacks, and that tabs of
// one revision share the bytes.
func TestStepIsShared(t *testing.T) {
	links := invented(noon)
	board := newBoard(overviewPage, nil, painter{words: assets.Words("en"), zone: time.UTC})
	rev := uint64(0)
	refresh := func() {
		if _, err := board.refresh(t.Context(), snapshot{at: noon, links: links}, func() uint64 { rev++; return rev }); err != nil {
			t.Fatal(err)
		}
	}
	news := func(has uint64) []byte {
		data, err := board.current.news(t.Context(), has)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	refresh()
	board.watchers = 1
	if !board.tell(t.Context()) || board.tell(t.Context()) {
		t.Error("an edition is news once")
	}
	first, told := board.current, board.current.rev

	links[0].RoundTrip = 77 * time.Millisecond
	refresh()
	links[2].RoundTrip = 78 * time.Millisecond
	refresh() // somebody asked in between
	second := board.current
	board.tell(t.Context())
	if second.step != nil || first.rev != told {
		t.Error("an edition was written to")
	}
	a, b := news(told), news(told)
	if &a[0] != &b[0] || targets(string(a)) != "link-a1a1a1a1a1a1 link-c3c3c3c3c3c3" {
		t.Errorf("tabs of one revision get %s, and do not share it", targets(string(a)))
	}
	if html, _ := board.current.since(t.Context(), told); !bytes.Equal(a, eventData(html)) {
		t.Error("the step is not what changed")
	}
	if got := targets(string(news(told + 1))); got != "link-c3c3c3c3c3c3" {
		t.Errorf("a tab that came in between gets %s", got)
	}
	if got := targets(string(news(0))); got != "problem summary alerts links recent servers tools tray" {
		t.Errorf("a tab that has nothing gets %s", got)
	}

	board.watchers = 0
	links[0].RoundTrip = 79 * time.Millisecond
	refresh()
	if !board.tell(t.Context()) || board.current.step != nil {
		t.Error("a step was made for nobody")
	}
}

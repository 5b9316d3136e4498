package broker

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestObserve holds what is observed of a socket against what its other side saw.
func TestObserve(t *testing.T) {
	var (
		mu             sync.Mutex
		sent, received []string
	)
	s := start(t, &Options{Observe: func(f Frame) {
		mu.Lock()
		defer mu.Unlock()
		if f.Socket != 1 || f.At.IsZero() {
			t.Errorf("observed %+v", f)
		}
		if f.Sent {
			sent = append(sent, string(f.Text))
		} else {
			received = append(received, string(f.Text))
		}
	}})
	c := s.join(t, "1", "echo")
	s.settled(t, "1", 1)
	if _, err := s.Robot("1").Call(t.Context(), "echo", nil); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if want := c.received(); !slices.Equal(sent, want) {
		t.Errorf("sent %q, want %q", sent, want)
	}
	if len(received) != 3 || !strings.Contains(received[1], `"tools"`) || !strings.Contains(received[2], `"content"`) {
		t.Errorf("received %q", received)
	}
}

package hub

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPrewarm(t *testing.T) {
	h, _ := newHub(t, Options{})
	h.Apply([]Server{
		twin(t, "good", filepath.Join(t.TempDir(), "journal")),
		child(t, "knows no ping"),
		{Name: "missing", Command: "no-such-program"},
		{Name: "off", Command: "x", Disabled: true},
	}, nil)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	all := h.Prewarm(ctx)
	if len(all) != 3 {
		t.Fatalf("got %+v", all)
	}
	for _, w := range all[:2] {
		if w.Err != nil || w.Took <= 0 {
			t.Errorf("got %+v", w)
		}
	}
	if all[2].Err == nil || !strings.Contains(all[2].Err.Error(), "no-such-program") {
		t.Errorf("got %+v", all[2])
	}

	h.Apply([]Server{child(t, "never", "hang")}, nil)
	short, stop := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer stop()
	if all := h.Prewarm(short); len(all) != 1 || !errors.Is(all[0].Err, context.DeadlineExceeded) {
		t.Errorf("got %+v", all)
	}
}

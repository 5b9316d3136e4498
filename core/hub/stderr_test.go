package hub

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestStderrIsKeptAndScrubbed(t *testing.T) {
	var written strings.Builder
	for i := range linesKept + 5 {
		fmt.Fprintf(&written, "line %d\n", i)
	}
	written.WriteString("env hunter2hunter2\njoined sesame-sesame\nnext opensesame, path /srv/data\n" + strings.Repeat("x", 3*longestLine) + "\n\n")
	var ring lineRing
	hide := hiding(map[string]string{"API_KEY": "hunter2hunter2", "PATH": "/srv/data"},
		[]string{"--api-token=sesame-sesame", "--dir=/srv/data", "--password", "opensesame", "--auth", "--verbose"})
	ring.follow(strings.NewReader(written.String()), hide, slog.New(slog.DiscardHandler))
	lines := ring.snapshot()
	if len(lines) != linesKept || lines[0] != "line 9" {
		t.Errorf("kept %d lines from %q", len(lines), lines[0])
	}
	if got := strings.Join(lines[linesKept-4:linesKept-1], "|"); got != "env ***|joined ***|next ***, path /srv/data" {
		t.Errorf("got %q", got)
	}
	if last := lines[linesKept-1]; len(last) > longestLine+8 {
		t.Errorf("a line of %d bytes is kept", len(last))
	}
}

func TestStderrOfNobody(t *testing.T) {
	h, _ := newHub(t, Options{})
	if lines := h.Stderr("nobody"); lines != nil {
		t.Errorf("got %q", lines)
	}
}

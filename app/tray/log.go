package tray

import (
	"log"
	"log/slog"
	"strings"
)

// catchLog sends what the toolkit writes with the standard logger to ours, and
// returns what undoes it. Nothing else in the program uses the standard logger.
func catchLog(to *slog.Logger) (restore func()) {
	if to == nil {
		to = slog.New(slog.DiscardHandler)
	}
	old, flags := log.Writer(), log.Flags()
	log.SetFlags(0)
	log.SetOutput(toolkitLog{to})
	return func() { log.SetOutput(old); log.SetFlags(flags) }
}

type toolkitLog struct{ to *slog.Logger }

// Write takes one line.
func (l toolkitLog) Write(line []byte) (int, error) {
	l.to.Debug("tray toolkit", "text", strings.TrimSpace(string(line)))
	return len(line), nil
}

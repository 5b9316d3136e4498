package web

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"xiaozhi-switchboard/core/nudge"
)

// fakeLog is a log that says what it was told.
type fakeLog struct {
	nudge.Bell

	mu      sync.Mutex
	records []*LogRecord
	level   LogLevel
}

func (f *fakeLog) Records() []*LogRecord {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.records)
}

func (f *fakeLog) Level() LogLevel {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.level
}

func (f *fakeLog) SetLevel(level slog.Level) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.level.Level = level
}

// say logs a message, unless the level is too low, with names and values in turn.
func (f *fakeLog) say(at time.Time, level slog.Level, message string, args ...any) {
	f.mu.Lock()
	if level >= f.level.Level {
		r := &LogRecord{Seq: 1000 + uint64(len(f.records)) + 1, At: at, Level: level, Message: message}
		for i := 0; i+1 < len(args); i += 2 {
			r.Attributes = append(r.Attributes, LogAttribute{fmt.Sprint(args[i]), fmt.Sprint(args[i+1])})
		}
		f.records = append(f.records, r)
	}
	f.mu.Unlock()
	f.Ring()
}

// inventedLog is what was logged of the invented links.
func inventedLog(now time.Time) *fakeLog {
	f := &fakeLog{level: LogLevel{Configured: "info"}}
	at := func(seconds int) time.Time { return now.Add(time.Duration(seconds) * time.Second) }
	f.say(at(-40*3600), slog.LevelInfo, "configuration loaded", "path", "/home/ann/xiaozhi.config.json", "endpoints", 6)
	f.say(at(-61), slog.LevelInfo, "link changed", "endpoint", "a1a1a1a1a1a1", "label", "书房小智", "from", "open", "to", "ready")
	f.say(at(-60), slog.LevelWarn, "link changed", "endpoint", "e5e5e5e5e5e5", "label", "车间", "from", "dialing", "to", "waiting", "kind", "dns", "reason", "dial api.xiaozhi.me: no such host", "retry_in", "15s")
	f.say(at(-9), slog.LevelInfo, "server standard error", "server", "home_assistant", "line", "<b>bold</b>\x1b[31m and \"quoted\"\nlines")
	f.say(at(-8), slog.LevelInfo, "call moved", "tool", "weather__forecast", "from", "a1a1a1a1a1a1", "to", "c3c3c3c3c3c3")
	f.say(at(-2), slog.LevelError, "panic while rendering", "panic", strings.Repeat("wide", 80))
	return f
}

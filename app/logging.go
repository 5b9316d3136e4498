package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"

	"gopkg.in/natefinch/lumberjack.v2"

	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web"
)

// Sizes of the log file; older ones are kept beside it.
const (
	logName   = "switchboard.log"
	logMiB    = 5
	logsKept  = 3
	logFolder = "logs"
)

// logging is the program's log: lines for people on the terminal, the same as JSON in a
// rotated file, and the last of them in memory for the pages.
type logging struct {
	*slog.Logger
	*logRing
	level slog.LevelVar
	// configured is the level that the configuration last asked for.
	configured atomic.Pointer[string]
	known      atomic.Pointer[secret.Known]
	on         *switchHandler
	file       *lumberjack.Logger
}

// newLogging opens the log. Terminal may be nil; dir is the data folder, empty for
// no file.
func newLogging(terminal io.Writer, dir string) *logging {
	l := &logging{logRing: newLogRing(logBytes)}
	opts := &slog.HandlerOptions{Level: &l.level, ReplaceAttr: l.scrub}
	handlers := []slog.Handler{&ringHandler{ring: l.logRing, level: &l.level, hide: l.hide}}
	if terminal != nil {
		handlers = append(handlers, slog.NewTextHandler(terminal, opts))
	}
	if dir != "" {
		l.file = &lumberjack.Logger{Filename: filepath.Join(dir, logFolder, logName), MaxSize: logMiB, MaxBackups: logsKept}
		handlers = append(handlers, slog.NewJSONHandler(l.file, opts))
	}
	l.on = &switchHandler{Handler: slog.NewMultiHandler(handlers...), on: new(atomic.Bool)}
	l.Logger = slog.New(l.on)
	return l
}

// set takes the configuration's wishes. What was chosen for the moment stays while the
// wish for a level does.
func (l *logging) set(enabled bool, level string) error {
	l.on.on.Store(enabled)
	if before := l.configured.Swap(&level); before != nil && *before == level {
		return nil
	}
	return l.level.UnmarshalText([]byte(level))
}

// know hides these secrets from now on.
func (l *logging) know(secrets []string) { l.known.Store(secret.NewKnown(secrets)) }

func (l *logging) hide(text string) string { return l.known.Load().Hide(text) }

// Level implements web.Log.
func (l *logging) Level() web.LogLevel {
	v := web.LogLevel{Level: l.level.Level(), Off: !l.on.on.Load()}
	if wish := l.configured.Load(); wish != nil {
		v.Configured = strings.ToLower(*wish)
	}
	return v
}

// SetLevel implements web.Log.
func (l *logging) SetLevel(level slog.Level) {
	before := l.level.Level()
	l.level.Set(level)
	l.Log(context.Background(), max(level, slog.LevelInfo), "log level changed", "from", before, "to", level)
}

func (l *logging) close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}

// scrub hides credentials in whatever reaches the log: our own attributes print
// masked by themselves, but texts of libraries, peers and child processes do not.
func (l *logging) scrub(_ []string, a slog.Attr) slog.Attr {
	a.Key = l.hide(a.Key)
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(l.hide(a.Value.String()))
	case slog.KindAny:
		if _, source := a.Value.Any().(*slog.Source); !source {
			a.Value = slog.StringValue(l.hide(shownAs(a.Value.Any())))
		}
	}
	return a
}

// shownAs is a value as text, whatever its methods do.
func shownAs(value any) string {
	if v, ok := value.([]byte); ok { // as numbers nobody would see what is in it
		return string(v)
	}
	return fmt.Sprint(value)
}

// switchHandler is a handler that can be turned off.
type switchHandler struct {
	slog.Handler
	on *atomic.Bool
}

func (h *switchHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.on.Load() && h.Handler.Enabled(ctx, level)
}

func (h *switchHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &switchHandler{h.Handler.WithAttrs(attrs), h.on}
}

func (h *switchHandler) WithGroup(name string) slog.Handler {
	return &switchHandler{h.Handler.WithGroup(name), h.on}
}

package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync/atomic"

	"gopkg.in/natefinch/lumberjack.v2"

	"xiaozhi-switchboard/core/secret"
)

// Sizes of the log file; older ones are kept beside it.
const (
	logName   = "switchboard.log"
	logMiB    = 5
	logsKept  = 3
	logFolder = "logs"
)

// logging is the program's log: lines for people on the terminal, and the same as
// JSON in a rotated file.
type logging struct {
	*slog.Logger
	level slog.LevelVar
	on    *switchHandler
	file  *lumberjack.Logger
}

// newLogging opens the log. Terminal may be nil; dir is the data folder, empty for
// no file.
func newLogging(terminal io.Writer, dir string) *logging {
	l := &logging{}
	opts := &slog.HandlerOptions{Level: &l.level, ReplaceAttr: scrub}
	var handlers []slog.Handler
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

// set takes the configuration's wishes.
func (l *logging) set(enabled bool, level string) error {
	l.on.on.Store(enabled)
	return l.level.UnmarshalText([]byte(level))
}

func (l *logging) close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}

// scrub hides credentials in whatever reaches the log: our own attributes print
// masked by themselves, but texts of libraries, peers and child processes do not.
func scrub(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(secret.Text(a.Value.String()))
	case slog.KindAny:
		switch v := a.Value.Any().(type) {
		case *slog.Source:
		case error:
			a.Value = slog.StringValue(secret.Text(v.Error()))
		case fmt.Stringer:
			a.Value = slog.StringValue(secret.Text(v.String()))
		default:
			a.Value = slog.StringValue(secret.Text(fmt.Sprint(v)))
		}
	}
	return a
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

package app

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"xiaozhi-switchboard/core/nudge"
	"xiaozhi-switchboard/web"
)

const (
	// logBytes bounds what the pages can show of the log.
	logBytes = 384 << 10
	// recordBytes bounds one record, and recordOverhead is what one takes beside its text.
	recordBytes    = 4 << 10
	recordOverhead = 120
)

// logRing keeps the last records of the log within bounds, and rings when there are more.
type logRing struct {
	nudge.Bell
	limit int

	mu      sync.Mutex
	records []*web.LogRecord // the oldest first; each immutable
	bytes   int
	seq     uint64
}

// newLogRing returns a ring that holds about limit bytes. Its numbers start with the
// clock, so that they are greater than those of an earlier run of the program.
func newLogRing(limit int) *logRing {
	return &logRing{limit: limit, seq: uint64(max(0, time.Now().UnixMilli())) * 1000}
}

// add keeps a record, which must not be changed any more, and drops the oldest ones.
func (r *logRing) add(record *web.LogRecord) {
	r.mu.Lock()
	r.seq++
	record.Seq = r.seq
	r.records = append(r.records, record)
	r.bytes += sizeOf(record)
	drop := 0
	for drop < len(r.records)-1 && r.bytes > r.limit {
		r.bytes -= sizeOf(r.records[drop])
		drop++
	}
	clear(r.records[:drop]) // what is dropped must not be held by the array
	r.records = r.records[drop:]
	r.mu.Unlock()
	r.Ring()
}

func sizeOf(r *web.LogRecord) int {
	n := recordOverhead + len(r.Message)
	for _, a := range r.Attributes {
		n += len(a.Name) + len(a.Value) + 32
	}
	return n
}

// Records implements web.Log.
func (r *logRing) Records() []*web.LogRecord {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.records)
}

// ringHandler is a slog.Handler that writes to a ring.
type ringHandler struct {
	ring  *logRing
	level slog.Leveler
	hide  func(string) string
	group string             // what names start with
	attrs []web.LogAttribute // not hidden yet: what is secret may become known later
}

// Enabled implements slog.Handler.
func (h *ringHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.level.Level()
}

// Handle implements slog.Handler.
func (h *ringHandler) Handle(_ context.Context, r slog.Record) error {
	room := recordBytes
	record := &web.LogRecord{At: r.Time, Level: r.Level, Message: within(h.hide(r.Message), &room)}
	if r.Time.IsZero() {
		record.At = time.Now()
	}
	list := slices.Clip(h.attrs)
	r.Attrs(func(a slog.Attr) bool {
		list = h.flatten(list, h.group, a)
		return true
	})
	for _, a := range list {
		if room <= 0 {
			break
		}
		record.Attributes = append(record.Attributes, web.LogAttribute{Name: within(h.hide(a.Name), &room), Value: within(h.hide(a.Value), &room)})
	}
	h.ring.add(record)
	return nil
}

// WithAttrs implements slog.Handler.
func (h *ringHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	more := *h
	more.attrs = slices.Clip(h.attrs)
	for _, a := range attrs {
		more.attrs = h.flatten(more.attrs, h.group, a)
	}
	return &more
}

// WithGroup implements slog.Handler.
func (h *ringHandler) WithGroup(name string) slog.Handler {
	more := *h
	if name != "" {
		more.group += name + "."
	}
	return &more
}

// flatten appends an attribute, or each of a group with the name of the group before its own.
func (h *ringHandler) flatten(list []web.LogAttribute, group string, a slog.Attr) []web.LogAttribute {
	value := a.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		if a.Key != "" {
			group += a.Key + "."
		}
		for _, member := range value.Group() {
			list = h.flatten(list, group, member)
		}
		return list
	}
	if a.Equal(slog.Attr{}) {
		return list
	}
	text := value.String()
	if value.Kind() == slog.KindAny {
		text = shownAs(value.Any())
	}
	return append(list, web.LogAttribute{Name: group + a.Key, Value: text})
}

// within returns as much of a text as there is room for, and takes that.
func within(text string, room *int) string {
	text = strings.ToValidUTF8(text, "�")
	if len(text) > *room {
		end := max(0, *room)
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end] + "…"
	}
	*room -= len(text)
	return strings.Clone(text) // of a large text only this is held
}

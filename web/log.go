package web

import (
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Log is the program's log, credentials hidden. Implementations must be safe for
// concurrent use.
type Log interface {
	// Records returns the last records that are kept, the oldest first. Nobody may change
	// what they point to.
	Records() []*LogRecord
	// Level says what is logged now.
	Level() LogLevel
	// SetLevel logs from this level on, until the next start or until the configuration
	// asks for another level than before.
	SetLevel(level slog.Level)
	Subscribe() (<-chan struct{}, func())
}

// LogRecord is one record of the log.
type LogRecord struct {
	// Seq orders records: a later one has a greater number, also after a new start.
	Seq     uint64
	At      time.Time
	Level   slog.Level
	Message string
	// Attributes are in the order in which they were given; names may repeat.
	Attributes []LogAttribute
}

// LogAttribute is a name and a value; the name of one in a group is GROUP.NAME.
type LogAttribute struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// LogLevel is what is logged.
type LogLevel struct {
	// Level is the lowest that is logged.
	Level slog.Level
	// Configured is the level that the configuration or the command line asks for, such as
	// "info".
	Configured string
	// Off: nothing is logged, as the configuration has it.
	Off bool
}

// levelName is the name of a level in the configuration, the API and addresses.
func levelName(l slog.Level) string { return strings.ToLower(l.String()) }

// logLevels are those that can be chosen, by name.
var logLevels = []string{"debug", "info", "warn", "error"}

// parseLevel reads the name of a level.
func parseLevel(name string) (level slog.Level, ok bool) {
	for _, known := range logLevels {
		if strings.EqualFold(name, known) {
			return level, level.UnmarshalText([]byte(known)) == nil
		}
	}
	return 0, false
}

// line is the record as one line of text, the moment in UTC.
func (r *LogRecord) line() string {
	return r.At.UTC().Format("2006-01-02T15:04:05.000Z") + " " + r.Level.String() + " " + r.text()
}

// text is the message and what belongs to it.
func (r *LogRecord) text() string {
	var b strings.Builder
	b.WriteString(oneLine(r.Message))
	for _, a := range r.Attributes {
		b.WriteString(" " + oneLine(a.Name) + "=" + quotedIfNeeded(a.Value))
	}
	return b.String()
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// oneLine writes control characters so that they can be seen, and end no line.
func oneLine(s string) string {
	if !strings.ContainsFunc(s, unprintable) {
		return s
	}
	quoted := strconv.Quote(s)
	return quoted[1 : len(quoted)-1]
}

// quotedIfNeeded puts a value into quotes where a reader could not tell its end.
func quotedIfNeeded(s string) string {
	if s == "" || strings.ContainsAny(s, " \"=") || strings.ContainsFunc(s, unprintable) {
		return strconv.Quote(s)
	}
	return s
}

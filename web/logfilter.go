package web

import (
	"log/slog"
	"net/url"
	"slices"
	"strings"
)

const (
	// logShown is how many records a page shows and logMost how many the API gives at once.
	logShown, logMost = 400, 5000
)

// logFilter says which records are wanted. The zero value wants all.
type logFilter struct {
	level slog.Level // and above
	bound bool       // level counts
	words []string   // in lower case; each must be there
	// endpoint is the ID of the link that records are about; empty for any.
	endpoint string
}

// logFilterOf reads a filter from the parameters of an address. What is no level counts
// for none.
func logFilterOf(args url.Values) logFilter {
	f := logFilter{words: strings.Fields(strings.ToLower(args.Get("q"))), endpoint: args.Get("endpoint")}
	f.level, f.bound = parseLevel(args.Get("level"))
	return f
}

// wants reports whether a record is wanted.
func (f logFilter) wants(r *LogRecord) bool {
	if f.bound && r.Level < f.level || f.endpoint != "" && !r.about(f.endpoint) {
		return false
	}
	if len(f.words) == 0 {
		return true
	}
	text := strings.ToLower(r.Level.String() + " " + r.text())
	return !slices.ContainsFunc(f.words, func(word string) bool { return !strings.Contains(text, word) })
}

// about reports whether a record is about a link.
func (r *LogRecord) about(id string) bool {
	return slices.ContainsFunc(r.Attributes, func(a LogAttribute) bool {
		return a.Value == id && (a.Name == "endpoint" || a.Name == "from" || a.Name == "to") // a call moves from one to another
	})
}

// last returns the last records that are wanted, up to limit, the oldest first; after
// leaves out those up to a number. Total is how many are wanted in all.
func (f logFilter) last(records []*LogRecord, after uint64, limit int) (found []*LogRecord, total int) {
	for _, r := range slices.Backward(records) {
		if r.Seq <= after {
			break
		}
		if f.wants(r) {
			if total++; total <= limit {
				found = append(found, r)
			}
		}
	}
	slices.Reverse(found)
	return found, total
}

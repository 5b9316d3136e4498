package journal

import (
	"fmt"
	"time"
)

// Level says how bad something is.
type Level uint8

const (
	// Info is neither good nor bad, such as a setting that was changed.
	Info Level = iota
	// Good is something that works, or works again.
	Good
	// Warning is something that may heal by itself.
	Warning
	// Error is something that will not, or did not work.
	Error
)

var levelNames = [...]string{"info", "good", "warning", "error"}

// String returns the lower-case name.
func (l Level) String() string { return name(levelNames[:], "level", int(l)) }

// MarshalText returns the name.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// Topic is what an event is about.
type Topic uint8

const (
	// Link is a link to an endpoint.
	Link Topic = iota
	// Server is an MCP server.
	Server
	// Anomaly is something unusual that began or ended.
	Anomaly
	// Config is the configuration file.
	Config
	// Optimisation is a run of a routine that minds memory or processor.
	Optimisation
	// System is this program that started, the network, or the computer that slept.
	System
	// Strategy is how sources are chosen for calls.
	Strategy
	// Failover is a call that was given to another source.
	Failover
)

var topicNames = [...]string{"link", "server", "anomaly", "config", "optimisation", "system", "strategy", "failover"}

// Topics are the names of all topics, in the order of their constants.
func Topics() []string { return append([]string(nil), topicNames[:]...) }

// String returns the lower-case name.
func (t Topic) String() string { return name(topicNames[:], "topic", int(t)) }

// MarshalText returns the name.
func (t Topic) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

func name(names []string, kind string, n int) string {
	if n < len(names) {
		return names[n]
	}
	return fmt.Sprintf("%s(%d)", kind, n)
}

// Event is one thing that happened. Texts in it are without credentials: whoever notes
// it sees to that.
type Event struct {
	// Seq counts the events from 1; the journal sets it.
	Seq uint64
	// At is when it happened; the journal fills in a zero one.
	At    time.Time
	Level Level
	Topic Topic
	// What happened, as a code of the topic, such as "ready" of a server.
	What string
	// ID is that of the link, and Name what it, or the server, was called then; empty when
	// it is about neither.
	ID, Name string
	// Cause is a code of the topic for why; empty when there is none to tell.
	Cause string
	// Why says the cause by language tags where no code could; nil elsewhere. It must not be
	// changed afterwards.
	Why map[string]string
	// Detail is the technical side, in English; empty when there is none.
	Detail string
	// Tool is the tool that it is about; empty when it is about none.
	Tool string
	// From and To are what was left and what was taken, such as two strategies.
	From, To string
	// Before and After are two readings in Unit, of an anomaly the usual and the unusual.
	Before, After float64
	Unit          string
	// Took is how long it took or lasted; 0 when that means nothing.
	Took time.Duration
}

func (e *Event) size() int {
	why := 0
	for lang, text := range e.Why {
		why += len(lang) + len(text)
	}
	return eventSize + why + len(e.What) + len(e.ID) + len(e.Name) + len(e.Cause) + len(e.Detail) + len(e.Tool) + len(e.From) + len(e.To) + len(e.Unit)
}

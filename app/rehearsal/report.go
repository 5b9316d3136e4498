package rehearsal

import (
	"fmt"
	"slices"
	"time"
)

// Report is what came of a rehearsal.
type Report struct {
	Cloud Cloud
	Tool  string
	// Steps are all there are, in their order, those that were not come to as well.
	Steps []Step
	Heard Heard
	// Took is how long all of it took.
	Took time.Duration
}

// OK reports whether every step went well, perhaps with a remark, and the assistant
// heard something.
func (r *Report) OK() bool {
	return r.Heard.Silence == "" && !slices.ContainsFunc(r.Steps, func(s Step) bool { return s.Level >= Failed })
}

// Heard is what the assistant would have been given.
type Heard struct {
	// Text is what the cloud passes on to the voice model.
	Text string
	// IsError: it is told as the failure of the tool.
	IsError bool
	// Cut: Text is only the beginning.
	Cut bool
	// Silence says why there is no text; empty when there is.
	Silence Code
}

// Level says how a step went.
type Level uint8

const (
	// Passed went well.
	Passed Level = iota
	// Doubtful works, but something should be seen to.
	Doubtful
	// Failed does not work.
	Failed
	// Skipped was not come to.
	Skipped
)

var levelNames = [...]string{"pass", "warn", "fail", "skip"}

// String returns "pass", "warn", "fail" or "skip".
func (l Level) String() string {
	if int(l) < len(levelNames) {
		return levelNames[l]
	}
	return fmt.Sprintf("level(%d)", uint8(l))
}

// Step is one part of a rehearsal: "connect", "initialize", "list" or "call".
type Step struct {
	Name  string
	Level Level
	Took  time.Duration
	// Sent and Got are the beginnings of what the cloud sent and was answered, without
	// secrets; SentBytes and GotBytes are the sizes of the whole.
	Sent, Got           string
	SentBytes, GotBytes int
	// Remarks say how it went. A step that was come to has at least one.
	Remarks []Remark
}

// remark adds to what is said of a step, and worsens its level.
func (s *Step) remark(level Level, r Remark) {
	r.Level = level
	s.Level = max(s.Level, level)
	s.Remarks = append(s.Remarks, r)
}

// Remark is one thing to say about a step. What else it holds depends on the code.
type Remark struct {
	Code  Code
	Level Level
	// Count is a number of tools or bytes, and Limit what the cloud takes of them.
	Count, Limit int
	// Names are those of tools, at most a few of Count.
	Names []string
	// Time is a time limit.
	Time time.Duration
	// Text is from the other side, in any language and without secrets.
	Text string
}

// Code says what a remark is about.
type Code string

// The codes of the steps, and what they have beside the code.
const (
	CodeConnected   Code = "connected"
	CodeUnreachable Code = "unreachable" // Text

	CodeGreeted  Code = "greeted"
	CodeNoAnswer Code = "no-answer" // Time
	CodeClosed   Code = "closed"    // Count is the close code; the link was closed in the middle

	CodeListed      Code = "listed"     // Count
	CodeBadList     Code = "bad-list"   // Text
	CodeLargeList   Code = "large-list" // Limit; the link was closed
	CodeNoTools     Code = "no-tools"
	CodeManyTools   Code = "many-tools"  // Count, Limit
	CodeBadNames    Code = "bad-names"   // Names, Count
	CodeTwice       Code = "twice"       // Names, Count
	CodeUndescribed Code = "undescribed" // Names, Count
	CodeLostSchema  Code = "lost-schema" // Names, Count

	CodeNotOffered Code = "not-offered"
	CodeAnswered   Code = "answered"     // Time is the limit of the cloud
	CodeLate       Code = "late"         // Time is the limit of the cloud
	CodeClose      Code = "close"        // Time is the limit of the cloud; it was nearly reached
	CodeOwnLimit   Code = "own-limit"    // Time is our own limit
	CodeRefused    Code = "refused"      // Text
	CodeToolError  Code = "tool-error"   // the tool says that it failed
	CodeTooLong    Code = "too-long"     // Count, Limit; the beginning was passed on
	CodeLarge      Code = "large-answer" // Limit; the link was closed
	CodeNoText     Code = "no-text"
	CodeNotText    Code = "not-text"
	CodeOnlyFirst  Code = "only-first"
	CodeErrorLost  Code = "error-lost"
	CodeAction     Code = "action"
	CodeMalformed  Code = "malformed"
)

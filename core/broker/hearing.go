package broker

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"xiaozhi-switchboard/core/rpc"
)

// Result is what became of a tool call, as the assistant would have heard it.
type Result struct {
	// Text is what the voice model was given.
	Text string
	// IsError is true when the tool side said that the call failed.
	IsError bool
	// Raw is the whole result as it arrived.
	Raw []byte
	// Truncated is true when Text is only the beginning, because Raw is longer
	// than Options.MaxResultBytes.
	Truncated bool
	// Warnings say what was lost on the way, each at most once.
	Warnings []Warning
	// Took is the time from the call to the answer.
	Took time.Duration
}

// Warning is one way in which a result is not heard as it was meant.
type Warning uint8

const (
	// WarnTooLong: the result is longer than the family takes.
	WarnTooLong Warning = iota + 1
	// WarnNoText: there is no text to hear.
	WarnNoText
	// WarnNotText: an item that is not text was skipped.
	WarnNotText
	// WarnOnlyFirst: the relay's voice server reads the first item only.
	WarnOnlyFirst
	// WarnErrorLost: the relay's voice server reads result.error of a failed call
	// and drops the content; there is no result.error.
	WarnErrorLost
	// WarnAction: the relay's voice server acts on a JSON text with an "action"
	// member instead of reading it out.
	WarnAction
	// WarnMalformed: the result is not one of MCP.
	WarnMalformed
)

var warningNames = [...]string{"too-long", "no-text", "not-text", "only-first", "error-lost", "action", "malformed"}

// String returns a short name, such as "too-long".
func (w Warning) String() string {
	if i := int(w) - 1; i >= 0 && i < len(warningNames) {
		return warningNames[i]
	}
	return fmt.Sprintf("warning(%d)", uint8(w))
}

// MarshalText returns the name.
func (w Warning) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// hear reads a tools/call result as the family does.
func hear(family Family, raw []byte, limit int) Result {
	out := Result{Raw: raw}
	warn := func(w Warning) {
		for _, known := range out.Warnings {
			if known == w {
				return
			}
		}
		out.Warnings = append(out.Warnings, w)
	}
	var content []byte
	var failure string
	err := rpc.Members(raw, func(name, value []byte) error {
		switch string(name) {
		case "content":
			content = value
		case "isError":
			out.IsError = string(value) == "true"
		case "error":
			failure = text(value)
		}
		return nil
	})
	var texts []string
	items := 0
	if err == nil && content != nil {
		err = elements(content, func(item []byte) error {
			items++
			s, isText := textOf(item)
			switch {
			case family == Relay && items > 1:
				warn(WarnOnlyFirst)
			case isText:
				texts = append(texts, s)
			default:
				warn(WarnNotText)
			}
			return nil
		})
	}
	if err != nil || content == nil {
		warn(WarnMalformed)
	}
	out.Text = strings.Join(texts, "\n")
	if family == Relay {
		if out.IsError {
			out.Text = failure
			if failure == "" {
				warn(WarnErrorLost)
			}
		} else if acts(out.Text) {
			warn(WarnAction)
		}
	}
	if out.Text == "" {
		warn(WarnNoText)
	}
	if limit > 0 && len(raw) > limit {
		warn(WarnTooLong)
		out.Text, out.Truncated = cut(out.Text, limit), true
	}
	return out
}

// textOf returns the text of a content item.
func textOf(item []byte) (string, bool) {
	var kind, s string
	err := rpc.Members(item, func(name, value []byte) error {
		switch string(name) {
		case "type":
			kind = text(value)
		case "text":
			s = text(value)
		}
		return nil
	})
	return s, err == nil && kind == "text"
}

// acts reports a text that the voice server takes for an order to itself.
func acts(s string) bool {
	if !strings.HasPrefix(strings.TrimSpace(s), "{") {
		return false
	}
	found := false
	err := rpc.Members([]byte(s), func(name, _ []byte) error {
		found = found || string(name) == "action"
		return nil
	})
	return err == nil && found
}

// cut returns at most limit bytes of s, in whole characters.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

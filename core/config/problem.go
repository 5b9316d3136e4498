package config

import (
	"fmt"
	"log/slog"
	"strings"
)

// The codes of problems and warnings. A translation is looked up by code and, where one
// code has several sentences, by the word in Args["reason"]; it is filled from Args.
const (
	// CodeSyntax is text that is not JSON, JSON with comments, or JSON5. Reasons: empty, slash,
	// comment-open, word, key-character, escape-zero, number, other; with have, the character
	// that stands there: trailing, value, key, colon, comma-object, comma-list, escape,
	// escape-hex (also digits); with want, the character that is missing: quote-open, quote-line,
	// bracket-open (also line); with limit: number-long.
	CodeSyntax = "syntax"
	// CodeEncoding is text that is not UTF-8. Reasons: utf-8, utf-16-little,
	// utf-16-big.
	CodeEncoding = "encoding"
	// CodeTooLarge is a file beyond the bounds on size, depth or number of values. Args: limit.
	// Reasons: bytes (the limit is in MiB), depth, values.
	CodeTooLarge = "too-large"
	// CodeType is a value of the wrong JSON type. Args: have, one of null, boolean, text, number,
	// object and list; want, one of these or of file, server, object-or-list, object-or-boolean,
	// address-or-object and address-or-list.
	CodeType = "wrong-type"
	// CodeName is a value that is none of the known names. Args: want, the names as a []string.
	CodeName = "unknown-name"
	// CodeRange is a number out of bounds. Args: min, max. Reasons: number, whole (fractions are
	// not allowed), whole-or-zero (0 is allowed too), below-interval.
	CodeRange = "out-of-range"
	// CodeAddress is an address that cannot be dialled. Args: want, what it may start with as a
	// []string; limit. Reasons: long, space, scheme, host; bind is one that cannot be bound to,
	// name one that is no name of the dashboard, and want an example.
	CodeAddress = "bad-address"
	// CodeMissing is something that must be there. Reasons: url, command, servers, and
	// accessKey, which is a warning.
	CodeMissing = "missing"
	// CodeUnresolved is an environment reference without a value. Args: name.
	CodeUnresolved = "unresolved"
	// CodeDuplicate is a name or an address used twice. Args: first, the line of the first.
	// Reasons: endpoint and key, which are warnings, server, reserved.
	CodeDuplicate = "duplicate"
	// CodeText is text with characters or of a length that cannot be used. Args: limit. Reasons:
	// name, prefix, env, headers, and accessKey with Args min and max.
	CodeText = "bad-text"

	// CodeUnknownKey warns of a key that is nearly one we know. Args: meant.
	CodeUnknownKey = "unknown-key"
	// CodeDeprecated warns of a shape that has a better spelling. Reasons: connection, servers.
	CodeDeprecated = "deprecated"
	// CodePlaceholder warns of an endpoint that still is to be filled in.
	CodePlaceholder = "placeholder"
	// CodeIgnored warns of a value that has no effect. Reasons: autoReconnect, url, tools.
	CodeIgnored = "ignored"
	// CodeTruncated says that more problems were found than are listed. Args: limit.
	CodeTruncated = "truncated"
)

// maxProblems bounds how many problems, and how many warnings, are listed.
const maxProblems = 100

// Problem is one thing wrong with a configuration, or one warning about it. It
// holds no credential.
type Problem struct {
	// Code is one of the Code constants.
	Code string
	// Key is where: connectionOptions.toolTimeout, mcpEndpoint[1], mcpServers.foo.url.
	// Empty means the file as a whole.
	Key string
	// Value is the offending value as written, masked and shortened; empty if it
	// says nothing or might be a credential.
	Value string
	// Line and Column count from one, the column in characters, in the file as it
	// is on disk. Zero means that there is no place.
	Line, Column int
	// Message is an English sentence that says what is wrong and what to do.
	Message string
	// Args are the variable parts of Message, for translations by Code.
	Args map[string]any
}

// String returns the place and the message on one line.
func (p Problem) String() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d, column %d: ", p.Line, p.Column)
	}
	if p.Key != "" {
		b.WriteString(p.Key)
		if p.Value != "" {
			b.WriteString(" = " + p.Value)
		}
		b.WriteString(": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// LogValue returns String, for slog.
func (p Problem) LogValue() slog.Value { return slog.StringValue(p.String()) }

// ProblemsError is the error of a configuration that cannot be used.
type ProblemsError struct {
	// Problems lists everything that is wrong, in the order of the file.
	Problems []Problem
}

// Error returns every problem, one per line.
func (e *ProblemsError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return "read configuration: " + strings.Join(lines, "\n")
}

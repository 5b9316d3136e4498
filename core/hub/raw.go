package hub

import (
	"bytes"
	"errors"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/core/session"
)

// wholeSchema returns a schema as it is; nil when it is not that of an object or too
// large. One odd schema makes some clients refuse a whole list.
func wholeSchema(raw []byte) []byte {
	if len(raw) > longestSchema || len(raw) == 0 || raw[0] != '{' {
		return nil
	}
	// Of two members of one name the first counts for some and the last for others.
	if _, err := parseTree(raw); err != nil || !jsontext.Value(raw).IsValid() || string(session.Member(raw, "type")) != `"object"` {
		return nil
	}
	return bytes.Clone(raw)
}

// rawList is the list of s for callers that are no voice servers.
func (c *catalogue) rawList(s *seen) []byte {
	list := []byte(`{"tools":[`)
	for _, e := range c.entries {
		if e = s.tools[e.public]; e == nil {
			continue
		}
		if len(list) > len(`{"tools":[`) {
			list = append(list, ',')
		}
		input, output := e.offer.input, e.offer.output
		if input == nil {
			input = e.offer.schema
		}
		if len(e.sources) > 1 {
			output = nil // sources agree on what they take only
		}
		list = e.offer.appendEntry(list, e.public, e.text, input, output)
	}
	list = append(list, ']')
	return append(c.appendOrigin(list), '}')
}

// finish makes of a server's result what the caller gets, and reports whether it is an
// error.
func (c *ongoing) finish(result []byte) (finished []byte, isError bool) {
	if c.raw && len(result) > 0 && result[0] == '{' {
		return result, string(session.Member(result, "isError")) == "true"
	}
	return shape(result, c.opts.maxResult, &c.opts.words)
}

// giveUp ends a raw call that took too long, and returns what to say.
func (c *ongoing) giveUp() []byte {
	c.peer.Cancel(c.pending, "took longer than five minutes")
	result := say(fill(c.opts.words.GaveUp, "tool", c.entry.public, "minutes",
		strconv.Itoa(int(longestLate/time.Minute))), c.opts)
	c.count(false, len(result))
	return result
}

// refusal is a server's own error answer, fit to be passed on; nil for other errors.
func refusal(err error) *rpc.Error {
	var no *rpc.Error
	if !errors.As(err, &no) {
		return nil
	}
	return &rpc.Error{Code: no.Code, Message: secret.Text(session.Cut(no.Message, 1000)), Data: no.Data}
}

package hub

import (
	"errors"
	"strconv"
	"time"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/core/session"
)

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
	c.hub.count(c.entry, false, c.began, c.size, len(result))
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

package hub

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"

	"xiaozhi-switchboard/core/session"
)

// plainResult reports whether result already is what an endpoint should get: one
// text item, no error, nothing else, and not a text that a voice server would take
// for a command. It allocates nothing and checks as it goes that the bytes are
// valid JSON; what it does not recognise takes the long way.
func plainResult(result []byte) bool {
	c := cursor{b: result}
	return c.result() && c.end()
}

// plainResponse reads a message that is a response with a plain result, the usual
// answer to a tools/call, in a fraction of the time that rpc.Parse needs. What it
// does not recognise is rpc.Parse's to judge; whenever ok, the two agree.
func plainResponse(line []byte) (id int64, result []byte, ok bool) {
	c := cursor{b: line}
	if !c.eat('{') {
		return 0, nil, false
	}
	var version, numbered bool
	for {
		switch {
		case !version && c.literal(`"jsonrpc"`):
			if version = c.eat(':') && c.literal(`"2.0"`); !version {
				return 0, nil, false
			}
		case !numbered && c.literal(`"id"`):
			if !c.eat(':') {
				return 0, nil, false
			}
			if id, numbered = c.number(); !numbered {
				return 0, nil, false
			}
		case result == nil && c.literal(`"result"`):
			if !c.eat(':') {
				return 0, nil, false
			}
			c.space()
			start := c.i
			if !c.result() {
				return 0, nil, false
			}
			result = c.b[start:c.i:c.i]
		default:
			return 0, nil, false
		}
		if c.eat(',') {
			continue
		}
		return id, result, c.eat('}') && c.end() && version && numbered && result != nil
	}
}

// cursor walks JSON, and stops where it meets anything unusual.
type cursor struct {
	b []byte
	i int
}

func (c *cursor) space() {
	for c.i < len(c.b) {
		switch c.b[c.i] {
		case ' ', '\t', '\n', '\r':
			c.i++
		default:
			return
		}
	}
}

func (c *cursor) end() bool {
	c.space()
	return c.i == len(c.b)
}

func (c *cursor) eat(ch byte) bool {
	c.space()
	if c.i < len(c.b) && c.b[c.i] == ch {
		c.i++
		return true
	}
	return false
}

func (c *cursor) literal(s string) bool {
	c.space()
	if len(c.b)-c.i >= len(s) && string(c.b[c.i:c.i+len(s)]) == s {
		c.i += len(s)
		return true
	}
	return false
}

// number takes a positive integer; what follows must end it.
func (c *cursor) number() (int64, bool) {
	c.space()
	start := c.i
	for c.i < len(c.b) && c.b[c.i] >= '0' && c.b[c.i] <= '9' {
		c.i++
	}
	if c.i == start || c.b[start] == '0' {
		return 0, false
	}
	return session.ParseID(c.b[start:c.i])
}

// result takes {"content":[…one text item…]}, perhaps with "isError":false.
func (c *cursor) result() bool {
	if !c.eat('{') {
		return false
	}
	var content, judged bool
	for {
		switch {
		case !content && c.literal(`"content"`):
			if !c.eat(':') || !c.eat('[') || !c.textItem() || !c.eat(']') {
				return false
			}
			content = true
		case !judged && c.literal(`"isError"`):
			if !c.eat(':') || !c.literal("false") {
				return false
			}
			judged = true
		default:
			return false
		}
		if c.eat(',') {
			continue
		}
		return c.eat('}') && content
	}
}

// textItem takes {"type":"text","text":"…"}, in either order.
func (c *cursor) textItem() bool {
	if !c.eat('{') {
		return false
	}
	var typed, worded bool
	for {
		switch {
		case !typed && c.literal(`"type"`):
			if !c.eat(':') || !c.literal(`"text"`) {
				return false
			}
			typed = true
		case !worded && c.literal(`"text"`):
			if !c.eat(':') {
				return false
			}
			s, ok := c.str()
			if !ok || rawBlank(s) || rawCommand(s) {
				return false
			}
			worded = true
		default:
			return false
		}
		if c.eat(',') {
			continue
		}
		return c.eat('}') && typed && worded
	}
}

// str takes a valid string and returns what is between its quotes, still escaped.
func (c *cursor) str() ([]byte, bool) {
	if !c.eat('"') {
		return nil, false
	}
	start := c.i
	for {
		n := bytes.IndexByte(c.b[c.i:], '"')
		if n < 0 {
			return nil, false
		}
		c.i += n + 1
		slashes := 0
		for j := c.i - 2; j >= start && c.b[j] == '\\'; j-- {
			slashes++
		}
		if slashes%2 == 0 {
			break
		}
	}
	s := c.b[start : c.i-1]
	return s, utf8.Valid(s) && !hasControl(s) && plainEscapes(s)
}

// hasControl reports a byte below 0x20, looking at many bytes at a time.
func hasControl(s []byte) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; len(s) >= 32; s = s[32:] {
		a, b := binary.LittleEndian.Uint64(s), binary.LittleEndian.Uint64(s[8:])
		c, d := binary.LittleEndian.Uint64(s[16:]), binary.LittleEndian.Uint64(s[24:])
		if ((a-ones*0x20)&^a|(b-ones*0x20)&^b|(c-ones*0x20)&^c|(d-ones*0x20)&^d)&high != 0 {
			return true
		}
	}
	for _, c := range s {
		if c < 0x20 {
			return true
		}
	}
	return false
}

// plainEscapes reports that every escape is one of a single character. Those with
// hexadecimal digits have rules of their own, which the long way knows.
func plainEscapes(s []byte) bool {
	for {
		i := bytes.IndexByte(s, '\\')
		if i < 0 {
			return true
		}
		if i+1 >= len(s) || bytes.IndexByte([]byte(`"\/bfnrt`), s[i+1]) < 0 {
			return false
		}
		s = s[i+2:]
	}
}

// rawBlank reports a text, still escaped, that may be blank.
func rawBlank(escaped []byte) bool {
	for _, c := range escaped[:min(len(escaped), 64)] {
		switch c {
		case ' ', '\\', 'n', 't', 'r':
		default:
			// The first byte of a character beyond ASCII may begin a wider space.
			return c >= 0x80 && len(escaped) < 64
		}
	}
	return true
}

// rawCommand is looksLikeCommand for a text that is still escaped. It may say yes
// too often: the long way then looks again.
func rawCommand(escaped []byte) bool {
	for _, c := range escaped {
		switch c {
		case ' ', '\\', 'n', 't', 'r', 'f', 'b':
			continue
		case '{':
			return bytes.Contains(escaped, []byte("action")) || bytes.Contains(escaped, []byte(`\\`))
		}
		return c >= 0x80 && bytes.Contains(escaped, []byte("action"))
	}
	return false
}

package rpc

import "errors"

// Kind says what a Message is.
type Kind uint8

const (
	// KindRequest has a method and an id, and must be answered.
	KindRequest Kind = iota + 1
	// KindNotification has a method and no id, and is never answered.
	KindNotification
	// KindResponse has an id and a result or an error.
	KindResponse
)

// String returns "request", "notification" or "response".
func (k Kind) String() string {
	switch k {
	case KindRequest:
		return "request"
	case KindNotification:
		return "notification"
	case KindResponse:
		return "response"
	}
	return "unknown"
}

// Message is one JSON-RPC 2.0 message. Its byte slices alias the frame it was
// parsed from: whoever keeps one beyond the frame's life copies it.
type Message struct {
	Kind   Kind
	Method string
	ID     []byte // raw JSON; nil when absent, "null" when given as null
	Params []byte // raw JSON; nil when absent
	Result []byte // raw JSON; nil when absent
	Error  []byte // raw JSON; nil when absent
}

// Parse reads one message. The error is always an *Error: CodeParse for bytes
// that are not JSON, CodeInvalidRequest for JSON that is no message (a batch
// among them). On an error the returned message still holds the id when one
// could be read, so that the answer can carry it.
func Parse(frame []byte) (Message, error) {
	var (
		m       Message
		version bool
		seen    [6]bool
	)
	once := func(i int) error {
		if seen[i] {
			return errTwice
		}
		seen[i] = true
		return nil
	}
	err := Members(frame, func(name, value []byte) error {
		switch string(name) {
		case "jsonrpc":
			version = string(value) == `"2.0"`
			return once(0)
		case "id":
			m.ID = value
			return once(1)
		case "method":
			if value[0] != '"' {
				return errMethod
			}
			m.Method = methodName(value)
			return once(2)
		case "params":
			m.Params = value
			return once(3)
		case "result":
			m.Result = value
			return once(4)
		case "error":
			m.Error = value
			return once(5)
		}
		return nil
	})
	switch {
	case err == nil:
	case errors.Is(err, errTwice), errors.Is(err, errMethod):
		return m, &Error{Code: CodeInvalidRequest, Message: err.Error()}
	case errors.Is(err, errNotObject):
		return m, &Error{Code: CodeInvalidRequest, Message: "a message is one JSON object"}
	default:
		m.ID = nil
		return m, &Error{Code: CodeParse, Message: "parse error"}
	}

	called, answered := seen[2], seen[4] || seen[5]
	switch {
	case !version:
		return m, &Error{Code: CodeInvalidRequest, Message: `"jsonrpc" must be "2.0"`}
	case called && answered, !called && !answered, seen[4] && seen[5]:
		return m, &Error{Code: CodeInvalidRequest, Message: "a message has a method, a result or an error"}
	case called && m.Method == "":
		return m, &Error{Code: CodeInvalidRequest, Message: errMethod.Error()}
	case answered && m.ID == nil:
		return m, &Error{Code: CodeInvalidRequest, Message: "a response has an id"}
	case answered:
		m.Kind = KindResponse
	case m.ID == nil:
		m.Kind = KindNotification
	default:
		m.Kind = KindRequest
	}
	return m, nil
}

var (
	errTwice  = errors.New("a member is given twice")
	errMethod = errors.New(`"method" must be a non-empty string`)
)

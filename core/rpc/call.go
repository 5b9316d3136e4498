package rpc

import (
	"errors"
)

// Call is the part of a tools/call request's params that is forwarded.
type Call struct {
	Name      string
	Arguments []byte // a raw JSON object, "{}" when absent or null; aliases the params
	// ProgressToken is the raw token of _meta, nil when there is none.
	ProgressToken []byte
}

// ParseCall reads the params of tools/call. Members beside name, arguments
// and _meta are attribution of the caller and are dropped; what is forwarded is
// rebuilt from the Call, never from the params, so that no second reader can see
// another name than the one checked here. The error is an *Error with
// CodeInvalidParams that says what is wrong.
func ParseCall(params []byte) (Call, error) {
	var c Call
	if params == nil {
		return c, invalidParams("params are missing: a tool call needs a name")
	}
	var named, argued bool
	err := Members(params, func(name, value []byte) error {
		switch string(name) {
		case "name":
			if named {
				return invalidParams(`"name" is given twice`)
			}
			named = true
			if value[0] != '"' {
				return invalidParams(`"name" must be a string`)
			}
			c.Name = unquote(value)
		case "arguments":
			if argued {
				return invalidParams(`"arguments" is given twice`)
			}
			argued = true
			switch value[0] {
			case '{':
				c.Arguments = value
			case 'n':
			default:
				return invalidParams(`"arguments" must be an object`)
			}
		case "_meta":
			if value[0] == '{' {
				return Members(value, func(name, value []byte) error {
					if string(name) == "progressToken" {
						c.ProgressToken = value
					}
					return nil
				})
			}
		}
		return nil
	})
	var rpcErr *Error
	switch {
	case errors.As(err, &rpcErr):
		return Call{}, rpcErr
	case errors.Is(err, errNotObject):
		return Call{}, invalidParams("params must be an object")
	case err != nil:
		return Call{}, invalidParams("params: " + err.Error())
	case c.Name == "":
		return Call{}, invalidParams(`"name" is missing or empty`)
	}
	if c.Arguments == nil {
		c.Arguments = emptyObject
	}
	return c, nil
}

var emptyObject = []byte("{}")

// CancelledID returns the raw id that a notifications/cancelled names, or nil.
func CancelledID(params []byte) []byte {
	var id []byte
	if err := Members(params, func(name, value []byte) error {
		if string(name) == "requestId" {
			id = value
		}
		return nil
	}); err != nil {
		return nil
	}
	return id
}

func invalidParams(msg string) *Error {
	return &Error{Code: CodeInvalidParams, Message: "invalid params: " + msg}
}

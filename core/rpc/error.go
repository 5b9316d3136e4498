package rpc

import (
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Error codes of the JSON-RPC 2.0 specification, section 5.1.
const (
	CodeParse          = -32700 // the bytes are not JSON
	CodeInvalidRequest = -32600 // the JSON is no message
	CodeMethodNotFound = -32601 // no such method
	CodeInvalidParams  = -32602 // the method does not take these params
	CodeInternal       = -32603 // the answering side failed
)

// Codes of the range that the specification leaves to servers.
const (
	CodeBusy = -32000 // too many calls in flight; try again later
)

// Error is the error member of a response.
type Error struct {
	Code    int
	Message string
	Data    []byte // raw JSON; nil when absent
}

// Error returns the message with its code.
func (e *Error) Error() string {
	return e.Message + " (" + strconv.Itoa(e.Code) + ")"
}

// ParseError reads the error member of a response. It never fails: what cannot
// be understood becomes an Error with CodeInternal that says so.
func ParseError(raw []byte) *Error {
	e := &Error{Code: CodeInternal}
	err := Members(raw, func(name, value []byte) error {
		switch string(name) {
		case "code":
			n, err := strconv.Atoi(string(value))
			if err != nil {
				return fmt.Errorf("error code: %w", err)
			}
			e.Code = n
		case "message":
			if value[0] == '"' {
				e.Message = unquote(value)
			}
		case "data":
			e.Data = value
		}
		return nil
	})
	if err != nil || e.Message == "" {
		e.Message = "the answer is an error without a readable message"
	}
	return e
}

// AppendJSON appends the JSON object of e to dst.
func (e *Error) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"code":`...)
	dst = strconv.AppendInt(dst, int64(e.Code), 10)
	dst = append(dst, `,"message":`...)
	dst = AppendString(dst, e.Message)
	if e.Data != nil {
		dst = append(dst, `,"data":`...)
		dst = append(dst, e.Data...)
	}
	return append(dst, '}')
}

// AppendString appends s to dst as a JSON string. Invalid UTF-8 becomes U+FFFD.
func AppendString(dst []byte, s string) []byte {
	// The only error is about invalid UTF-8, which is replaced all the same.
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}

package rpc

import "strconv"

// AppendRequest appends a request with a numeric id to dst. Params is raw JSON
// and is left out when nil.
func AppendRequest(dst []byte, id int64, method string, params []byte) []byte {
	dst = append(dst, `{"jsonrpc":"2.0","id":`...)
	dst = strconv.AppendInt(dst, id, 10)
	return appendCall(dst, method, params)
}

// AppendRawRequest is AppendRequest for an id that is raw JSON.
func AppendRawRequest(dst, id []byte, method string, params []byte) []byte {
	dst = append(dst, `{"jsonrpc":"2.0","id":`...)
	dst = append(dst, id...)
	return appendCall(dst, method, params)
}

// AppendNotification appends a notification to dst. Params is raw JSON and is
// left out when nil.
func AppendNotification(dst []byte, method string, params []byte) []byte {
	dst = append(dst, `{"jsonrpc":"2.0"`...)
	return appendCall(dst, method, params)
}

func appendCall(dst []byte, method string, params []byte) []byte {
	dst = append(dst, `,"method":`...)
	dst = AppendString(dst, method)
	if params != nil {
		dst = append(dst, `,"params":`...)
		dst = append(dst, params...)
	}
	return append(dst, '}')
}

// AppendToolCall appends the params of a tools/call to dst.
func AppendToolCall(dst []byte, name string, arguments []byte) []byte {
	dst = append(dst, `{"name":`...)
	dst = AppendString(dst, name)
	dst = append(dst, `,"arguments":`...)
	dst = append(dst, arguments...)
	return append(dst, '}')
}

// AppendResult appends the response that answers id with result, both raw JSON.
func AppendResult(dst, id, result []byte) []byte {
	dst = appendAnswer(dst, id)
	dst = append(dst, `,"result":`...)
	dst = append(dst, result...)
	return append(dst, '}')
}

// AppendErrorResponse appends the response that answers id with an error. A nil
// id becomes null, as the specification asks when the id could not be read.
func AppendErrorResponse(dst, id []byte, e *Error) []byte {
	dst = appendAnswer(dst, id)
	dst = append(dst, `,"error":`...)
	dst = e.AppendJSON(dst)
	return append(dst, '}')
}

func appendAnswer(dst, id []byte) []byte {
	if id == nil {
		id = null
	}
	dst = append(dst, `{"jsonrpc":"2.0","id":`...)
	return append(dst, id...)
}

var null = []byte("null")

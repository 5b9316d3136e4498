package rpc

import "github.com/go-json-experiment/json/jsontext"

// Method names of MCP that a link or a server sees, interned so that reading
// one costs no allocation.
const (
	MethodInitialize  = "initialize"
	MethodInitialized = "notifications/initialized"
	MethodPing        = "ping"
	MethodToolsList   = "tools/list"
	MethodToolsCall   = "tools/call"
	MethodToolsChange = "notifications/tools/list_changed"
	MethodCancelled   = "notifications/cancelled"
	MethodProgress    = "notifications/progress"
	MethodLogMessage  = "notifications/message"
)

// methodName decodes a JSON string, which must be valid.
func methodName(quoted []byte) string {
	switch string(quoted) {
	case `"` + MethodToolsCall + `"`:
		return MethodToolsCall
	case `"` + MethodToolsList + `"`:
		return MethodToolsList
	case `"` + MethodPing + `"`:
		return MethodPing
	case `"` + MethodInitialize + `"`:
		return MethodInitialize
	case `"` + MethodInitialized + `"`:
		return MethodInitialized
	case `"` + MethodProgress + `"`:
		return MethodProgress
	case `"` + MethodCancelled + `"`:
		return MethodCancelled
	}
	return unquote(quoted)
}

// unquote decodes a valid JSON string.
func unquote(quoted []byte) string {
	s, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil {
		return ""
	}
	return string(s)
}

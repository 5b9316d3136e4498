package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"xiaozhi-switchboard/core/rpc"
)

// Caller calls tools of the catalogue. The result is the raw one of MCP, a tool that fails
// included. The error is an *rpc.Error with rpc.CodeInvalidParams for a tool that does not
// exist or is off, or that of ctx. Implementations must be safe for concurrent use.
type Caller interface {
	CallTool(ctx context.Context, name string, arguments []byte) ([]byte, error)
}

// callExample is shown to who sends something else.
const callExample = `{"arguments":{"zone":"Asia/Shanghai"}}`

// callTool calls a tool as an endpoint would, and answers with its result and how long
// that took.
func (s *Server) callTool(w http.ResponseWriter, r *http.Request) {
	if s.deps.Caller == nil {
		s.refuse(w, r, kindAPI, "unavailable")
		return
	}
	var with struct {
		Arguments json.RawMessage `json:"arguments"`
	}
	if r.ContentLength != 0 && !readJSON(r, &with) {
		s.refuse(w, r, kindAPI, "bad_json", "want", callExample)
		return
	}
	arguments := bytes.TrimSpace(with.Arguments)
	switch {
	case len(arguments) == 0:
		arguments = []byte("{}")
	case arguments[0] != '{':
		s.refuse(w, r, kindAPI, "bad_json", "want", callExample)
		return
	}
	began, name := time.Now(), r.PathValue("name")
	result, err := s.deps.Caller.CallTool(r.Context(), name, arguments)
	took := time.Since(began)
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerTime)) // a call may take longer than an answer
	var no *rpc.Error
	switch {
	case errors.As(err, &no) && no.Code == rpc.CodeInvalidParams:
		s.refuse(w, r, kindAPI, "unknown_tool")
	case err != nil:
		s.failed(w, r, "call tool", err)
	default:
		s.json(w, r, http.StatusOK, struct {
			Name   string          `json:"name"`
			Took   Milliseconds    `json:"tookMs"`
			Result json.RawMessage `json:"result"`
		}{name, Milliseconds(took), result})
	}
}

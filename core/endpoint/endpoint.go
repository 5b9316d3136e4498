package endpoint

import (
	"context"
	"fmt"
	"strings"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
)

// Role says who asks whom on a link.
type Role string

const (
	// RoleAuto infers the role from the address: RoleCall when the path ends in
	// /call/, else RoleServe.
	RoleAuto Role = ""
	// RoleServe: the endpoint calls our tools.
	RoleServe Role = "serve"
	// RoleCall: we call the tools that live behind the endpoint.
	RoleCall Role = "call"
)

// roleOf infers the role from the path of an address.
func roleOf(path string) Role {
	if strings.HasSuffix(strings.TrimRight(path, "/"), "/call") {
		return RoleCall
	}
	return RoleServe
}

// roleOfEndpoint is the role that ep has or implies.
func roleOfEndpoint(ep Endpoint) Role {
	if ep.Role != RoleAuto {
		return ep.Role
	}
	path, _, _ := strings.Cut(ep.URL.Reveal(), "?")
	return roleOf(path)
}

// ParseRole reads a role as configuration files write it, in any case; empty is RoleAuto. The
// error lists the roles there are.
func ParseRole(s string) (Role, error) {
	switch r := Role(strings.ToLower(s)); r {
	case RoleAuto, RoleServe, RoleCall:
		return r, nil
	}
	return RoleAuto, fmt.Errorf("endpoint role %q is unknown; use serve or call", s)
}

// Endpoint is one address to keep a link to.
type Endpoint struct {
	// URL starts with ws:// or wss:// and carries the token; it prints masked.
	URL secret.URL
	// Name is what the user calls it; empty shows the agent or the host.
	Name string
	// Disabled keeps the link paused.
	Disabled bool
	// Role is inferred when empty; see RoleAuto.
	Role Role
	// NoHealthCheck turns the pings of this link off.
	NoHealthCheck bool
}

// noTools answers endpoints that nobody answers.
type noTools struct{}

func (noTools) ListResult(string) []byte { return []byte(`{"tools":[]}`) }

func (noTools) StartCall(context.Context, string, string, []byte) func() ([]byte, error) {
	return func() ([]byte, error) {
		return nil, &rpc.Error{Code: rpc.CodeInvalidParams, Message: "unknown tool"}
	}
}

// Tools answers what endpoints ask. *hub.Hub is one. Implementations must be
// safe for concurrent use.
type Tools interface {
	// ListResult returns the raw JSON result of tools/list for the endpoint with
	// this ID. It must not block, and must return the same slice until the list
	// changes.
	ListResult(endpoint string) []byte
	// StartCall begins a tool call and returns at once, without waiting for whoever
	// runs the tool. Arguments is a raw JSON object that is valid only until then. Wait
	// is called once and returns the raw JSON result. An *rpc.Error is passed on to the
	// endpoint as it is; any other error becomes an internal error. Ctx ends when the
	// link goes or the endpoint cancels the call.
	StartCall(ctx context.Context, endpoint, name string, arguments []byte) (wait func() ([]byte, error))
}

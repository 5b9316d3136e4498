package hub

import (
	"context"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/core/session"
)

// TestServerThatIsOurselves: our own tools are not offered once more.
func TestServerThatIsOurselves(t *testing.T) {
	r := newRemote(t, streamable)
	r.server.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			result, err := next(ctx, method, req)
			if list, ok := result.(*mcp.ListToolsResult); ok {
				list.SetMeta(map[string]any{session.OriginKey: "me"})
			}
			return result, err
		}
	})
	spec := Server{Name: "r", Kind: KindAuto, URL: secret.URL(r.URL)}
	h, _ := newHub(t, Options{Origin: "me"})
	start(t, h, spec)
	eventually(t, h, "the loop is told", func() bool {
		p := status(h, "r").Problem
		return p != nil && p.Kind == ProblemConfig && strings.Contains(p.Sentence, "leads back")
	})
	if n := len(h.Tools()); n != 3 {
		t.Errorf("%d tools are offered", n)
	}
	other, _ := newHub(t, Options{Origin: "another"})
	start(t, other, spec)
	if n := len(other.Tools()); n != 5 {
		t.Errorf("another program offers %d tools", n)
	}
}

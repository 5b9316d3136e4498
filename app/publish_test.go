package app

import (
	"slices"
	"testing"

	"xiaozhi-switchboard/core/broker"
)

// TestChangedCatalogueRedialsOnlyWhomItConcerns switches a tool off in the file: the
// endpoint that sees it is dialled again and told the new list; the one that does not see
// it keeps its socket.
func TestChangedCatalogueRedialsOnlyWhomItConcerns(t *testing.T) {
	b, base := practice(t, broker.Official)
	one, two := b.URL(base, "1"), b.URL(base, "2") // another second makes another token
	file := func(time string) string {
		return `{
			"mcpEndpoint": [
				{"url": ` + quoted(one) + `},
				{"url": ` + quoted(two) + `, "tools": ["switchboard__status"]}
			],
			"mcpServerConfig": {"switchboard": {"tools": {"time": {"enable": ` + time + `}}}}
		}`
	}
	p := startProgram(t, file("true"))
	offered := func(agent string, tools ...string) func() bool {
		return func() bool {
			s := b.Sockets(agent)
			if len(s) != 1 || !s[0].Listed {
				return false
			}
			got := slices.Sorted(slices.Values(s[0].Tools))
			return slices.Equal(got, tools)
		}
	}
	p.eventually("all tools for the first", offered("1", "switchboard__pending_result", "switchboard__status", "switchboard__time"))
	p.eventually("one tool for the second", offered("2", "switchboard__status"))
	first, second := b.Sockets("1")[0].Serial, b.Sockets("2")[0].Serial

	p.save(file("false"))
	p.eventually("the tool gone from the first", offered("1", "switchboard__pending_result", "switchboard__status"))
	if b.Sockets("1")[0].Serial == first {
		t.Error("the list changed without a new socket")
	}
	if b.Sockets("2")[0].Serial != second {
		t.Error("an endpoint that does not see the tool was dialled again")
	}
	if left := b.Departed("1"); len(left) == 0 || left[len(left)-1].CloseCode != 1000 {
		t.Errorf("the old socket was not closed cleanly: %+v", left)
	}
	if _, err := b.Robot("1").Call(t.Context(), "switchboard__time", nil); err == nil {
		t.Error("a tool that is switched off can be called")
	}
}

package app

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/broker"
)

// TestActivityOfTheWholeProgram: what happens can be read, and nothing that was said: no
// argument, no result, no token.
func TestActivityOfTheWholeProgram(t *testing.T) {
	b, base := practice(t, broker.Official)
	address := b.URL(base, "1")
	_, token, _ := strings.Cut(address, "token=")
	file := func(strategy string) string {
		return `{"mcpEndpoint": [` + quoted(address) + `], "language": "en", "connectionOptions": {"loadBalanceStrategy": "` + strategy + `"},
			"mcpServers": {"echo": {"command": ` + quoted(os.Args[0]) + `, "env": {"` + playAs + `": "stdio"}}}}`
	}
	p := startProgram(t, file("round-robin"))
	const said = "kept-to-ourselves"
	var answer struct {
		Result json.RawMessage
	}
	p.eventually("the echo", func() bool {
		return p.post("/api/v1/tools/echo__echo/call", `{"arguments":{"text":"`+said+`"}}`, &answer) == 200 && strings.Contains(string(answer.Result), said)
	})
	p.post("/api/v1/tools/echo__nothing/call", `{"arguments":{"text":"`+said+`"}}`, &answer)
	p.save(file("random"))
	p.eventually("the change", func() bool { return strings.Contains(p.get("/api/v1/events"), `"what":"changed"`) })
	p.save(`{"mcpEndpoint": [` + quoted(address) + `, 7]`)
	p.eventually("the broken file", func() bool { return strings.Contains(p.get("/api/v1/events"), `"what":"broken"`) })
	p.save(file("random"))
	p.eventually("the mended file", func() bool { return strings.Contains(p.get("/api/v1/events"), `"what":"mended"`) })
	p.eventually("the link", func() bool { return strings.Contains(p.get("/api/v1/events?topic=link"), `"what":"connected"`) })

	for path, wants := range map[string][]string{
		"/api/v1/events":      {`"what":"started"`, `"topic":"server","what":"ready","name":"echo"`, `"from":"round-robin","to":"random"`},
		"/api/v1/calls":       {`"caller":"api","tool":"echo__echo","source":"echo","outcome":"ok"`, `"tool":"echo__nothing","outcome":"failed"`},
		"/api/v1/failovers":   {`"failovers":[]`},
		"/activity":           {"is mended and in use"},
		"/activity/calls":     {"echo__echo"},
		"/activity/failovers": {"No call had to move."},
	} {
		text := p.get(path)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %s:\n%s", path, want, text)
			}
		}
		if strings.Contains(text, said) || strings.Contains(text, token) {
			t.Errorf("%s tells what was said, or a token", path)
		}
	}
}

package web

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestSettingsAPI(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	wants(t, "read", do(s, request("GET", "/api/v1/settings")), 200, `"connectionOptions.healthCheckInterval":30000`, `"enableCors":false`, `"revision":"`+s.deps.Editor.Snapshot().Revision)
	send := func(body string) *httptest.ResponseRecorder {
		return do(s, withBody("PATCH", "/api/v1/settings", jsonMedia, body))
	}
	for what, body := range map[string]string{"no JSON": "x", "no options": "{}", "unknown option": `{"options":{"nothing":1}}`, "more than one": `{"options":{}}{}`} {
		wants(t, what, send(body), 400, "bad_json")
	}
	wants(t, "mistakes", send(`{"options":{"port":"many","connectionOptions.toolTimeout":1,"logLevel":["x"]}}`), 422, `"port":"a number`, `"connectionOptions.toolTimeout":"this must be`, `"logLevel":"text in quotes is expected here, but there is a list`)
	wants(t, "stale", send(`{"revision":"older","options":{"port":3002}}`), 409, "conflict")
	wants(t, "change", send(`{"options":{"port":3002,"connectionOptions.reconnectBackoffMultiplier":1.5,"enableCors":true}}`), 200, `"port":3002`, `Multiplier":1.5`, `"enableCors":true`)
	wants(t, "default", send(`{"options":{"port":null}}`), 200, `"port":3001`)
	if text := string(s.deps.Editor.Snapshot().Text); strings.Contains(text, `"port"`) || !strings.Contains(text, "// beside") {
		t.Errorf("the file is %s", text)
	}
}

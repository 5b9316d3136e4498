package web

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTextAPI(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	send := func(method, path string, wish any) *httptest.ResponseRecorder {
		t.Helper()
		body, err := json.Marshal(wish)
		if err != nil {
			t.Fatal(err)
		}
		return do(s, withBody(method, path, jsonMedia, string(body)))
	}
	read := func() (v fileText) {
		t.Helper()
		if err := json.Unmarshal(do(s, request("GET", textPath)).Body.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	first := s.deps.Editor.Snapshot()
	now := read()
	if now.Revision != first.Revision || len(now.Problems) > 0 || !strings.Contains(now.Text, "‹***1›") || strings.Contains(now.Text, "token=e") {
		t.Fatalf("the text is %+v", now)
	}
	type wish struct {
		Revision string `json:"revision"`
		Text     string `json:"text"`
		Confirm  bool   `json:"confirm"`
	}
	wants(t, "no text", send("PUT", textPath, map[string]string{"revision": now.Revision}), 400, "bad_json")
	wants(t, "mistakes", send("PUT", textPath, wish{now.Revision, "{\n  \"port\": 99999,\n  \"logLevel\": \"loud\"\n}", false}), 422,
		"not_valid", `"line":2,"column":11`, `"line":3,"column":15`, `"key":"logLevel"`)
	wants(t, "an unknown mark", send("PUT", textPath, wish{now.Revision, `{"mcpEndpoint": "‹***77›"}`, false}), 422, "not_valid")
	longer := "// first\n" + now.Text
	wants(t, "stale", send("PUT", textPath, wish{"older", longer, false}), 409, "conflict")
	program := strings.Replace(now.Text, `"mcpServers": {`, `"mcpServers": {"evil": {"command": "sh"},`, 1)
	if program == now.Text {
		t.Fatal("the invented file has no servers")
	}
	wants(t, "a program", send("PUT", textPath, wish{now.Revision, program, false}), 422, "unconfirmed")
	if text := s.deps.Editor.Snapshot().Text; string(text) != string(first.Text) {
		t.Fatalf("what was refused changed the file to %s", text)
	}
	w := send("PUT", textPath, wish{now.Revision, longer, false})
	wants(t, "a comment more", w, 200, "// first", `"undo":`)
	if text := string(s.deps.Editor.Snapshot().Text); text != "// first\n"+string(first.Text) {
		t.Errorf("the file is %s", text)
	}
	wants(t, "a program, confirmed", send("PUT", textPath, wish{"", program, true}), 200, "evil")

	var versions []fileVersion
	if err := json.Unmarshal(do(s, request("GET", "/api/v1/settings/versions")).Body.Bytes(), &versions); err != nil || len(versions) != 2 {
		t.Fatalf("versions %+v, %v", versions, err)
	}
	if v := versions[1]; v.Added != 1 || v.Removed != 1 || v.Saved.IsZero() {
		t.Errorf("the first version is %+v", v)
	}
	path := "/api/v1/settings/versions/" + versions[1].ID
	if w := do(s, request("GET", path)); w.Code != 200 || strings.Contains(w.Body.String(), "token=e") || !strings.Contains(w.Body.String(), "‹***1›") {
		t.Errorf("the first version: %d %s", w.Code, w.Body)
	}
	wants(t, "stale", send("POST", path+"/restore", wish{Revision: "older"}), 400) // there is no text to send
	wants(t, "stale", send("POST", path+"/restore", map[string]string{"revision": "older"}), 409, "conflict")
	wants(t, "restore", send("POST", path+"/restore", map[string]any{}), 200)
	if text := string(s.deps.Editor.Snapshot().Text); text != string(first.Text) {
		t.Errorf("restored is %s", text)
	}
}

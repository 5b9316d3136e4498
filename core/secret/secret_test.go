package secret

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const token = "eyJhbGciOiJFUzI1NiJ9.eyJhZ2VudElkIjoxfQ.c2lnbmF0dXJl"

func TestMaskURL(t *testing.T) {
	for raw, want := range map[string]string{
		"wss://api.xiaozhi.me/mcp/?token=" + token:                                "wss://api.xiaozhi.me/mcp/?token=***",
		"ws://192.168.1.20:8004/mcp_endpoint/mcp/?token=a%2Bb%3D&x=1":             "ws://192.168.1.20:8004/mcp_endpoint/mcp/?token=***&x=***",
		"wss://user:pass@host/a":                                                  "wss://***@host/a",
		"https://mcp.example.net/4f2a91bc77de4e0a9c21/sse":                        "https://mcp.example.net/***/sse",
		"https://host/p?" + token:                                                 "https://host/p?***",
		"https://host/p#" + token:                                                 "https://host/p",
		"not an address with token=abcdef":                                        "not an address with token=***",
		"ws://host:port/mcp?token=" + token:                                       "ws://***",
		"https://example.com/a-rather-long-but-ordinary-path-segment/mcp?api=key": "https://example.com/a-rather-long-but-ordinary-path-segment/mcp?api=***",
	} {
		if got := MaskURL(raw); got != want {
			t.Errorf("MaskURL(%q)\n got %q\nwant %q", raw, got, want)
		}
	}
}

func TestText(t *testing.T) {
	for s, want := range map[string]string{
		"nothing here: 1 = 1":                                     "nothing here: 1 = 1",
		"dial wss://h/mcp/?token=abc: no such host":               "dial wss://h/mcp/?token=*** no such host",
		"got " + token + " twice":                                 "got *** twice",
		"Authorization: Bearer abcdef123456":                      "Authorization: Bearer ***",
		`{"api_key":"abc123","b":1}`:                              `{"api_key":"***","b":1}`,
		`{"text":"{\"token\": \"abc\",\"b\":1}"}`:                 `{"text":"{\"token\": \"***",\"b\":1}"}`,
		"OPENAI_API_KEY=sk-1234 done":                             "OPENAI_API_KEY=*** done",
		`parse "ws://h:port/?token=a b": invalid port after host`: `parse "ws://*** b": invalid port after host`,
	} {
		if got := Text(s); got != want {
			t.Errorf("Text(%q)\n got %q\nwant %q", s, got, want)
		}
	}
}

func TestURLNeverPrintsItself(t *testing.T) {
	u := URL("wss://api.xiaozhi.me/mcp/?token=" + token)
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, nil))
	log.Info("dial", "url", u, "group", struct{ U URL }{u})
	encoded, err := json.Marshal(map[string]any{"u": u, "p": &u})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&out, "%s %v %+v %#v %q %s", u, u, struct{ U URL }{u}, u, u, encoded)
	if strings.Contains(out.String(), "eyJ") {
		t.Errorf("the token is in %s", out.String())
	}
	if u.Reveal() != string(u) {
		t.Error("Reveal changes the address")
	}
}

func FuzzText(f *testing.F) {
	f.Add("before", "after")
	f.Add("x https://h/", "?q")
	f.Fuzz(func(t *testing.T, before, after string) {
		for _, s := range []string{
			before + " wss://api.xiaozhi.me/mcp/?token=" + token + " " + after,
			before + "\"" + token + "\"" + after,
		} {
			if got := Text(s); strings.Contains(got, "c2lnbmF0dXJl") && !strings.Contains(before+after, "c2lnbmF0dXJl") {
				t.Errorf("Text(%q) = %q", s, got)
			}
		}
	})
}

package config

import (
	"errors"
	"strings"
	"testing"
)

const hiddenToken = "eyJhbGciOiJFUzI1NiJ9.eyJhZ2VudElkIjoxfQ.c2lnbmF0dXJl"

func TestHide(t *testing.T) {
	for text, want := range map[string]string{
		`{"port": 3001}`: `{"port": 3001}`,
		`{"mcpEndpoint": "wss://api.xiaozhi.me/mcp/?token=` + hiddenToken + `"}`:                         `{"mcpEndpoint": "wss://api.xiaozhi.me/mcp/?token=‹***1›"}`,
		`["wss://a/?token=one&x=two", "wss://b/?token=three"] // wss://c/?token=four`:                    `["wss://a/?token=‹***1›&x=‹***2›", "wss://b/?token=‹***3›"] // wss://c/?token=‹***4›`,
		`{"env": {"A": "plain words", "B": "${B}"}, "cwd": "plain words"}`:                               `{"env": {"A": "‹***1›", "B": "${B}"}, "cwd": "plain words"}`,
		`{headers: {Authorization: 'Bearer abc'}, url: 'https://h/mcp'}`:                                 `{headers: {Authorization: '‹***1›'}, url: 'https://h/mcp'}`,
		`{"modelscope": {"apiKey": "abc"}, "token": 123}`:                                                `{"modelscope": {"apiKey": "‹***1›"}, "token": ‹***2›}`,
		`{"args": ["--api-key", "abc", "-y", "@scope/server-everything@1.2.3", "sk1234567890abcdefgh"]}`: `{"args": ["--api-key", "‹***1›", "-y", "@scope/server-everything@1.2.3", "‹***2›"]}`,
		`{"a": "‹***1›"}`:                                  `{"a": "‹***1›"}`, // and that is hidden text 1
		`{"mcpEndpoint": "wss://user:pw@h/#` + hiddenToken: `{"mcpEndpoint": "‹***1›`,
		"mcpEndpoint: wss://h/?token=abc\n{":               "mcpEndpoint: wss://h/?token=‹***1›\n{",
	} {
		shown, hidden := Hide([]byte(text))
		if string(shown) != want {
			t.Errorf("%s\n got %s\nwant %s", text, shown, want)
		}
		if back, err := Unhide(shown, hidden); err != nil || string(back) != text {
			t.Errorf("%s comes back as %s %v", text, back, err)
		}
	}
}

func TestUnhideMovesAndRefuses(t *testing.T) {
	got, err := Unhide([]byte("b ‹***2› a ‹***1›"), []string{"x", "y"})
	if err != nil || string(got) != "b y a x" {
		t.Errorf("%s %v", got, err)
	}
	_, err = Unhide([]byte("ok\n世界 ‹***3› ‹***0›"), []string{"x", "y"})
	var list *ProblemsError
	if !errors.As(err, &list) || len(list.Problems) != 2 || list.Problems[0].Line != 2 || list.Problems[0].Column != 4 {
		t.Errorf("%v", err)
	}
}

func TestOptionAt(t *testing.T) {
	for key, want := range map[string]string{
		"port": "port", "webUI.port": "port", "connection.heartbeatInterval": "connectionOptions.healthCheckInterval", "mcpEndpoint[1]": "", "": "",
		"allowedHosts[3]": "allowedHosts",
	} {
		if got, ok := OptionAt(key); got != want || ok != (want != "") {
			t.Errorf("%s is %s %v", key, got, ok)
		}
	}
}

func FuzzHide(f *testing.F) {
	f.Add([]byte(`{"mcpEndpoint": "wss://a/?token=` + hiddenToken + `", "env": {"A": "b"}} // ‹***1›`))
	f.Add([]byte("{'a\\"))
	f.Add([]byte("/* token=abc"))
	f.Add([]byte("\"***\" token=abc wss://*** ‹***‹***1›"))
	f.Fuzz(func(t *testing.T, text []byte) {
		shown, hidden := Hide(text)
		back, err := Unhide(shown, hidden)
		if err != nil || string(back) != string(text) {
			t.Fatalf("%q comes back as %q: %v", text, back, err)
		}
	})
}

// FuzzHideToken holds that a token in an address is hidden, whatever stands around it.
func FuzzHideToken(f *testing.F) {
	f.Add(`{"mcpEndpoint": "`, `"}`)
	f.Add(`// `, "\n{}")
	f.Fuzz(func(t *testing.T, before, after string) {
		if strings.Contains(before+after, "signature") {
			t.Skip()
		}
		shown, _ := Hide([]byte(before + " wss://h.example/mcp/?token=a-signature " + after))
		if strings.Contains(string(shown), "signature") {
			t.Fatalf("shown: %s", shown)
		}
	})
}

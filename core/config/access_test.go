package config

import (
	"errors"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/secret"
)

func TestExposed(t *testing.T) {
	for host, want := range map[string]bool{
		"": false, "localhost": false, "LOCALHOST": false, "127.0.0.1": false, "127.0.0.2": false, "::1": false,
		"0.0.0.0": true, "::": true, "192.168.1.20": true, "nas.local": true, "localhost.example.com": true,
	} {
		if got := (&Config{Host: host}).Exposed(); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func TestSetAccessKey(t *testing.T) {
	e := newEdit([]byte("{\n  \"port\": 3002, // mine\n}\n"), environment)
	key := secret.NewKey()
	if err := e.SetAccessKey(key); err != nil {
		t.Fatal(err)
	}
	c, err := e.Config()
	if err != nil || c.AccessKey != key || !strings.Contains(string(e.Text()), "// mine") {
		t.Fatalf("%v %v", c, err)
	}
	if err := e.SetAccessKey(""); err != nil {
		t.Fatal(err)
	}
	if c, err := e.Config(); err != nil || c.AccessKey != "" || strings.Contains(string(e.Text()), "accessKey") {
		t.Errorf("%v %v", c, err)
	}
}

func TestAccessKeyBounds(t *testing.T) {
	for key, good := range map[string]bool{
		strings.Repeat("k", 11): false, strings.Repeat("k", 12): true, strings.Repeat("k", 200): true, strings.Repeat("k", 201): false,
		"with a space here": false, "密钥密钥密钥密钥密钥密钥": false, "q\u0001234567890123": false, `"quoted"and\more`: true,
	} {
		e := newEdit([]byte("{}"), environment)
		if err := e.SetAccessKey(secret.Key(key)); err != nil {
			t.Fatal(err)
		}
		c, err := e.Config()
		if (err == nil) != good || good && c.AccessKey.Reveal() != key {
			t.Errorf("%q: %v", key, err)
		}
		var list *ProblemsError
		if errors.As(err, &list) && strings.Contains(err.Error(), key) {
			t.Errorf("the key is in %v", err)
		}
	}
}

func TestAccessKeyIsHidden(t *testing.T) {
	shown, hidden := Hide([]byte(`{"accessKey": "my-own-long-key", "host": "0.0.0.0"}`))
	if strings.Contains(string(shown), "my-own") || len(hidden) != 1 {
		t.Errorf("shown: %s", shown)
	}
}

// TestSetAllowedHosts holds that what is no name is refused where it stands.
func TestSetAllowedHosts(t *testing.T) {
	for _, tt := range []struct {
		value any
		want  string // the key of what is wrong, or the names
	}{
		{[]string{"NAS.local", "dash.example.com:443"}, "nas.local dash.example.com:443"},
		{[]any{"a", "b"}, "a b"},
		{[]string{}, ""},
		{nil, ""},
		{"nas.local", "allowedHosts"},
		{[]any{"a", 5}, "allowedHosts[1]"},
		{[]any{[]any{}, "a"}, "allowedHosts[0]"},
		{[]string{"a", "http://b"}, "allowedHosts[1]"},
	} {
		e := newEdit([]byte(`{"allowedHosts": ["old"]}`), environment)
		if err := e.SetOption("allowedHosts", tt.value); err != nil {
			t.Fatal(err)
		}
		c, err := e.Config()
		var list *ProblemsError
		got := ""
		switch {
		case errors.As(err, &list):
			got = list.Problems[0].Key
		case err == nil:
			got = strings.Join(c.AllowedHosts, " ")
		}
		if got != tt.want {
			t.Errorf("%v: %q, want %q (%v)", tt.value, got, tt.want, err)
		}
	}
	if err := newEdit([]byte("{}"), environment).SetOption("allowedHosts", []any{struct{}{}}); err == nil {
		t.Error("a list of anything is written")
	}
}

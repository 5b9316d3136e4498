package config

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/secret"
)

// guarded is a file full of credentials, each of which begins with "hush".
const guarded = `{
  // the old one was hush-comment
  "accessKey": "hush-access-key",
  "mcpEndpoint": [
    {"url": "wss://hush-user:hush-pass@api.example/mcp/?token=hush-token&b=hush%20second", "name": "Hall"},
    "wss://api.example/hush0000-1111-2222-3333/mcp?hush-bare#hush-fragment", // hush-behind
  ],
  "mcpServers": {
    "files": {"command": "npx", "args": ["-y", "files", "--api-key", "hush-arg", "--token=hush-joined", "hush0123456789abcdef", "--at=https://a.example/?k=hush-address", "/home/ann"],
      "env": {"API_KEY": "hushword", "DATABASE": "postgres://u:hush-db@h/x", "ODD": "hush-1", "NODE_ENV": "production", "ROOT": "/srv/data", "DEBUG": "true", "PORT": "8080", "FROM": "${FROM_OUTSIDE}"}},
    "far": {"url": "https://far.example/mcp?key=hush-far", "headers": {"Authorization": "Bearer hush-bearer", "X-Any": "hush-header"}}
  }
}`

func lookup(name string) (string, bool) { return "hush-outside-7", name == "FROM_OUTSIDE" }

func TestSecrets(t *testing.T) {
	c, err := Parse([]byte(guarded), lookup)
	if err != nil {
		t.Fatal(err)
	}
	found := c.Secrets()
	for _, want := range []string{"hush-access-key", "hush-user", "hush-pass", "hush-token", "hush%20second", "hush0000-1111-2222-3333", "hush-bare", "hush-fragment", "hush-arg", "hush-joined",
		"hush0123456789abcdef", "hush-address", "hushword", "hush-db", "hush-1", "hush-outside-7", "hush-far", "hush-bearer", "Bearer hush-bearer", "hush-header"} {
		if !slices.Contains(found, want) {
			t.Errorf("%s is not found", want)
		}
	}
	for _, ordinary := range []string{"npx", "files", "production", "/srv/data", "true", "8080", "/home/ann", "Hall"} {
		if slices.Contains(found, ordinary) {
			t.Errorf("%s is taken for a secret", ordinary)
		}
	}
}

// TestAccessKeyOfReference holds that the key counts wherever it comes from, and none is no
// secret.
func TestAccessKeyOfReference(t *testing.T) {
	c, err := Parse([]byte(`{"accessKey": "${FROM_OUTSIDE}"}`), lookup)
	if err != nil || !slices.Equal(c.Secrets(), []string{"hush-outside-7"}) {
		t.Errorf("%v %v", c, err)
	}
	if got := Default().Secrets(); len(got) > 0 {
		t.Errorf("without a key: %d secrets", len(got))
	}
}

func TestBare(t *testing.T) {
	shown, err := Bare([]byte(guarded))
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse([]byte(guarded), lookup)
	if err != nil {
		t.Fatal(err)
	}
	text := secret.NewKnown(c.Secrets()).Hide(string(shown))
	if strings.Contains(text, "hush") || strings.Contains(text, "//"+" ") {
		t.Errorf("something is told: %s", text)
	}
	for _, want := range []string{`"name": "Hall"`, "api.example", "far.example", `"${FROM_OUTSIDE}"`, "npx"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not told: %s", want, text)
		}
	}
	var list *ProblemsError
	if _, err := Bare([]byte(`{"a": // hush`)); !errors.As(err, &list) {
		t.Errorf("a broken file: %v", err)
	}
	if shown, err := Bare([]byte("{a: 'b', /* c */ d: [1,],}")); err != nil || strings.Contains(string(shown), "c") && strings.Contains(string(shown), "*") {
		t.Errorf("JSON5: %s %v", shown, err)
	}
}

func FuzzBare(f *testing.F) {
	f.Add([]byte(guarded))
	f.Add([]byte(`{"a": [1, // x` + "\n" + `2]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		shown, err := Bare(text)
		if err != nil {
			return
		}
		if _, problem := readDocument(shown); problem != nil && !strings.Contains(string(shown), "‹***") {
			t.Errorf("%q became %q: %v", text, shown, problem)
		}
	})
}

package config

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// environment resolves the references of the sample files.
func environment(name string) (string, bool) {
	v, ok := map[string]string{"ENDPOINT": "wss://env.example/?token=abc", "KEY": "value", "HOST_NAME": "env.example"}[name]
	return v, ok
}

// samples calls check for every file of a folder, and holds what it returns against
// the file's golden twin.
func samples(t *testing.T, dir string, check func(t *testing.T, data []byte) string) {
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.json*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples in %s: %v", dir, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := check(t, data)
			golden := strings.TrimSuffix(file, filepath.Ext(file)) + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")); got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestGoodFiles(t *testing.T) {
	samples(t, "good", func(t *testing.T, data []byte) string {
		before := bytes.Clone(data)
		c, err := Parse(data, environment)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(before, data) {
			t.Error("Parse changes its input")
		}
		if describe(c.Clone()) != describe(c) {
			t.Error("a clone differs")
		}
		return describe(c)
	})
}

func TestBadFiles(t *testing.T) {
	samples(t, "bad", func(t *testing.T, data []byte) string {
		c, err := Parse(data, environment)
		var problems *ProblemsError
		if c != nil || !errors.As(err, &problems) {
			t.Fatalf("got %v, %v, want problems", c, err)
		}
		var b strings.Builder
		for _, p := range problems.Problems {
			code := p.Code
			if reason, ok := p.Args["reason"]; ok {
				code += fmt.Sprintf(" (%v)", reason)
			}
			fmt.Fprintf(&b, "%s: %s\n", code, p)
		}
		if strings.Contains(b.String(), "secret1") || strings.Contains(err.Error(), "secret1") {
			t.Errorf("a credential is in %s", b.String())
		}
		return b.String()
	})
}

// describe writes a configuration out in full, with what is not the default.
func describe(c *Config) string {
	var b strings.Builder
	fmt.Fprintf(&b, "host %s port %d language %q cors %v logging %v level %s\n", c.Host, c.Port, c.Language, c.EnableCORS, c.EnableLogging, c.LogLevel)
	fmt.Fprintf(&b, "connection %+v\n", c.Connection)
	if c.AccessKey != "" || c.AllowedHosts != nil {
		fmt.Fprintf(&b, "access key %q hosts %q\n", c.AccessKey.Reveal(), c.AllowedHosts)
	}
	for _, e := range c.Endpoints {
		fmt.Fprintf(&b, "endpoint %s name %q enabled %v role %q health %v servers %#v tools %#v\n",
			e.URL.Reveal(), e.Name, e.Enabled, e.Role, e.HealthCheck, e.Servers, e.Tools)
	}
	for _, s := range c.Servers {
		prefix := "default"
		if s.Prefix != nil {
			prefix = fmt.Sprintf("%q", *s.Prefix)
		}
		fmt.Fprintf(&b, "server %q %s command %q args %q env %q dir %q url %s headers %q enabled %v prefix %s group %q tools %v\n",
			s.Name, s.Kind, s.Command, s.Args, s.Env, s.Dir, s.URL.Reveal(), s.Headers, s.Enabled, prefix, s.Group, s.Tools)
	}
	for _, w := range c.Warnings {
		fmt.Fprintf(&b, "warning %s: %s\n", w.Code, w)
	}
	return b.String()
}

func TestParseBounds(t *testing.T) {
	for name, data := range map[string][]byte{
		"size":    bytes.Repeat([]byte(" "), maxFileBytes+1),
		"depth":   bytes.Repeat([]byte(`{"a":`), 1<<16),
		"entries": []byte(`{"mcpEndpoint":[` + strings.Repeat("5,", maxValues/2) + `]}`),
	} {
		_, err := Parse(data, environment)
		var problems *ProblemsError
		if !errors.As(err, &problems) || len(problems.Problems) > maxProblems+1 || problems.Problems[0].Code != CodeTooLarge && name != "entries" {
			t.Errorf("%s: %.200v", name, err)
		}
	}
}

func TestImportServers(t *testing.T) {
	for text, want := range map[string]string{
		`{"mcpServers":{"a":{"command":"x","args":["${HOME}"]},"b":{"url":"https://${H}/sse"}}}`: "a stdio, b sse",
		`{"servers":{"a":{"type":"http","url":"https://h"}}}`:                                    "a streamable-http",
		`{"mcp":{"servers":{"a":{"command":"x"}}}}`:                                              "a stdio",
		`{"a":{"command":"x"}}`:                                           "a stdio",
		`{"command":"npx","args":["-y","thing"]}`:                         "thing stdio",
		`{"name":"me","url":"https://h/mcp"}`:                             "me auto",
		`[{"name":"a","command":"x"},{"command":"/bin/y"}]`:               "a stdio, y stdio",
		"\"a\": {\n  \"command\": \"x\", // note\n},":                     "a stdio",
		`a: {command: 'x'}, b: {url: "https://h/mcp"}`:                    "a stdio, b auto",
		"\ufeff{\"mcpServers\": [ {\"name\":\"a\",\"command\":\"x\"},],}": "a stdio",
	} {
		servers, err := ImportServers([]byte(text))
		var got []string
		for _, s := range servers {
			got = append(got, s.Name+" "+s.Kind.String())
		}
		if err != nil || strings.Join(got, ", ") != want {
			t.Errorf("ImportServers(%s) = %v, %v, want %s", text, got, err, want)
		}
	}
	servers, err := ImportServers([]byte(`{"a":{"command":"x","args":["${HOME}"]}}`))
	if err != nil || !slices.Equal(servers[0].Args, []string{"${HOME}"}) {
		t.Errorf("a reference does not stay: %v, %v", servers, err)
	}
	for _, text := range []string{"", "hello", "{}", "[]", "5", `{"mcpServers":{}}`, `{"a":1}`, `{"mcpServers":{"a":{}}}`, `"a": {"command": }`, "npx -y thing"} {
		var problems *ProblemsError
		if servers, err := ImportServers([]byte(text)); !errors.As(err, &problems) || servers != nil {
			t.Errorf("ImportServers(%q) = %v, %v", text, servers, err)
		}
	}
	_, err = ImportServers([]byte("  \n\"a\": {\"command\": \"x\",\n  \"type\": \"odd\"}"))
	var problems *ProblemsError
	if !errors.As(err, &problems) || problems.Problems[0].Line != 3 || problems.Problems[0].Column != 11 {
		t.Errorf("a snippet's problem has the wrong place: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	seedSamples(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse(data, environment)
		var problems *ProblemsError
		switch {
		case err == nil && c == nil, err != nil && !errors.As(err, &problems), err != nil && len(problems.Problems) == 0:
			t.Fatalf("Parse = %v, %v", c, err)
		case err == nil:
			if c.Port < 1 || c.Port > 65535 || c.Connection.MaxReconnectDelay < c.Connection.ReconnectInterval {
				t.Fatalf("out of bounds: %+v", c)
			}
			return
		}
		for _, p := range problems.Problems {
			if p.Message == "" || p.Code == "" {
				t.Fatalf("an empty problem: %#v", p)
			}
		}
	})
}

func FuzzImportServers(f *testing.F) {
	seedSamples(f)
	f.Add([]byte(`"a": {"command": "x"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		servers, err := ImportServers(data)
		if (err == nil) != (len(servers) > 0) {
			t.Fatalf("ImportServers = %v, %v", servers, err)
		}
		names := map[string]bool{}
		for _, s := range servers {
			if s.Name == "" || names[s.Name] {
				t.Fatalf("the name %q is empty or taken", s.Name)
			}
			names[s.Name] = true
		}
	})
}

func seedSamples(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join("testdata", "*", "*.json*"))
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			f.Add(data)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	var text strings.Builder
	text.WriteString("{\n  // a hundred endpoints\n  \"mcpEndpoint\": [\n")
	for i := range 100 {
		fmt.Fprintf(&text, "    \"wss://api.xiaozhi.me/mcp/?token=%0200d\",\n", i)
	}
	text.WriteString("  ],\n}\n")
	data := []byte(text.String())
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if c, err := Parse(data, environment); err != nil || len(c.Endpoints) != 100 {
			b.Fatal(err)
		}
	}
}

func TestBuiltin(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		enabled    bool
		tools      map[string]Tool
		servers    int
	}{
		{"nothing said", `{}`, true, nil, 0},
		{"beside", `{"mcpServerConfig":{"switchboard":{"tools":{"time":{"enable":false}}}}}`, true, map[string]Tool{"time": {}}, 0},
		{"off beside", `{"mcpServers":[{"name":"a","command":"x"}],"mcpServerConfig":{"switchboard":{"enabled":false}}}`, false, nil, 1},
		{"the entry wins", `{"mcpServers":{"switchboard":{"enabled":true}},"mcpServerConfig":{"switchboard":{"enabled":false}}}`, true, nil, 0},
		{"an entry", `{"mcpServers":{"a":{"command":"x"},"switchboard":{"disabled":true,"tools":{"time":false}}}}`, false, map[string]Tool{"time": {}}, 1},
	} {
		c, err := Parse([]byte(tt.text), nil)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if c.Builtin.Enabled != tt.enabled || !maps.Equal(c.Builtin.Tools, tt.tools) || len(c.Servers) != tt.servers {
			t.Errorf("%s: %+v, %d servers", tt.name, c.Builtin, len(c.Servers))
		}
	}
	if _, err := Parse([]byte(`{"mcpServers":{"switchboard":{"command":"x"}}}`), nil); err == nil {
		t.Error("a server takes the name of the built-in tools")
	}
}

func TestSetBuiltinTool(t *testing.T) {
	for text, want := range map[string]string{
		"{\n  \"port\": 3001 // kept\n}":                              `"mcpServerConfig"`,
		`{"mcpServers":{"switchboard":{"tools":{"time":true}}}}`:      `"time":false`,
		`{"mcpServerConfig":{"switchboard":{"tools":{"status":{}}}}}`: `"time"`,
	} {
		e := &Edit{text: []byte(text)}
		if err := e.SetTool(ReservedServer, "time", Tool{}); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		c, err := e.Config()
		if err != nil || c.Builtin.Tools["time"].Enabled || !strings.Contains(string(e.Text()), want) {
			t.Errorf("%s became %s, %v", text, e.Text(), err)
		}
	}
}

func TestSetBuiltin(t *testing.T) {
	for text, want := range map[string]string{ // what is left when it is off and on again
		"{\n  \"port\": 3001 // kept\n}":                          "// kept",
		`{"mcpServers":{"switchboard":{"enabled":true}}}`:         `{"mcpServers":{"switchboard":{"enabled":true}}}`,
		`{"mcpServers":{"switchboard":{"disabled":false}}}`:       `{"mcpServers":{"switchboard":{"disabled":false}}}`,
		`{"mcpServers":[{"name":"a","command":"x"}]}`:             `"mcpServers":[{"name":"a","command":"x"}]`,
		`{"a":{"command":"x"}}`:                                   `{"mcpServers": {"a":{"command":"x"}}`,
		`{"mcpServerConfig":{"switchboard":{"tools":{"t":{}}}}}`:  `"tools":{"t":{}}`,
		`{"mcpServerConfig":{"switchboard":{"enabled": false}}}`:  `{"mcpServerConfig":{"switchboard":{}}}`,
		`{"mcpServers":{"switchboard":{"tools":{"time":false}}}}`: `"tools":{"time":false}`,
	} {
		e := &Edit{text: []byte(text)}
		for _, on := range []bool{false, false, true, true} {
			err := e.SetBuiltin(on)
			c, bad := e.Config()
			if err != nil || bad != nil || c.Builtin.Enabled != on {
				t.Fatalf("%s became %s, %v %v", text, e.Text(), err, bad)
			}
		}
		if !strings.Contains(string(e.Text()), want) {
			t.Errorf("%s became %s", text, e.Text())
		}
	}
}

package config

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/secret"
)

func on(url secret.URL) Endpoint { return Endpoint{URL: url, Enabled: true, HealthCheck: true} }

func run(name, command string) Server { return Server{Name: name, Command: command, Enabled: true} }

func TestEdit(t *testing.T) {
	const a, b = "wss://a.example", "wss://b.example"
	add := func(u secret.URL) func(*Edit) error { return func(e *Edit) error { return e.AddEndpoint(on(u)) } }
	remove := func(u secret.URL) func(*Edit) error { return func(e *Edit) error { return e.RemoveEndpoint(u) } }
	option := func(key string, v any) func(*Edit) error {
		return func(e *Edit) error { return e.SetOption(key, v) }
	}
	server := func(s Server) func(*Edit) error { return func(e *Edit) error { return e.AddServer(s) } }
	update := func(name string, change func(*Server)) func(*Edit) error {
		return func(e *Edit) error {
			c, err := e.Config()
			if err != nil {
				return err
			}
			i := slices.IndexFunc(c.Servers, func(s Server) bool { return s.Name == name })
			if i < 0 {
				return ErrNotFound
			}
			change(&c.Servers[i])
			return e.UpdateServer(name, c.Servers[i])
		}
	}
	for _, tt := range []struct {
		name, in string
		edit     func(*Edit) error
		want     string
	}{
		{"add: absent", "{}\n", add(a), "{\n  \"mcpEndpoint\": [\n    \"wss://a.example\"\n  ]\n}\n"},
		{"add: null", `{"mcpEndpoint": null}`, add(a), "{\"mcpEndpoint\": [\n  \"wss://a.example\"\n]}"},
		{"add: empty string", `{"mcpEndpoint": ""}`, add(a), `{"mcpEndpoint": "wss://a.example"}`},
		{"add: placeholder", `{"mcpEndpoint": "<请填写>" /*c*/}`, add(a), `{"mcpEndpoint": "wss://a.example" /*c*/}`},
		{"add: string", `{"mcpEndpoint": "wss://a.example" /* kitchen */}`, add(b), `{"mcpEndpoint": ["wss://a.example", "wss://b.example"] /* kitchen */}`},
		{"add: object", `{"mcpEndpoint": {"url": "wss://a.example"}}`, add(b), `{"mcpEndpoint": [{"url": "wss://a.example"}, "wss://b.example"]}`},
		{"add: list", "{\n\t\"mcpEndpoint\": [\n\t\t\"wss://a.example\" // one\n\t\t// more here\n\t]\n}", add(b),
			"{\n\t\"mcpEndpoint\": [\n\t\t\"wss://a.example\", // one\n\t\t// more here\n\t\t\"wss://b.example\"\n\t]\n}"},
		{"add: trailing comma and CR LF", "{\r\n  \"mcpEndpoint\": [\r\n    \"wss://a.example\", // one\r\n  ],\r\n}", add(b),
			"{\r\n  \"mcpEndpoint\": [\r\n    \"wss://a.example\", // one\r\n    \"wss://b.example\",\r\n  ],\r\n}"},
		{"add: inline list", `{"mcpEndpoint": ["wss://a.example"]}`, add(b), `{"mcpEndpoint": ["wss://a.example", "wss://b.example"]}`},
		{"add: with settings", "{\n  \"mcpEndpoint\": [\n    \"wss://a.example\"\n  ]\n}", func(e *Edit) error {
			return e.AddEndpoint(Endpoint{URL: b, Name: "客厅", Role: "call", Servers: []string{}, Tools: []string{"x", "y"}})
		}, "{\n  \"mcpEndpoint\": [\n    \"wss://a.example\",\n    {\n      \"url\": \"wss://b.example\",\n      \"name\": \"客厅\",\n      \"enabled\": false,\n      \"role\": \"call\",\n      \"healthCheck\": false,\n      \"servers\": [],\n      \"tools\": [\"x\", \"y\"]\n    }\n  ]\n}"},
		{"add: JSON5", "// c\n{mcpEndpoint: ['wss://a.example',], other: 0x10}", add(b), "// c\n{\"mcpEndpoint\": [\"wss://a.example\", \"wss://b.example\",], \"other\": 16}"},
		{"add: bare map", `{"x": {"command": "y"}} // c` + "\n", add(a),
			"{\"mcpServers\": {\"x\": {\"command\": \"y\"}}, \"mcpEndpoint\": [\"wss://a.example\"]} // c\n"},
		{"add: byte order mark", "\ufeff{\"mcpEndpoint\": []}", add(a), "\ufeff{\"mcpEndpoint\": [\n  \"wss://a.example\"\n]}"},

		{"remove: string", `{"mcpEndpoint": "wss://a.example"} // c` + "\n", remove(a), `{"mcpEndpoint": []} // c` + "\n"},
		{"remove: first", "{\"mcpEndpoint\": [\n  // one\n  \"wss://a.example\",\n  \"wss://b.example\"\n]}", remove(a), "{\"mcpEndpoint\": [\n  // one\n  \"wss://b.example\"\n]}"},
		{"remove: last", "{\"mcpEndpoint\": [\n  \"wss://a.example\", // one\n  \"wss://b.example\" // two\n]}", remove(b), "{\"mcpEndpoint\": [\n  \"wss://a.example\" // one\n   // two\n]}"},
		{"remove: trailing comma", "{\"mcpEndpoint\": [\n  \"wss://a.example\",\n  \"wss://b.example\",\n]}", remove(b), "{\"mcpEndpoint\": [\n  \"wss://a.example\",\n]}"},
		{"remove: only", "{\"mcpEndpoint\": [\n  \"wss://a.example\"\n]}", remove(a), "{\"mcpEndpoint\": [\n]}"},
		{"remove: inline", `{"mcpEndpoint": ["wss://a.example", "wss://b.example"]}`, remove(a), `{"mcpEndpoint": ["wss://b.example"]}`},
		{"remove: inline last", `{"mcpEndpoint": ["wss://a.example", "wss://b.example"]}`, remove(b), `{"mcpEndpoint": ["wss://a.example"]}`},
		{"remove: repetitions", `{"mcpEndpoint": ["wss://a.example", {"url": "wss://a.example"}, "wss://b.example"]}`, remove(a), `{"mcpEndpoint": ["wss://b.example"]}`},

		{"update: string to object keeps the reference", `{"mcpEndpoint": "${ENDPOINT}"}`, func(e *Edit) error {
			return e.UpdateEndpoint("wss://env.example/?token=abc", Endpoint{URL: "wss://env.example/?token=abc", HealthCheck: true})
		}, "{\"mcpEndpoint\": {\n  \"url\": \"${ENDPOINT}\",\n  \"enabled\": false\n}}"},
		{"update: string to string", `{"mcpEndpoint": ["wss://a.example"]}`, func(e *Edit) error { return e.UpdateEndpoint(a, on(b)) }, `{"mcpEndpoint": ["wss://b.example"]}`},
		{"update: object", `{"mcpEndpoint": [{"webSocketUrl": "wss://a.example", /*x*/ "odd": 1, "enabled": false, "tools": ["p", "q", "r"]}]}`, func(e *Edit) error {
			return e.UpdateEndpoint(a, Endpoint{URL: b, Name: "n", Enabled: true, HealthCheck: true, Tools: []string{"p", "Q"}})
		}, `{"mcpEndpoint": [{"webSocketUrl": "wss://b.example", /*x*/ "odd": 1, "tools": ["p", "Q"], "name": "n"}]}`},

		{"option: replace", `{"port": 1 /*c*/}`, option("port", 8080), `{"port": 8080 /*c*/}`},
		{"option: alias", `{"webUI": {"port": 9999}}`, option("port", 8080), `{"webUI": {"port": 8080}}`},
		{"option: section", "{\n    \"port\": 1\n}", option("connectionOptions.toolTimeout", 9*time.Second), "{\n    \"port\": 1,\n    \"connectionOptions\": {\n        \"toolTimeout\": 9000\n    }\n}"},
		{"option: null section", `{"connectionOptions": null}`, option("connectionOptions.loadBalanceStrategy", balance.HealthBased), "{\"connectionOptions\": {\n  \"loadBalanceStrategy\": \"health-based\"\n}}"},
		{"option: default", "{\n  \"port\": 1,\n  \"enableCors\": true\n}", option("enableCors", nil), "{\n  \"port\": 1\n}"},
		{"option: repeated key", `{"port": 1, "port": 2}`, option("port", 3), `{"port": 1, "port": 3}`},
		{"option: list", "{\n  \"allowedHosts\": [\"nas.local\", // the shelf\n    \"b\"]\n}", option("allowedHosts", []string{"nas.local", "c", "d"}),
			"{\n  \"allowedHosts\": [\"nas.local\", // the shelf\n    \"c\",\n    \"d\"]\n}"},
		{"option: list made", "{\n  \"port\": 1\n}", option("allowedHosts", []any{"a", "b"}), "{\n  \"port\": 1,\n  \"allowedHosts\": [\"a\", \"b\"]\n}"},
		{"option: list emptied", `{"allowedHosts": ["a", "b"]}`, option("allowedHosts", []string{}), `{"allowedHosts": []}`},
		{"option: list removed", `{"port": 1, "allowedHosts": ["a"]}`, option("allowedHosts", nil), `{"port": 1}`},
		{"option: heartbeat", `{"connection": {"heartbeatInterval": 1000}}`, option("connectionOptions.healthCheckInterval", 2000), `{"connection": {"heartbeatInterval": 2000}}`},

		{"server: absent", "{}", server(run("x", "y")), "{\n  \"mcpServers\": {\n    \"x\": {\n      \"command\": \"y\"\n    }\n  }\n}"},
		{"server: list", `{"mcpServers": []}`, server(run("x", "y")), "{\"mcpServers\": [\n  {\n    \"name\": \"x\",\n    \"command\": \"y\"\n  }\n]}"},
		{"server: map", `{"mcpServers": {"a": {"command": "b"}}}`, server(Server{Name: "x", Kind: KindHTTP, URL: "https://h", Enabled: true, Headers: map[string]string{"B": "2", "A": "1"}}),
			`{"mcpServers": {"a": {"command": "b"}, "x": { "type": "streamable-http", "url": "https://h", "headers": { "A": "1", "B": "2" } }}}`},
		{"server: VS Code", `{"servers": {"a": {"command": "b"}}}`, server(run("x", "y")), `{"servers": {"a": {"command": "b"}, "x": { "command": "y" }}}`},
		{"server: bare entry", `{"command": "b"}`, server(run("x", "y")), `{"mcpServers": [{"command": "b"}, { "name": "x", "command": "y" }]}`},
		{"server: bare list", `[{"command": "b"}]`, server(run("x", "y")), `{"mcpServers": [{"command": "b"}, { "name": "x", "command": "y" }]}`},
		{"server: single under mcpServers", `{"mcpServers": {"command": "b"}}`, server(run("x", "y")), `{"mcpServers": [{"command": "b"}, { "name": "x", "command": "y" }]}`},
		{"server: remove from map", "{\n  \"mcpServers\": {\n    \"a\": { \"command\": \"b\" },\n    \"c\": { \"command\": \"d\" }\n  }\n}", func(e *Edit) error { return e.RemoveServer("c") },
			"{\n  \"mcpServers\": {\n    \"a\": { \"command\": \"b\" }\n  }\n}"},
		{"server: remove from list", `{"mcpServers": [{"name": "a", "command": "b"}, {"command": "c"}]}`, func(e *Edit) error { return e.RemoveServer("c") }, `{"mcpServers": [{"name": "a", "command": "b"}]}`},
		{"server: references stay", `{"mcpServers": {"a": {"command": "b", "args": ["${KEY}", "x"], "env": {"K": "${KEY}", "L": "1"}, "odd": [1]}}}`,
			update("a", func(s *Server) { s.Args = []string{"value", "y"}; s.Env = map[string]string{"K": "value", "M": "2"} }),
			`{"mcpServers": {"a": {"command": "b", "args": ["${KEY}", "y"], "env": {"K": "${KEY}", "M": "2"}, "odd": [1]}}}`},
		{"server: disabled", `{"mcpServers": {"a": {"command": "b", "disabled": true}}}`, update("a", func(s *Server) { s.Enabled = true }), `{"mcpServers": {"a": {"command": "b", "disabled": false}}}`},
		{"server: to address", `{"mcpServers": {"a": {"type": "stdio", "command": "b"}}}`, update("a", func(s *Server) { s.Kind, s.Command, s.URL = KindSSE, "", "https://h" }),
			`{"mcpServers": {"a": {"type": "sse", "url": "https://h"}}}`},
		{"server: rename", `{"mcpServers": {"a": {"command": "b"}}, "mcpServerConfig": {"a": {"tools": {}}}}`, update("a", func(s *Server) { s.Name = "z" }),
			`{"mcpServers": {"z": {"command": "b"}}, "mcpServerConfig": {"z": {"tools": {}}}}`},

		{"tool: new", `{"mcpServers": {"a": {"command": "b"}}}`, func(e *Edit) error { return e.SetTool("a", "t", Tool{}) },
			`{"mcpServers": {"a": {"command": "b", "tools": { "t": { "enabled": false } }}}}`},
		{"tool: no change", `{"mcpServers": {"a": {"command": "b"}}}`, func(e *Edit) error { return e.SetTool("a", "t", Tool{Enabled: true}) }, `{"mcpServers": {"a": {"command": "b"}}}`},
		{"tool: short", `{"mcpServers": {"a": {"command": "b", "tools": {"t": true}}}}`, func(e *Edit) error { return e.SetTool("a", "t", Tool{}) }, `{"mcpServers": {"a": {"command": "b", "tools": {"t": false}}}}`},
		{"tool: beside", `{"mcpServers": {"a": {"command": "b"}}, "mcpServerConfig": {"a": {"tools": {"t": {"description": "d", "enable": true}}}}}`,
			func(e *Edit) error { return e.SetTool("a", "t", Tool{Description: "d"}) },
			`{"mcpServers": {"a": {"command": "b"}}, "mcpServerConfig": {"a": {"tools": {"t": {"description": "d", "enable": false}}}}}`},
		{"remote tool: new", "{\n  // c\n  \"port\": 1\n}", func(e *Edit) error { return e.SetRemoteTool("t", Tool{Description: "d"}) },
			"{\n  // c\n  \"port\": 1,\n  \"remoteTools\": {\n    \"t\": {\n      \"enabled\": false,\n      \"description\": \"d\"\n    }\n  }\n}"},
		{"remote tool: short", `{"remoteTools": {"t": false /*c*/, "u": {"description": "d"}}}`, func(e *Edit) error { return e.SetRemoteTool("t", Tool{Enabled: true}) },
			`{"remoteTools": {"t": true /*c*/, "u": {"description": "d"}}}`},
		{"remote tool: reset", `{"remoteTools": {"u": {"description": "d", "odd": 1}}}`, func(e *Edit) error { return e.SetRemoteTool("u", Tool{Enabled: true}) },
			`{"remoteTools": {"u": {"odd": 1}}}`},
		{"remote tool: no change", `{"port": 1}`, func(e *Edit) error { return e.SetRemoteTool("u", Tool{Enabled: true}) }, `{"port": 1}`},
		{"remote tool: beside a bare server", `{"command": "b"}`, func(e *Edit) error { return e.SetRemoteTool("t", Tool{}) },
			`{"mcpServers": [{"command": "b"}], "remoteTools": { "t": { "enabled": false } }}`},
		{"replace", `{`, func(e *Edit) error { e.Replace([]byte("{a: 1}")); return nil }, `{a: 1}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := newEdit([]byte(tt.in), environment)
			if err := tt.edit(e); err != nil {
				t.Fatal(err)
			}
			if got := string(e.Text()); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if _, err := e.Config(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestEditRefuses(t *testing.T) {
	const text = `{"mcpEndpoint": ["wss://a.example/?token=hunter2", "wss://b.example"], "mcpServers": {"a": {"command": "b"}, "c": {"command": "d"}}}`
	for name, tt := range map[string]struct {
		edit func(*Edit) error
		want error
	}{
		"endpoint twice":          {func(e *Edit) error { return e.AddEndpoint(on("wss://a.example/?token=hunter2")) }, ErrExists},
		"endpoint to another":     {func(e *Edit) error { return e.UpdateEndpoint("wss://a.example/?token=hunter2", on("wss://b.example")) }, ErrExists},
		"unknown endpoint":        {func(e *Edit) error { return e.RemoveEndpoint("wss://z.example/?token=hunter2") }, ErrNotFound},
		"unknown endpoint change": {func(e *Edit) error { return e.UpdateEndpoint("", on("wss://z.example")) }, ErrNotFound},
		"server twice":            {func(e *Edit) error { return e.AddServer(run("a", "x")) }, ErrExists},
		"server to another":       {func(e *Edit) error { return e.UpdateServer("a", run("c", "x")) }, ErrExists},
		"unknown server":          {func(e *Edit) error { return e.RemoveServer("z") }, ErrNotFound},
		"unknown server's tool":   {func(e *Edit) error { return e.SetTool("z", "t", Tool{}) }, ErrNotFound},
		"unknown option":          {func(e *Edit) error { return e.SetOption("mcpEndpoint", "x") }, nil},
		"odd value":               {func(e *Edit) error { return e.SetOption("port", []int{1}) }, nil},
	} {
		e := newEdit([]byte(text), environment)
		err := tt.edit(e)
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
		if string(e.Text()) != text {
			t.Errorf("%s: the text changed", name)
		}
	}
}

// comments returns every comment of JWCC, sorted.
func comments(text []byte) []string {
	var list []string
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			for i++; text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case bytes.HasPrefix(text[i:], []byte("//")):
			n := bytes.IndexByte(text[i:], '\n')
			list = append(list, strings.TrimRight(string(text[i:i+n]), "\r"))
			i += n
		case bytes.HasPrefix(text[i:], []byte("/*")):
			n := bytes.Index(text[i+2:], []byte("*/")) + 4
			list = append(list, string(text[i:i+n]))
			i += n - 1
		}
	}
	slices.Sort(list)
	return list
}

// FuzzEdit applies operations that only add and change to any file that is accepted.
func FuzzEdit(f *testing.F) {
	seedSamples(f)
	f.Add([]byte("{mcpEndpoint: /*a*/ 'wss://a' /*b*/, // c\n mcpServers: [ /*d*/ ] }"))
	f.Add([]byte(`{"mcpEndpoint": [{"url": "wss://a", "tools": [/*x*/]}], "mcpServers": {"a": {"command": "b", "tools": {"t": null}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		before, err := Parse(data, environment)
		if err != nil || bytes.Contains(data, []byte("${")) {
			return
		}
		jwcc, _, err := rewriteJSON5(data)
		if err != nil {
			t.Fatal(err)
		}
		e := newEdit(data, environment)
		check := func(op string, err error) *Config {
			if errors.Is(err, ErrExists) {
				err = nil
			}
			c, parseErr := e.Config()
			if err != nil || parseErr != nil {
				t.Fatalf("%s on %q gives %q: %v, %v", op, data, e.Text(), err, parseErr)
			}
			now, _, err := rewriteJSON5(e.Text())
			if err != nil {
				t.Fatal(err)
			}
			if was, is := comments(jwcc), comments(now); !slices.Equal(was, is) {
				t.Fatalf("%s on %q gives %q: comments %q became %q", op, data, e.Text(), was, is)
			}
			return c
		}
		added := Endpoint{URL: "wss://added.example/?a=b", Name: "n \"m\"", Enabled: true, Role: "call"}
		c := check("AddEndpoint", e.AddEndpoint(added))
		if !slices.ContainsFunc(c.Endpoints, added.Equal) || len(c.Servers) != len(before.Servers) {
			t.Fatalf("the endpoint is not in %q", e.Text())
		}
		changed := c.Endpoints[0]
		changed.Name, changed.Enabled = "changed", !changed.Enabled
		c = check("UpdateEndpoint", e.UpdateEndpoint(changed.URL, changed))
		if !slices.ContainsFunc(c.Endpoints, changed.Equal) {
			t.Fatalf("the endpoint is not changed in %q", e.Text())
		}
		check("SetOption", e.SetOption("port", 1234))
		c = check("SetOption", e.SetOption("connectionOptions.toolTimeout", 1234*time.Millisecond))
		if c.Port != 1234 || c.Connection.ToolTimeout != 1234*time.Millisecond {
			t.Fatalf("the options are not in %q", e.Text())
		}
		c = check("AddServer", e.AddServer(run("added", "x")))
		s := c.Servers[0]
		s.Group, s.Enabled = "changed", !s.Enabled
		s.Env = maps.Clone(s.Env)
		if s.Env == nil {
			s.Env = map[string]string{}
		}
		s.Env["ADDED"] = "1"
		c = check("UpdateServer", e.UpdateServer(s.Name, s))
		if i := slices.IndexFunc(c.Servers, func(o Server) bool { return o.Name == s.Name }); i < 0 ||
			c.Servers[i].Group != "changed" || c.Servers[i].Enabled != s.Enabled || !maps.Equal(c.Servers[i].Env, s.Env) || c.Servers[i].Kind != s.Kind {
			t.Fatalf("the server %q is not changed in %q", s.Name, e.Text())
		}
		// What is taken away may take comments along, but leaves a good file.
		for len(c.Endpoints) > 0 {
			if err := e.RemoveEndpoint(c.Endpoints[0].URL); err != nil {
				t.Fatalf("%v in %q", err, e.Text())
			}
			after, err := e.Config()
			if err != nil || len(after.Endpoints) >= len(c.Endpoints) {
				t.Fatalf("%q: %v", e.Text(), err)
			}
			c = after
		}
		for len(c.Servers) > 0 {
			if err := e.RemoveServer(c.Servers[0].Name); err != nil {
				t.Fatalf("%v in %q", err, e.Text())
			}
			after, err := e.Config()
			if err != nil || len(after.Servers) >= len(c.Servers) {
				t.Fatalf("%q: %v", e.Text(), err)
			}
			c = after
		}
	})
}

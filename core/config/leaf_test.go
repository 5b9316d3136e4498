package config

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestExpand(t *testing.T) {
	lookup := func(name string) (string, bool) {
		v, ok := map[string]string{"A": "one", "EMPTY": "", "REF": "${A}"}[name]
		return v, ok
	}
	for _, tt := range []struct{ in, want, missing string }{
		{"plain $A", "plain $A", ""},
		{"x${A}y${A}", "xoneyone", ""},
		{"${EMPTY}|", "|", ""},
		{"${EMPTY:-two}${NONE:-three}${A:-four}", "twothreeone", ""},
		{"${NONE}", "${NONE}", "NONE"},
		{"${env:A}", "one", ""},
		{"$${A} ${A}", "${A} one", ""},
		{"${REF}", "${A}", ""},
		{"${not a name} ${", "${not a name} ${", ""},
		{"${input:key}", "${input:key}", "input:key"},
		{"${NONE:-}", "", ""},
	} {
		if got, missing := expand(tt.in, lookup); got != tt.want || missing != tt.missing {
			t.Errorf("expand(%q) = %q, %q, want %q, %q", tt.in, got, missing, tt.want, tt.missing)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"port", "mcpEndpoint", "healthCheckInterval", "url"}
	for name, want := range map[string]string{
		"Port": "port", "prot": "port", "mcpendpoint": "mcpEndpoint", "mcpEndpoints": "mcpEndpoint", "health_check_interval": "healthCheckInterval",
		"helthCheckIntervall": "healthCheckInterval", "url": "", "part2": "", "something": "", "uri": "url",
	} {
		if got, _ := Nearest(name, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestMasked(t *testing.T) {
	for in, want := range map[string]string{
		"exponential-backof":                "exponential-backof",
		"AbCdEf0123456789AbCdEf==":          "***",
		"token=abc":                         "token=***",
		strings.Repeat("汉", 100):            strings.Repeat("汉", 79) + "…",
		"say wss://h/mcp/?token=abc please": "say wss://h/mcp/?token=*** please",
	} {
		if got := masked(in); got != want {
			t.Errorf("masked(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"htps://h/?token=abc":            "htps://h/?token=***",
		"xiaozhi.example.com/mcp/?t=abc": "xiaozhi.example.com/mcp/***",
		"example.com/?t=abc":             "example.com/***",
		"api.example.com":                "api.example.com",
	} {
		if got := maskedAddress(in); got != want {
			t.Errorf("maskedAddress(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestServerPrintsNoCredential(t *testing.T) {
	s := Server{Name: "a", Kind: KindHTTP, URL: "https://h/?key=hunter2", Env: map[string]string{"K": "hunter2"},
		Headers: map[string]string{"X": "hunter2"}, Args: []string{"hunter2"}, Command: "run"}
	c := &Config{Servers: []Server{s}, Endpoints: []Endpoint{{URL: "wss://h/?token=hunter2"}}}
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	out := fmt.Sprintf("%v %+v %#v %s %v %+v %s", s, s, s, s, *c, c, encoded)
	if strings.Contains(out, "hunter2") {
		t.Errorf("a credential is in %s", out)
	}
	now := Snapshot{Config: c, Text: []byte("hunter2"), Path: "/p", Revision: "r"}
	if out := fmt.Sprintf("%v %+v %#v %s", now, now, now, now); strings.Contains(out, "hunter2") || strings.Contains(out, "104, 117") {
		t.Errorf("a credential is in %s", out)
	}
	empty := ""
	clone := s.Clone()
	if !clone.Equal(s) {
		t.Error("a clone differs")
	}
	for i, change := range []func(*Server){
		func(s *Server) { s.Env["K"] = "other" }, func(s *Server) { s.Prefix = &empty }, func(s *Server) { s.Args = nil },
		func(s *Server) { s.Tools = map[string]Tool{"t": {}} }, func(s *Server) { s.Enabled = true },
	} {
		other := s.Clone()
		if change(&other); other.Equal(s) {
			t.Errorf("change %d is not seen", i)
		}
	}
}

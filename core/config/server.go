package config

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"xiaozhi-switchboard/core/secret"
)

// Kind is how an MCP server is spoken to.
type Kind uint8

const (
	// KindStdio runs a command and speaks over its standard input and output.
	KindStdio Kind = iota
	// KindSSE is HTTP with server-sent events, the transport of 2024-11-05.
	KindSSE
	// KindHTTP is streamable HTTP.
	KindHTTP
	// KindAuto is an address without a kind: streamable HTTP, falling back to SSE.
	KindAuto
)

var kindNames = [...]string{"stdio", "sse", "streamable-http", "auto"}

// String returns the name used in configuration files; auto is written as no kind.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// MarshalText returns the name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// parseKind reads every spelling seen in the wild.
func parseKind(name string) (Kind, bool) {
	switch strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), "-", ""), "_", "") {
	case "stdio", "local":
		return KindStdio, true
	case "sse":
		return KindSSE, true
	case "http", "streamablehttp", "remote":
		return KindHTTP, true
	case "auto", "":
		return KindAuto, true
	}
	return 0, false
}

// Server is an MCP server of ours. Command, Args, Env, URL and Headers may be
// credentials: they are left out of encoding/json, and printing a Server shows only
// what is safe.
type Server struct {
	// Name identifies the server in the file. An entry that has none is named after its
	// program or host.
	Name string
	Kind Kind
	// Command is the program of a stdio server, Args its arguments.
	Command string   `json:"-"`
	Args    []string `json:"-"`
	// Env is added to the environment of the program.
	Env map[string]string `json:"-"`
	// Dir is the working directory; empty means ours.
	Dir string
	// URL is the address of an SSE or HTTP server.
	URL     secret.URL
	Headers map[string]string `json:"-"`
	// Enabled is true unless the file says otherwise.
	Enabled bool
	// Prefix is put before the names of the tools; nil means the name of the
	// server, an empty one none at all.
	Prefix *string
	// Group marks servers that are interchangeable; empty means none.
	Group string
	// Tools are the settings of single tools, by their own names. A tool that is not
	// here is enabled and keeps its description.
	Tools map[string]Tool
}

// Tool is the setting of one tool.
type Tool struct {
	Enabled bool
	// Description overrides the tool's own; empty keeps it.
	Description string
}

// Clone returns a copy that shares nothing with s.
func (s Server) Clone() Server {
	s.Args = slices.Clone(s.Args)
	s.Env, s.Headers, s.Tools = maps.Clone(s.Env), maps.Clone(s.Headers), maps.Clone(s.Tools)
	if s.Prefix != nil {
		prefix := *s.Prefix
		s.Prefix = &prefix
	}
	return s
}

// Equal reports whether two servers are the same in every field, so that one that is
// running may go on.
func (s Server) Equal(o Server) bool {
	samePrefix := s.Prefix == o.Prefix || s.Prefix != nil && o.Prefix != nil && *s.Prefix == *o.Prefix
	return s.Name == o.Name && s.Kind == o.Kind && s.Command == o.Command && slices.Equal(s.Args, o.Args) && maps.Equal(s.Env, o.Env) &&
		s.Dir == o.Dir && s.URL == o.URL && maps.Equal(s.Headers, o.Headers) && s.Enabled == o.Enabled && samePrefix &&
		s.Group == o.Group && maps.Equal(s.Tools, o.Tools)
}

// String returns the name, the kind, and the program or the masked address.
func (s Server) String() string {
	where := s.URL.String()
	if s.Kind == KindStdio {
		where = masked(s.Command)
	}
	return fmt.Sprintf("%s (%s %s)", secret.Text(s.Name), s.Kind, where)
}

// GoString returns String, for %#v.
func (s Server) GoString() string { return "config.Server{" + s.String() + "}" }

// LogValue returns String, for slog.
func (s Server) LogValue() slog.Value { return slog.StringValue(s.String()) }

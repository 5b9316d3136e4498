package hub

import (
	"fmt"
	"maps"
	"slices"

	"xiaozhi-switchboard/core/secret"
)

// Kind is how a server is reached.
type Kind uint8

const (
	// KindStdio is a program that speaks over its standard input and output.
	KindStdio Kind = iota
	// KindSSE is the HTTP transport of 2024-11-05: events and a second address.
	KindSSE
	// KindHTTP is streamable HTTP.
	KindHTTP
	// KindAuto is streamable HTTP, falling back to SSE when the server refuses the
	// first request with a 4xx status.
	KindAuto
)

var kindNames = [...]string{"stdio", "sse", "http", "auto"}

// String returns "stdio", "sse", "http" or "auto".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// MarshalText returns what String does.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// BuiltinServer is the reserved name of the server that the hub itself is. A
// Server of this name configures it: only Disabled, Prefix and Tools count.
const BuiltinServer = "switchboard"

// Server describes one MCP server.
type Server struct {
	// Name is unique within one Apply; of two with the same name the first counts.
	Name string
	Kind Kind
	// Command, Args, Env and Dir start a KindStdio server. Env is added to our own
	// environment; an empty Dir is our own working directory.
	Command string
	Args    []string
	Env     map[string]string
	Dir     string
	// URL and Headers reach the other kinds. Headers are sent to the host of URL only.
	URL     secret.URL
	Headers map[string]string
	// Disabled servers are not started and offer no tools.
	Disabled bool
	// Prefix replaces the name in front of the server's tools. Nil means the name, an
	// empty string no prefix at all.
	Prefix *string
	// Group marks servers that are interchangeable: a tool that several of them offer with the
	// same schema is one tool, group__tool, and each call of it goes to one of them. Empty
	// means none. The Prefix of the first member is that of all.
	Group string
	// Tools holds settings by the server's own names for its tools.
	Tools map[string]ToolSetting
}

// ToolSetting is what the user decided about one tool.
type ToolSetting struct {
	// Disabled tools are not listed and cannot be called.
	Disabled bool
	// Description replaces the server's; empty keeps it.
	Description string
}

// View is what one endpoint sees of the catalogue. A tool is seen when it passes
// both filters. A nil filter passes everything, an empty one nothing.
type View struct {
	Servers []string // names of servers
	Tools   []string // public names of tools
}

// clone returns a copy that shares nothing with s.
func (s Server) clone() Server {
	s.Args = slices.Clone(s.Args)
	s.Env = maps.Clone(s.Env)
	s.Headers = maps.Clone(s.Headers)
	s.Tools = maps.Clone(s.Tools)
	if s.Prefix != nil {
		prefix := *s.Prefix
		s.Prefix = &prefix
	}
	return s
}

// sameProcess reports whether s and o are reached in the same way, so that a
// running session may stay.
func (s Server) sameProcess(o Server) bool {
	return s.Kind == o.Kind && s.Command == o.Command && slices.Equal(s.Args, o.Args) &&
		maps.Equal(s.Env, o.Env) && s.Dir == o.Dir && s.URL == o.URL && maps.Equal(s.Headers, o.Headers)
}

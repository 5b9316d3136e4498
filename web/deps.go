package web

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/journal"
	"xiaozhi-switchboard/core/secret"
)

// Links are the links to endpoints and what can be done to them at once.
// *endpoint.Manager is one. An error that wraps endpoint.ErrUnknown means that
// there is no link with that ID. Implementations must be safe for concurrent use.
type Links interface {
	Status() []endpoint.Status
	Subscribe() (<-chan struct{}, func())
	Reconnect(id string) error
	CheckHealth(id string) error
	Pause(id string) error
	Resume(id string) error
}

// Catalogue is the MCP servers and their tools. Implementations must be safe for
// concurrent use, and must not write to what they returned.
type Catalogue interface {
	Servers() []ServerView
	Tools() []ToolView
	// Stderr is the last lines of a server's standard error, the newest last and scrubbed.
	Stderr(server string) []string
	// Restart has a server started anew, at once and whatever its state, and does not wait
	// for it. The error says that it is unknown or switched off.
	Restart(server string) error
	Subscribe() (<-chan struct{}, func())
}

// Settings is what pages need to know of the configuration. Implementations must
// be safe for concurrent use.
type Settings interface {
	View() SettingsView
	Subscribe() (<-chan struct{}, func())
}

// Editor makes durable changes to the configuration file. *config.Store is one, and
// says what its methods do. Implementations must be safe for concurrent use.
type Editor interface {
	Snapshot() config.Snapshot
	Modify(ctx context.Context, revision string, edit func(*config.Edit) error) (config.Snapshot, error)
	Versions() ([]config.Version, error)
	VersionText(id string) ([]byte, error)
}

// Doctor examines an address before it is used; see endpoint.Examine. Implementations
// must be safe for concurrent use.
type Doctor interface {
	Examine(ctx context.Context, address secret.URL) (endpoint.Report, error)
}

// Toolbox is what MCP clients of this computer use at /mcp. *hub.Hub is one, and says what
// its methods do; the endpoint is always "", which sees every tool. Implementations must
// be safe for concurrent use.
type Toolbox interface {
	ListRaw() []byte
	CallRaw(ctx context.Context, endpoint, name string, arguments []byte) ([]byte, error)
	Subscribe() (<-chan struct{}, func())
}

// Journal is what happened lately. *journal.Journal is one, and says what its methods do.
// Implementations must be safe for concurrent use.
type Journal interface {
	Events(after, before uint64) []journal.Event
	Calls(after, before uint64) []journal.Call
	Moves(after, before uint64) []journal.Move
	Subscribe() (<-chan struct{}, func())
}

// Deps is what a Server shows. Each may be nil: then there is nothing of it to show.
type Deps struct {
	Links       Links
	Catalogue   Catalogue
	Settings    Settings
	Performance Performance
	Controls    Controls
	Editor      Editor
	Doctor      Doctor
	Toolbox     Toolbox
	Caller      Caller
	Desktop     Desktop
	Rehearser   Rehearser
	// History is where the past is kept; without it, it is forgotten with the program.
	History     History
	Log         Log
	Diagnostics Diagnostics
	Journal     Journal
}

// ServerState is where an MCP server is in its life.
type ServerState uint8

const (
	// ServerStarting is on its way up.
	ServerStarting ServerState = iota
	// ServerReady answers.
	ServerReady
	// ServerWaiting went down and will be started again.
	ServerWaiting
	// ServerFailed has been given up.
	ServerFailed
	// ServerDisabled is at rest by the configuration.
	ServerDisabled
)

var serverStateNames = [...]string{"starting", "ready", "waiting", "failed", "disabled"}

// String returns the lower-case name.
func (s ServerState) String() string {
	if int(s) < len(serverStateNames) {
		return serverStateNames[s]
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// MarshalText returns the name.
func (s ServerState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ServerView is a snapshot of one MCP server.
type ServerView struct {
	Name string `json:"name"`
	// Kind is stdio, sse, http, auto (http, or else sse) or builtin.
	Kind  string      `json:"kind"`
	State ServerState `json:"state"`
	// Group is what the server is interchangeable with; empty when nothing is.
	Group string `json:"group,omitempty"`
	// Since is when the server entered its state.
	Since time.Time `json:"since,omitzero"`
	// Tools is how many tools the server lists.
	Tools    int `json:"tools"`
	Restarts int `json:"restarts"`
	// Problem is the kind of the last failure, as hub.ProblemKind names it, such as
	// "not_found"; empty when there is none. Needs is what should be installed, as
	// hub.Need names it; empty when that is not known.
	Problem string `json:"problem,omitempty"`
	Needs   string `json:"needs,omitempty"`
	// ProblemText says in the language of the answer what failed and what to do.
	// Server fills it in.
	ProblemText string `json:"problemText,omitempty"`
	// LastError is the technical side of the last failure, in English.
	LastError string `json:"lastError,omitempty"`
	// NextStart is when the server will be started again; zero when that is not planned.
	NextStart time.Time `json:"nextStart,omitzero"`
	// PID is the process of a stdio server; 0 when there is none.
	PID int `json:"pid,omitempty"`
	// Title and Version are how the server introduced itself.
	Title   string `json:"title,omitempty"`
	Version string `json:"version,omitempty"`
}

// ToolView is a snapshot of one tool.
type ToolView struct {
	// Name is the name that endpoints see.
	Name        string          `json:"name"`
	Server      string          `json:"server"`
	Description string          `json:"description,omitempty"`
	Schema      json.RawMessage `json:"inputSchema,omitempty"`
	Enabled     bool            `json:"enabled"`
	// Sources are the servers or endpoints that a call may go to.
	Sources []string `json:"sources,omitempty"`
	// Listers are those that list the tool, where it is off included.
	Listers []string `json:"listers,omitempty"`
	// Remote: the sources are endpoints.
	Remote bool `json:"remote,omitempty"`
	// Own is the server's own description, and Overridden that Description is the user's.
	Own        string `json:"ownDescription,omitempty"`
	Overridden bool   `json:"overridden,omitempty"`
	// Original is the server's own name for the tool.
	Original string `json:"original,omitempty"`
	// Notes are what was done to the tool, as hub.Note names it, such as "renamed".
	Notes []string `json:"notes,omitempty"`
	// NoteTexts say the same in the language of the answer. Server fills them in.
	NoteTexts []string `json:"noteTexts,omitempty"`
}

// Texts are one text in several languages, by their tags.
type Texts map[string]string

// In returns the text in a language, or else in assets.Fallback.
func (t Texts) In(lang string) string {
	if text, ok := t[lang]; ok {
		return text
	}
	return t[assets.Fallback]
}

// SettingsView is a snapshot of what pages need to know of the configuration.
type SettingsView struct {
	// Language is the wish of the configuration; empty leaves it to the browser.
	Language string
	// EnableCORS lets pages of other servers on this computer read the API.
	EnableCORS bool
	// AccessKey is what everybody must know who uses the dashboard; empty asks nobody.
	AccessKey secret.Key
	// Hosts are names of the dashboard beside Options.Hosts, in lower case.
	Hosts []string
	// Path is the configuration file; empty when there is none.
	Path string
	// Problem is why the file on disk is not in use; nil when it is.
	Problem *ConfigProblem
}

// ConfigProblem is a configuration file that cannot be used; the last good one
// stays in use.
type ConfigProblem struct {
	// Texts say what is wrong, by language.
	Texts Texts
	// Line and Column count from 1; 0 when unknown.
	Line, Column int
}

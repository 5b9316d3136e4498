package ui

// Say returns the text of a key in the language of the page. Args are names and
// values for its placeholders, in turn.
type Say func(key string, args ...any) string

// Frame is what every page has around its content.
type Frame struct {
	Lang string
	Say  Say
	// Theme is light, dark, or empty to follow the system.
	Theme string
	// Title names the page; Section is the entry of the side bar that is current.
	Title, Section string
	// Sections are the entries of the side bar.
	Sections []Section
	// Style, Icon and Script are the addresses of the assets; Script may be empty.
	Style, Icon, Script string
	// Charts are those of charts; nil on a page without.
	Charts *Assets
	// Stream is the address of the live events; empty for a page that stands still.
	Stream string
	// Made is when the page was made.
	Made Moment
	// SignedIn says that the browser has entered the access key.
	SignedIn bool
	// Version is the program's; empty leaves it out.
	Version string
	// Languages and Themes are the ones to choose from.
	Languages, Themes []Choice
	// Refresh lets a browser without scripts load the page anew from time to time.
	Refresh bool
	// Problem is what is wrong with the configuration file; nil when nothing is.
	Problem *Problem
	// Done is what was just done; nil when nothing was.
	Done *Done
}

// Assets are the addresses of a style sheet and of a script.
type Assets struct{ Style, Script string }

// Section is one entry of the side bar.
type Section struct {
	Name, Word, Address string
}

// Choice is one entry of a switch that a link turns.
type Choice struct {
	Tag, Name, Address string
	Current            bool
}

// Done is one line about what was done.
type Done struct {
	Text string
	// Undo names it for taking it back; empty when that cannot be.
	Undo string
	// From is the page to come back to.
	From string
}

// Moment is a point in time as the page shows it.
type Moment struct {
	// ISO is for machines; empty means that there is no such moment.
	ISO string
	// Text holds the clock time, and is true for ever.
	Text string
	// Live is Text with {} where the script writes how long ago or how soon it is.
	Live string
	// Due marks a moment to come: it never turns into a past one.
	Due bool
}

// Overview is the content of the first page.
type Overview struct {
	Figures []Figure
	Alerts  []Alert
	Links   []Link
	Servers []Server
	Tools   []ToolGroup
	// ToolTotal is the number of tools, written out; empty when there are none.
	ToolTotal string
	// Recent are the last things that happened to endpoints, the newest first.
	Recent []Event
	// Traffic is nil when it is not known.
	Traffic *Traffic
	// Editable: endpoints can be added.
	Editable bool
	// From is the page that it is.
	From string
	// ConfigPath is where the configuration lies; empty when there is no file.
	ConfigPath string
	// Tray is about an icon that cannot be seen.
	Tray TrayNotice
}

// TrayNotice says that the tray icon cannot be seen; without a Text there is nothing to say.
type TrayNotice struct {
	// Text says what to do, and More names what is behind Address.
	Text, More, Address string
}

// Problem is a configuration that cannot be used.
type Problem struct {
	Path, Text, Place string
	// Mend is where the file can be edited; empty when it cannot from here.
	Mend string
}

// Figure is one number of the summary.
type Figure struct {
	Value, Unit string
	Note        string
	// Alarm marks the note as something to act on.
	Alarm bool
}

// Alert is something that needs a person: a cause, and one verb.
type Alert struct {
	ID     string
	Level  Level
	Name   string
	Cause  string
	Detail string // in the words of whoever failed; often English
	Retry  Moment
	// Action is what to post to and Verb what to call it. Show is where to look
	// instead, when there is nothing to do from here.
	Action, Verb, Show string
	// From is the page that it is on.
	From string
}

// Link is the card of one endpoint.
type Link struct {
	ID string
	// Path is what the addresses of its actions start with; From is the page that it is on.
	Path, From string
	Name       string
	Place      string // host, and agent where it is known
	Level      Level
	Word       string
	// Score is 0 to 100; Scored is false while there is nothing to go by.
	Score      int
	Scored     bool
	ScoreLevel Level
	// Why spells the score out.
	Why          string
	Latency      string // empty when unknown
	LatencyLevel Level
	Tools, Calls string
	Cause        string
	Retry        Moment
	Checked      Moment
	Connected    bool
	Paused       bool
	// Off: it is switched off in the configuration, so that nothing but that brings it back.
	Off   bool
	Trend Trend
}

// Server is one row of the servers panel.
type Server struct {
	ID, Name, Kind string
	Level          Level
	Word           string
	Tools          string
	Facts          []string // process id, restarts, and such
	// Cause says what failed and what to do, and Detail the technical side of it;
	// both are empty when nothing did.
	Cause, Detail string
	Retry         Moment
}

// ToolGroup is the tools of one server.
type ToolGroup struct {
	ID, Server, Count string
	Tools             []Tool
	// More says how many tools are not shown; empty when all are.
	More string
}

// Tool is one tool of the catalogue.
type Tool struct {
	Name, Description string
	// Notes are sentences about what was done to it.
	Notes []string
	Off   bool
}

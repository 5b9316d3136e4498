package ui

// ImportForm is the form that takes MCP servers as text.
type ImportForm struct {
	Title   string
	From    string // the page that it is on
	Back    string // where to go without it
	Trouble string
	// Tabs are the ways to add a server.
	Tabs []Choice
	// Inner: it is a part of a page that has a title of its own.
	Inner   bool
	Text    Field
	Example string
	// Servers are what would be added; empty before the text was read.
	Servers []ServerPreview
	// Draft names the text, which is not shown again.
	Draft string
	Verb  string
	// Nothing: all of it is there already.
	Nothing bool
	// Trust asks whether programs may run; nil when none would.
	Trust *Field
}

// ServerPreview is an MCP server that would be added.
type ServerPreview struct {
	Name, Kind string
	// What is the command or the address.
	What string
	// Names are those of its variables or headers.
	Names []string
	Runs  bool // it is a program
	There bool // there is one of that name
}

package ui

// ToolList is the content of the page of all tools and of the servers that they come from.
type ToolList struct {
	Servers []ServerLine
	// Bare: there is no server but the program itself.
	Bare bool
	// Editable: the configuration can be changed.
	Editable bool
	// Query, Of and Show are the filters as they are set: by words, server and state.
	Query    string
	Of, Show []Option
	// Any: there are tools, shown or not. Count says how many.
	Any   bool
	Count string
	Tools []ToolLine
	// Before and After are the addresses of the neighbouring pages; empty at the ends.
	// Place says which page it is; empty when there is but one.
	Before, After, Place string
	// Rehearsal is where a call can be rehearsed; empty when none can.
	Rehearsal string
	From      string
}

// ServerLine is one MCP server of the list.
type ServerLine struct {
	Server
	// Path is the address of its page.
	Path string
	// On: it is meant to run. Editable: it is of the configuration file. Own: it is the program
	// itself, which can be neither started anew nor described otherwise.
	On, Editable, Own bool
	// Verb is the one thing to do about its trouble, at Address, by a form when Posts.
	Verb, Address string
	Posts         bool
	Since         Moment
	From          string
}

// ServerDetail is the content of the page of one MCP server.
type ServerDetail struct {
	ServerLine
	About []Fact
	// Stdio: it is a program. Lines are what it wrote to its standard error, the newest last.
	Stdio bool
	Lines []string
	// Offers are its tools. More says how many are not shown, and All is where they are.
	Offers    []ToolLine
	More, All string
}

// ToolLine is one tool of a list.
type ToolLine struct {
	ID, Name, Path string
	Description    string
	// Server is where it comes from; empty where that is plain.
	Server string
	// Notes are sentences about what was done to it.
	Notes []string
	On    bool
	// Away: nobody can answer its calls at the moment.
	Away bool
	// Fixed: it cannot be switched.
	Fixed bool
	From  string
}

// ToolDetail is the content of the page of one tool.
type ToolDetail struct {
	ToolLine
	// Owner is the server or group, and OwnerPath its page where there is one.
	Owner, OwnerPath string
	About            []Fact
	Sources          []ToolSource
	// Seen are the endpoints that see it, by their addresses; SeenNote says so in words.
	Seen     []Option
	SeenNote string
	// Describe is the form of its description; Overridden says that it is not the server's.
	Describe   Form
	Overridden bool
	Own        string
	Schema     string
	Try        Try
	// Rehearsal is where a call of it is rehearsed; empty when none can be.
	Rehearsal string
}

// ToolSource is one place that calls of a tool go to.
type ToolSource struct {
	Name, Path string
	Level      Level
	Word       string
	// Calls, Share and Breaker are empty where they are not counted.
	Calls, Share, Breaker string
}

// Try is the form that calls a tool, and what came of it.
type Try struct {
	Form
	// Raw is the form of one field for arguments as JSON. RawOpen shows it.
	Raw     Form
	RawOpen bool
	// Off says why it cannot be called; empty when it can.
	Off string
	// Note is about what the form lacks; empty when it is whole.
	Note    string
	Outcome *Outcome
}

// Outcome is what a call came to.
type Outcome struct {
	Level Level
	Word  string
	Took  string
	// Texts are what the assistant would be told, and Others what else there is.
	Texts, Others []string
	// JSON is the whole result.
	JSON string
}

// ServerSheet is the form of an MCP server.
type ServerSheet struct {
	Title, Back string
	// Tabs are the ways to add one; none when it is changed.
	Tabs []Choice
	Form Form
	More []Field
	// Trust asks whether the program may run; nil when none would.
	Trust *Field
	Verb  string
}

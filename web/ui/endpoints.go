package ui

// EndpointList is the content of the page of all endpoints.
type EndpointList struct {
	Links []Link
	// Count says how many there are, and how many of them are shown.
	Count string
	// Any: there are endpoints, shown or not.
	Any        bool
	ConfigPath string
	// Query, Show, Sort and Hide are the filters as they are set.
	Query      string
	Show, Sort []Option
	Hide       bool
	From       string
	// Editable: endpoints can be added.
	Editable bool
}

// EndpointDetail is the content of the page of one endpoint.
type EndpointDetail struct {
	Link Link
	// Role, Agent and such, in the order in which they are shown.
	Facts []Fact
	// Score is what the health is made of.
	Score []Bar
	// Timings are the parts of the last dial.
	Timings     []Bar
	TimingsNote string
	Chart       Chart
	Events      []Event
	// Log is the address of what was logged about the endpoint; empty when there is none.
	Log string
	// Retries are the last attempts to connect, the newest first.
	Retries []Retry
	// Servers and Tools say what the endpoint sees; ToolNames are the tools.
	Sees      string
	ToolNames []string
	More      string
	// Rehearsal is where a call as this endpoint is rehearsed; empty where that cannot be.
	Rehearsal string
	// Rests are the lengths of a pause.
	Rests []Option
	// Editable: the endpoint is of the configuration file. Off: it is switched off there.
	Editable, Off bool
	// Note says why it is not editable.
	Note string
}

// Fact is a name and a value. When, if set, stands in place of the value.
type Fact struct {
	Name, Value string
	When        Moment
	Level       Level
}

// Bar is a part of something: Percent is how much of the bar is filled, after Offset.
type Bar struct {
	Name, Value     string
	Offset, Percent int
	Level           Level
}

// Event is one line about what happened.
type Event struct {
	At    Moment
	Level Level
	// Name is whom it is about, empty on a page about that; Word and Cause say what.
	Name, Address string
	Word, Cause   string
}

// Retry is one attempt to connect.
type Retry struct {
	At           Moment
	Level        Level
	Word         string
	Attempt      string
	Waited, Took string
	Cause        string
}

// EndpointForm is the form of an endpoint.
type EndpointForm struct {
	Form
	Title string
	Intro string
	Back  string
	// Inner: it is a part of a page that has a title of its own.
	Inner bool
	// Remarks are what an examination of the address found; Verdict is its end.
	Remarks []Remark
	Verdict string
	OK      bool
	// Verb saves; TestVerb examines, and is empty when there is nothing to.
	Verb, TestVerb string
	// Anyway saves in spite of the verdict; empty when that is not offered.
	Anyway string
	// More are fields that are seldom needed.
	More      []Field
	MoreTitle string
	MoreOpen  bool
}

// Remark is one finding.
type Remark struct {
	Level Level
	Text  string
	More  bool
}

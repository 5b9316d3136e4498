package ui

// Log is the log viewer.
type Log struct {
	Activity
	// Query, Levels and Endpoints are the filter.
	Query             string
	Levels, Endpoints []Option
	// Choices are the levels that can be logged, the present one on, and Keep whether the
	// choice can go into the configuration.
	Choices []Option
	Keep    bool
	Level   string // the name of the present one
	Note    string // about the level; may be empty
	Lines   []LogLine
	Count   string
	// Last is the number of the last record there is, shown or not.
	Last string
	// Most is how many lines a page holds.
	Most int
	// Address is that of the page with its filter, and Download that of the file.
	Address, Download string
	From              string
}

// LogLine is one record of the log.
type LogLine struct {
	Seq, ISO, Time string
	// Level is debug, info, warn or error, as a style; Word says it.
	Level, Word string
	Message     string
	Attributes  []Pair
}

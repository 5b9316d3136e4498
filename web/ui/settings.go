package ui

import "strconv"

// Settings is what every page of the settings has at its top: the file, and the parts
// there are.
type Settings struct {
	// Path is the configuration file.
	Path string
	// Tabs are the parts; that of the page is current.
	Tabs []Choice
	// State is how the file is now against how the page knows it.
	State FileState
}

// FileState says whether the configuration file is another one than a page was made from.
type FileState struct {
	Changed bool
	// Reload is where to see it as it is.
	Reload string
}

// Options is the form of all options.
type Options struct {
	Settings
	Form   Form
	Groups []FieldGroup
	// Presets fill the form for a purpose, and Note says what one did.
	Presets []Choice
	Note    string
	// Themes and Languages are for this browser only.
	Themes, Languages []Choice
}

// FieldGroup is some fields under a title.
type FieldGroup struct {
	Title  string
	Fields []Field
}

// FileText is the configuration file as text.
type FileText struct {
	Settings
	Form     Form
	Problems []FileProblem
	// Locked says why it cannot be edited here; empty when it can.
	Locked string
}

// FileProblem is a mistake in a text: where, what, and the line itself.
type FileProblem struct{ Place, Text, Line string }

// Comparison shows what a step would change, before it is taken.
type Comparison struct {
	Settings
	Title, Text string
	Lines       []DiffLine
	Problems    []FileProblem
	// Programs are commands that would be run from then on. They want to be confirmed.
	Programs []string
	Form     Form
	// Verb takes the step; empty when it cannot be taken. More goes back to editing, and
	// Back is a link away; both may be empty.
	Verb, More, Back string
	// Unconfirmed says that the step was taken without the confirmation that it wants.
	Unconfirmed bool
}

// DiffLine is one line of a comparison.
type DiffLine struct {
	// Sign is ' ', '+', '-', or '…' where lines are left out.
	Sign rune
	// Line counts from 1 in the new text; 0 when it is not there.
	Line int
	Text string
}

// number is the line number, where there is one.
func (d DiffLine) number() string {
	if d.Line == 0 {
		return ""
	}
	return strconv.Itoa(d.Line)
}

// class is what styles go by.
func (d DiffLine) class() string {
	switch d.Sign {
	case '+':
		return "added"
	case '-':
		return "removed"
	case '…':
		return "gap"
	}
	return ""
}

// Versions are the earlier texts of the file.
type Versions struct {
	Settings
	List []VersionRow
}

// VersionRow is one of them.
type VersionRow struct {
	Address string
	Saved   Moment
	Changes string
}

// Access is who may use the dashboard.
type Access struct {
	Settings
	Form Form
	// Keyed says that there is an access key, and Exposed that other computers can reach the
	// dashboard. Fixed says that the key cannot be removed.
	Keyed, Exposed, Fixed bool
	// Made is a key that was just made and is shown this once; empty when none was.
	Made string
}

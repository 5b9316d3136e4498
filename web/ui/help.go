package ui

import "github.com/a-h/templ"

// Help is the manual.
type Help struct {
	// Headings lead to its chapters (level 2) and their parts (level 3).
	Headings []Heading
	Parts    []templ.Component
}

// Heading is one heading of the manual.
type Heading struct {
	ID, Text string
	Level    int
}

// OptionDoc explains one option of the configuration.
type OptionDoc struct {
	ID, Key, Name, Text string
	// Default and Bounds are written out; Bounds and Advice may be empty.
	Default, Bounds, Advice string
}

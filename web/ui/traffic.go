package ui

// Traffic is how many calls there are, and where they go.
type Traffic struct {
	// Strategy is how sources are chosen, in a word.
	Strategy string
	// Facts are the rate of calls and how many of them go well.
	Facts []Fact
	// Groups are the sources that calls are spread over.
	Groups []LoadGroup
	// Line is the path of the rate over the last hour and Area what is under it, in a picture
	// of 380 by 32; empty when not known. LineText says the same in words.
	Line, Area, LineText string
}

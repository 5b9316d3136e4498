package ui

// Performance is how the program has done.
type Performance struct {
	// Figures are the five that are watched; Facts is what is in use now.
	Figures []Figure
	Facts   []Fact
	// Charts are what was in use over one of the Ranges of time.
	Charts []Chart
	Ranges []Choice
	Load   Load
	// Oddities are what is unusual now, and what lately was.
	Oddities []Oddity
	Runs     []Run
	// Tools are those that were called most.
	Tools [][]string
	Act   Actions
}

// Actions are what can be done at once; it is empty when nothing can.
type Actions struct {
	Possible bool
	// Strategy is the field of the load balancing strategy.
	Strategy Field
}

// Load is how calls were spread.
type Load struct {
	Strategy string
	Groups   []LoadGroup
}

// LoadGroup is sources that can stand in for each other.
type LoadGroup struct {
	Name, Evenness string
	Sources        []LoadSource
}

// LoadSource is the part of one source.
type LoadSource struct {
	Name, Picked string
	// Share is 0 to 100.
	Share int
	// Level and Word say whether it is used, and Note what went wrong with it.
	Level      Level
	Word, Note string
}

// Oddity is something unusual; Level is Paused once it is over.
type Oddity struct {
	Level  Level
	Text   string
	When   Moment
	Detail string
}

// Run is one run of an optimisation routine.
type Run struct {
	At                        Moment
	What, Why                 string
	Before, After, Diff, Took string
}

package ui

// Activity is what every part of Activity has at its top: the parts there are.
type Activity struct {
	// Tabs are the parts; that of the page is current.
	Tabs []Choice
}

// ActivityFilters are the form that says what is shown.
type ActivityFilters struct {
	// Action is the address of the page without filters.
	Action  string
	Query   string
	Selects []ActivitySelect
	// Clear is where all is shown; empty when it is.
	Clear string
}

// ActivitySelect is one thing to filter by.
type ActivitySelect struct {
	Name, Label string
	Options     []Option
}

// ActivityPager leads to other parts of a list; each is empty when there is none.
type ActivityPager struct {
	Older, Newest string
}

// Events is the page of what happened.
type Events struct {
	Activity
	Filters ActivityFilters
	// Count says how many there are.
	Count string
	Rows  []EventRow
	Pager ActivityPager
}

// EventRow is one thing that happened.
type EventRow struct {
	Seq   uint64
	Level Level
	Word  string // of the level
	At    Moment
	Topic string
	// Name is what it is about, and Address where that is; empty when it is nowhere.
	Name, Address string
	Text, Cause   string
	// Detail is the technical side; often English.
	Detail string
	Took   string
}

// Calls is the page of the calls of tools.
type Calls struct {
	Activity
	Filters ActivityFilters
	Figures []Figure
	Rows    []CallRow
	Pager   ActivityPager
}

// CallRow is one call.
type CallRow struct {
	Seq   uint64
	Level Level
	Word  string // of the outcome
	At    Moment
	Tool  string
	// Caller is who called, and Address where that is; empty when it is nowhere.
	Caller, Address string
	Source          string
	Took            string
	Share           int    // of its bar, in percent
	In, Out         string // sizes
}

// Failovers is the page of the calls that were given to another source.
type Failovers struct {
	Activity
	Filters ActivityFilters
	Count   string
	Rows    []FailoverRow
	Pager   ActivityPager
}

// FailoverRow is one of them.
type FailoverRow struct {
	Seq                       uint64
	At                        Moment
	Tool, From, To, Why, Took string
}

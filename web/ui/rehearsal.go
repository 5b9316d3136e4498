package ui

// Rehearsal is the form of a rehearsal, and what came of the last one.
type Rehearsal struct {
	Form Form
	// NoTools: there is nothing to rehearse.
	NoTools bool
	// Result is nil before the first.
	Result *RehearsalResult
}

// RehearsalResult is what came of a rehearsal.
type RehearsalResult struct {
	Tool    string
	Verdict string
	Level   Level
	// Took is a sentence about how long all of it took.
	Took  string
	Steps []RehearsalStep
	Heard RehearsalHeard
}

// RehearsalStep is one part of it.
type RehearsalStep struct {
	Name, Word string
	Level      Level
	// Took and Size are empty where there is nothing to measure.
	Took, Size string
	Remarks    []Remark
	// Sent and Got are the beginnings of what went over the link.
	Sent, Got string
}

// RehearsalHeard is what the assistant would have been given.
type RehearsalHeard struct {
	Text string
	// Silent stands in the place of Text when there is none.
	Silent string
	Notes  []string
}

package ui

// FieldKind says what a field of a form is entered with.
type FieldKind uint8

const (
	// FieldText is one line.
	FieldText FieldKind = iota
	// FieldNumber is a number.
	FieldNumber
	// FieldArea is several lines.
	FieldArea
	// FieldSelect is one of Options.
	FieldSelect
	// FieldCheck is a box whose Value is "on" or empty.
	FieldCheck
	// FieldTicks is any number of Options, each with its own box.
	FieldTicks
	// FieldSecret is one line that nobody else should read.
	FieldSecret
)

// Field is one field of a form, with what was typed and what is wrong with it.
type Field struct {
	Kind        FieldKind
	Name, Label string
	Value       string
	Placeholder string
	// Hint says what is wanted, and Error what is wrong; both may be empty.
	Hint, Error string
	Options     []Option
	Rows        int
	Required    bool
	// Mono is for addresses and code.
	Mono bool
}

// Option is one choice of a field; On counts for FieldTicks.
type Option struct {
	Value, Word string
	On          bool
}

// Form is what every form has: where it goes, what it sends along unseen, its fields,
// and why it could not be saved as a whole, which is empty at first.
type Form struct {
	Action  string
	Hidden  []Pair
	Fields  []Field
	Trouble string
}

// Pair is a name and a value.
type Pair struct{ Name, Value string }

// Confirm is a question before something that is hard to take back.
type Confirm struct {
	Title  string
	Texts  []string
	Action string
	Hidden []Pair
	Verb   string
	Danger bool
	// Back is where to go instead.
	Back string
}

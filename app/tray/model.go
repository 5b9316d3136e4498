package tray

// Icon is how all is, in one look. Each has a shape and a colour of its own.
type Icon uint8

const (
	// Healthy is a green disc.
	Healthy Icon = iota
	// Degraded is an amber triangle.
	Degraded
	// Down is a red square.
	Down
	// Connecting is a blue dashed ring.
	Connecting
	// Paused is a grey ring.
	Paused
)

var iconNames = [...]string{"healthy", "degraded", "down", "connecting", "paused"}

// Icons returns every icon.
func Icons() []Icon { return []Icon{Healthy, Degraded, Down, Connecting, Paused} }

// String returns the lower-case name.
func (i Icon) String() string { return iconNames[i] }

// MarshalText returns the name.
func (i Icon) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// Model is everything that a tray shows. It is a plain value: one that was handed over
// must not be changed any more.
type Model struct {
	Icon Icon
	// Badge marks the icon: something needs a person.
	Badge bool
	// Tooltip is cut to what systems show, 127 UTF-16 units.
	Tooltip string
	Rows    []Row
}

// Row is one row of the menu.
type Row struct {
	// Key tells the row from its siblings, from one model to the next. A change of the
	// keys, of their order or of Check being there makes the menu anew, which may close
	// one that is open; any other change does not.
	Key string
	// Label is what the row says, in plain text.
	Label string
	// Do is what a click asks for; the zero Action asks for nothing.
	Do Action
	// Check puts a mark beside the row.
	Check Check
	// Disabled greys the row. Hidden takes it away without making the menu anew; a row
	// with Rows cannot be hidden.
	Disabled, Hidden bool
	// Rows are those of a submenu; empty makes a plain row.
	Rows []Row
	// Line makes the row a line between others; nothing else of it but Key counts.
	Line bool
}

// Check says whether a row has a mark.
type Check uint8

const (
	// NoCheck rows have no place for a mark.
	NoCheck Check = iota
	// Unchecked rows have a place and no mark.
	Unchecked
	// Checked rows have a mark.
	Checked
)

// Checkmark returns Checked or Unchecked.
func Checkmark(on bool) Check {
	if on {
		return Checked
	}
	return Unchecked
}

// Verb names what can be done. Its values belong to whoever makes the rows.
type Verb string

// Action is what a click asks for: a verb and, where it needs one, its object.
type Action struct {
	Verb   Verb
	Target string
}

// sameShape reports whether b can be shown in place of a without making the menu anew.
func sameShape(a, b []Row) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := &a[i], &b[i]
		if x.Key != y.Key || x.Line != y.Line || (x.Check == NoCheck) != (y.Check == NoCheck) || !sameShape(x.Rows, y.Rows) {
			return false
		}
	}
	return true
}

package hub

import "fmt"

// Note is something that was done to a tool so that endpoints can use it.
type Note uint8

const (
	// NoteRenamed: the tool's own name has characters that servers refuse, or is too long.
	NoteRenamed Note = iota + 1
	// NoteNameTaken: another tool has the name, so this one got a suffix.
	NoteNameTaken
	// NoteNoName: no name is free, so the tool is left out.
	NoteNoName
	// NoteSchemaNotObject: the input schema is not that of an object, so the tool is
	// listed without arguments.
	NoteSchemaNotObject
	// NoteSchemaTooBig: the input schema is too large or too deep, so the tool, or the
	// deep part, is listed without arguments.
	NoteSchemaTooBig
	// NoteSchemaUnresolved: a part of the input schema could not be resolved and accepts
	// anything.
	NoteSchemaUnresolved
	// NoteSchemaCycle: the input schema refers to itself, and the inner part accepts
	// anything.
	NoteSchemaCycle
	// NoteSchemaMerged: alternatives in the input schema were merged.
	NoteSchemaMerged
	// NoteSchemaDiffers: another server of the group offers a tool of this name with another
	// schema, so the two are kept apart.
	NoteSchemaDiffers
)

var noteNames = [...]string{"", "renamed", "name_taken", "no_name", "schema_not_object", "schema_too_big", "schema_unresolved",
	"schema_cycle", "schema_merged", "schema_differs"}

// String returns the name in lower case, such as "schema_merged".
func (n Note) String() string {
	if int(n) < len(noteNames) {
		return noteNames[n]
	}
	return fmt.Sprintf("note(%d)", uint8(n))
}

// MarshalText returns what String does.
func (n Note) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

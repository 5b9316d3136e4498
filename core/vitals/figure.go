package vitals

import (
	"encoding/json"
	"math"
	"strconv"
)

// Figure is a number that the system may not tell. The zero Figure is unknown, which
// JSON shows as null and, under the tag omitzero, leaves out.
type Figure struct {
	// Value is the number, and 0 while it is not known.
	Value float64
	Known bool
}

// known returns a Figure that is known.
func known[N uint64 | float64](n N) Figure { return Figure{float64(n), true} }

// String returns the number, or "unknown".
func (f Figure) String() string {
	if !f.Known {
		return "unknown"
	}
	return strconv.FormatFloat(f.Value, 'f', -1, 64)
}

// MarshalJSON writes the number, or null.
func (f Figure) MarshalJSON() ([]byte, error) {
	if !f.Known {
		return []byte("null"), nil
	}
	return json.Marshal(f.Value)
}

// pack returns the figure in half of the room, with seven digits.
func (f Figure) pack() float32 {
	if !f.Known {
		return float32(math.NaN())
	}
	return float32(f.Value)
}

// unpack is the reverse of pack.
func unpack(n float32) Figure {
	if n != n {
		return Figure{}
	}
	return known(float64(n))
}

// Package rough plays a computer that is not as it should be, for tests: a clock that
// is set, a disk that is full or takes nothing, another user. Only tests import it.
package rough

import (
	"fmt"
	"time"
	"unsafe"
)

// Set returns a time as it is read at the same moment from a clock that has been set
// forward by a duration of whole seconds since the program started, or back by a
// negative one: by the wall it is later, and by the time that passed it is the same.
// It takes the result of time.Now outside of a bubble of synctest, where only the wall
// has a clock, and panics if it cannot be made from that.
//
// The package time offers no way to make such a time, so this writes the seconds on
// the wall into its first word, where they stand in bits 30 to 62 when the highest bit
// says that there is a reading of the time that passed.
func Set(now time.Time, by time.Duration) time.Time {
	set := now
	word := (*uint64)(unsafe.Pointer(&set))
	*word += uint64(by/time.Second) << 30
	if passed := set.Sub(now); passed != 0 || set.Round(0).Sub(now.Round(0)) != by {
		panic(fmt.Sprintf("a clock cannot be set by %v: %v passed on the wall and %v else", by, set.Round(0).Sub(now.Round(0)), passed))
	}
	return set
}

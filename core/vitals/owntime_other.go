//go:build !unix

package vitals

import (
	"context"

	"github.com/shirou/gopsutil/v3/process"
)

// ownTime is the processor time of this process, in seconds.
func ownTime(self *process.Process) Figure {
	t, err := self.TimesWithContext(context.Background())
	if err != nil {
		return Figure{}
	}
	return known(t.User + t.System)
}

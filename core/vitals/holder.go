package vitals

import (
	"context"
	"time"

	"github.com/shirou/gopsutil/v3/net"
	"github.com/shirou/gopsutil/v3/process"
)

// holderTime bounds how long the system is asked who has a port.
const holderTime = 2 * time.Second

// PortHolder returns the name of the program that listens on a TCP port of this computer,
// and the number of its process; empty and 0 when none does, or where the system does not
// tell, as of programs of other users. It asks the system for two seconds at most, and may
// be called from any goroutine. The name is what the program calls itself: not to be
// trusted.
func PortHolder(ctx context.Context, port int) (program string, pid int32) {
	ctx, cancel := context.WithTimeout(ctx, holderTime)
	defer cancel()
	all, err := net.ConnectionsWithContext(ctx, "tcp")
	if err != nil {
		return "", 0
	}
	for _, c := range all {
		if c.Status != "LISTEN" || c.Laddr.Port != uint32(port) || c.Pid == 0 {
			continue
		}
		if p, err := process.NewProcessWithContext(ctx, c.Pid); err == nil {
			if name, err := p.NameWithContext(ctx); err == nil && name != "" {
				return name, c.Pid
			}
		}
	}
	return "", 0
}

package desktop

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

const (
	restFor    = time.Second     // addresses that did not change for so long are settled
	restAtMost = 5 * time.Second // after the first change, however restless they are
)

// network decides from looks at the addresses what to tell. It is pure: it is told what
// was seen and when. The zero value has seen no address.
type network struct {
	seen    string // at the last look; empty for no address
	changed bool   // since what was told last
	lost    bool   // there was no address at some time since then
	restAt  time.Time
	latest  time.Time
}

// look takes what a look saw.
func (n *network) look(now time.Time, seen string) {
	if seen == n.seen {
		return
	}
	n.lost = n.lost || n.seen == "" || seen == ""
	n.seen, n.changed = seen, true
	if n.restAt.IsZero() {
		n.latest = now.Add(restAtMost)
	}
	n.restAt = now.Add(restFor)
	if n.latest.Before(n.restAt) {
		n.restAt = n.latest
	}
}

// rest reports what there is to tell now. A network that went and came back within a
// second is told too, though it looks the same: what was connected may be dead. A network
// that is gone is not: there is nothing to dial with.
func (n *network) rest(now time.Time) (Kind, bool) {
	if n.restAt.IsZero() || now.Before(n.restAt) {
		return 0, false
	}
	n.restAt, n.latest = time.Time{}, time.Time{}
	if n.seen == "" || !n.changed {
		return 0, false
	}
	kind := NetworkChanged
	if n.lost {
		kind = NetworkBack
	}
	n.changed, n.lost = false, false
	return kind, true
}

// addresses lists the addresses of this computer that lead to others, with their
// interfaces, as one text that is the same as long as they are.
func addresses() (string, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return "", err
	}
	var all []string
	for _, i := range interfaces {
		if !leadsOut(i.Flags) {
			continue
		}
		list, err := i.Addrs()
		if err != nil {
			continue // it went away in the meantime
		}
		for _, a := range list {
			if p, err := netip.ParsePrefix(a.String()); err == nil && reachesFar(p.Addr()) {
				all = append(all, i.Name+" "+p.String())
			}
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", "), nil
}

// leadsOut reports an interface that is switched on, has a cable or its like, and is
// not the computer's own.
func leadsOut(flags net.Flags) bool {
	const up = net.FlagUp | net.FlagRunning
	return flags&up == up && flags&net.FlagLoopback == 0
}

// reachesFar reports an address that can be used beyond the local link. A computer
// that waits for its real address has only others.
func reachesFar(a netip.Addr) bool {
	return a.IsGlobalUnicast() // which leaves out loopback and link-local ones, and keeps private ones
}

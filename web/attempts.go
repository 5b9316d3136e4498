package web

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// attemptsEach wrong keys may come from one address at once, and another every
	// attemptEach after; attemptsAll and attemptAll are for all addresses together.
	attemptsEach, attemptEach = 5, 15 * time.Second
	attemptsAll, attemptAll   = 40, 3 * time.Second
	// attemptSources bounds how many addresses are remembered.
	attemptSources = 1024
)

// attempts bounds how fast keys can be guessed. Right keys cost nothing, so that programs
// may use theirs as often as they like. The zero value is ready to use, and safe for
// concurrent use.
type attempts struct {
	mu   sync.Mutex
	all  *rate.Limiter
	each map[netip.Prefix]*rate.Limiter
}

// weigh takes note of a key that was tried from an address, and whether it was the right
// one. Wait is how long nothing counts that comes from there, a right key included, because
// there were too many wrong ones; 0 lets the key count.
func (a *attempts) weigh(from string, now time.Time, right bool) (wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all == nil {
		a.all, a.each = rate.NewLimiter(rate.Every(attemptAll), attemptsAll), map[netip.Prefix]*rate.Limiter{}
	}
	var taken []*rate.Reservation
	for _, limit := range []*rate.Limiter{a.sourceLocked(sourceOf(from), now), a.all} {
		r := limit.ReserveN(now, 1)
		taken = append(taken, r)
		wait = max(wait, r.DelayFrom(now))
	}
	if right || wait > 0 {
		for _, r := range taken {
			r.CancelAt(now)
		}
	}
	return wait
}

// sourceLocked is the limit of an address. When too many are remembered, those that sent
// nothing wrong of late are forgotten, or else any: the limit of all of them still holds.
func (a *attempts) sourceLocked(source netip.Prefix, now time.Time) *rate.Limiter {
	if limit := a.each[source]; limit != nil {
		return limit
	}
	if len(a.each) >= attemptSources {
		for other, limit := range a.each {
			if limit.TokensAt(now) >= attemptsEach {
				delete(a.each, other)
			}
		}
		for other := range a.each {
			if len(a.each) < attemptSources {
				break
			}
			delete(a.each, other)
		}
	}
	limit := rate.NewLimiter(rate.Every(attemptEach), attemptsEach)
	a.each[source] = limit
	return limit
}

// sourceOf is who sends from an address: one of IPv4, or a network of IPv6, of which
// everybody has a whole one.
func sourceOf(from string) netip.Prefix {
	host, _, err := net.SplitHostPort(from)
	if err != nil {
		host = from
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{}
	}
	ip = ip.Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.Prefix(bits) // the bits fit
	return p
}

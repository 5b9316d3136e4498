package endpoint

import (
	"fmt"
	"slices"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/session"
)

// place gives the call to the first source that takes it, or sets err when none does. It never
// waits.
func (r *routed) place() {
	for r.at.pending == nil && r.err == nil {
		r.offer()
	}
}

// offer gives the call to the next source in the choice.
func (r *routed) offer() {
	m := r.manager
	member := m.choice.Pick(time.Now(), r.from, r.tried)
	if member == nil {
		r.err = r.nowhere()
		return
	}
	r.counted = false
	l := r.links[slices.Index(r.from, member)]
	s := l.current.Load()
	if s == nil || s.caller == nil { // it went this very moment
		r.fails(member, true, time.Now())
		return
	}
	if r.call.Over != nil {
		r.call.Over(member.ID)
	}
	at := place{member: member, link: l, caller: s.caller, sent: time.Now()}
	at.pending, r.refused = s.caller.client.Start(session.Outgoing{Tool: r.call.Name, Args: r.call.Arguments, Lost: r.lose})
	if r.refused != nil {
		r.fails(member, true, time.Now())
		return
	}
	r.at = at
	l.callCount.Add(1)
	s.caller.running.Add(1)
	if r.lost != nil {
		m.choice.Moved(r.call.Name, r.lost, member, r.why, r.seen)
		r.moved = true
	}
}

// nowhere is the error of a call that no source is left for.
func (r *routed) nowhere() error {
	switch {
	case r.uncertain:
		return fmt.Errorf("call %q over %s: %w", r.call.Name, r.lost.ID, ErrLost)
	case r.refused != nil:
		return fmt.Errorf("call %q over %s: %w: %w", r.call.Name, r.lost.ID, ErrNoSource, r.refused)
	}
	return fmt.Errorf("call %q: %w", r.call.Name, ErrNoSource)
}

// leave ends the call where it is.
func (r *routed) leave(ok bool) {
	r.at.caller.running.Add(-1)
	r.at.link.callEnds(ok)
	r.at = place{}
}

// lose is called when the source of the call is lost, by the goroutine that sees it.
func (r *routed) lose(a session.Answer) {
	if r.baton.Take() {
		r.move(a)
	}
}

// move takes the call from a source that is lost to the next one, where that is allowed.
func (r *routed) move(a session.Answer) {
	member := r.at.member
	r.leave(false)
	if r.fails(member, a.Unsent, a.Seen) {
		r.place()
	}
}

// fails notes that a source did not answer, as was seen at a time, and reports whether another
// may be tried; otherwise it sets err.
func (r *routed) fails(member *balance.Member, unsent bool, seen time.Time) (again bool) {
	r.count(member)
	r.tried = append(r.tried, member)
	r.uncertain = r.uncertain || !unsent
	r.lost, r.seen = member, seen
	r.why, again = balance.May(unsent, r.safe)
	if !again {
		r.err = fmt.Errorf("call %q over %s: %w", r.call.Name, member.ID, ErrLost)
	}
	return again
}

// count counts a failure of the source that has the call, once: one that is late may be lost later.
func (r *routed) count(member *balance.Member) {
	if r.counted {
		return
	}
	r.counted = true
	if member.Failed(time.Now()) {
		r.manager.log.Warn("endpoint keeps failing and is left out for a while", "endpoint", member.ID)
		r.manager.bell.Ring()
	}
}

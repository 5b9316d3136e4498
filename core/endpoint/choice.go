package endpoint

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"xiaozhi-switchboard/core/balance"
)

// ErrNoOther reports a Failover without another link to take over.
var ErrNoOther = errors.New("no other connected endpoint can take over")

// groupOf is what a link is interchangeable with.
func groupOf(role Role) string {
	if role == RoleCall {
		return RemoteGroup
	}
	return string(RoleServe)
}

// SelectBest chooses one of the connected links by the strategy, leaving out the endpoints
// with the IDs in exclude: healthy ones first. Ok is false when none is connected. It
// counts as one call given to the link. Links in the call role count as connected once
// they offer tools.
func (m *Manager) SelectBest(exclude ...string) (s Status, ok bool) {
	m.mu.Lock()
	var from []*balance.Member
	for _, id := range m.order {
		if !slices.Contains(exclude, id) {
			from = append(from, m.links[id].member)
		}
	}
	m.mu.Unlock()
	member := m.choice.Pick(time.Now(), from, nil)
	if member == nil {
		return Status{}, false
	}
	member.Abandoned() // what the caller does with it is not ours to judge
	s, err := m.StatusOf(member.ID)
	return s, err == nil
}

// SetLoadBalanceStrategy changes how links are chosen, from the next call on, until
// UpdateOptions brings another Strategy than it did before.
func (m *Manager) SetLoadBalanceStrategy(strategy balance.Strategy) { m.choice.SetStrategy(strategy) }

// LoadBalanceStats returns how calls were spread over the links, and the last ones that
// were moved from one to another. Groups are "serve" and RemoteGroup, the links in the call
// role.
func (m *Manager) LoadBalanceStats() balance.Stats { return m.choice.Stats(time.Now()) }

// Failover takes the link with this ID out of the choice for 5 s at least, dials it anew, and
// returns the endpoint that takes its place. Its calls in flight move where that is
// allowed; see CallTool. The error wraps ErrUnknown, or ErrNoOther: then nothing is done.
func (m *Manager) Failover(id string) (Status, error) {
	m.mu.Lock()
	l := m.links[id]
	var from []*balance.Member
	if l != nil {
		for _, other := range m.order {
			if o := m.links[other]; other != id && o.member.Group == l.member.Group {
				from = append(from, o.member)
			}
		}
	}
	m.mu.Unlock()
	if l == nil {
		return Status{}, fmt.Errorf("%w %q", ErrUnknown, id)
	}
	member := m.choice.Pick(time.Now(), from, nil)
	if member == nil {
		return Status{}, fmt.Errorf("fail over from %q: %w", id, ErrNoOther)
	}
	member.Abandoned()
	l.member.TakeOut(time.Now())
	m.log.Info("failing over as asked", "from", id, "to", member.ID)
	if err := m.Reconnect(id); err != nil {
		return Status{}, err
	}
	return m.StatusOf(member.ID)
}

package endpoint

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// AddEndpoint adds a link, and dials it when the manager is connected. It returns
// the endpoint's ID. The error is a *URLError, a *DuplicateError or ErrClosed.
func (m *Manager) AddEndpoint(ep Endpoint) (string, error) {
	id, err := Identify(ep.URL)
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return "", ErrClosed
	}
	if have := m.links[id.ID]; have != nil {
		return "", duplicate(have.read().Label(), ep, id)
	}
	m.addLocked(ep, id)
	return id.ID, nil
}

func duplicate(have string, ep Endpoint, id Identity) error {
	second := Status{Identity: id, Name: ep.Name}
	return &DuplicateError{ID: id.ID, Label: have, Other: second.Label()}
}

func (m *Manager) addLocked(ep Endpoint, id Identity) {
	l := &link{
		id: id.ID, options: m.opts.Load, tools: m.tools, slots: &m.slots, ledger: &m.ledger, changed: m.bell.Ring, log: m.log,
		quit: make(chan struct{}), msgs: make(chan func(time.Time), 1), done: make(chan struct{}),
		endpoint: ep, running: m.running, after: m.leaving[id.ID], offered: m.offered, told: m.told,
		slot: m.phases.take(),
	}
	l.phase = m.phases.of(l.slot)
	l.member = m.choice.Add(id.ID, groupOf(roleOfEndpoint(ep)), &l.gauge)
	delete(m.leaving, id.ID)
	l.status = Status{Identity: id, URL: ep.URL, Name: ep.Name, Role: roleOfEndpoint(ep), State: Paused, Since: time.Now(),
		HealthCheck: !ep.NoHealthCheck && m.opts.Load().HealthCheckInterval > 0}
	l.publish()
	m.links[id.ID] = l
	m.order = append(m.order, id.ID)
	go l.run()
	l.post(l.settle)
}

// RemoveEndpoint closes the link with this ID and forgets it. It returns when the
// link's last goroutine has ended, at most a few seconds later. The error wraps ErrUnknown.
func (m *Manager) RemoveEndpoint(id string) error {
	m.mu.Lock()
	l := m.links[id]
	if l == nil {
		m.mu.Unlock()
		return fmt.Errorf("%w %q", ErrUnknown, id)
	}
	m.removeLocked(id)
	m.mu.Unlock()
	<-l.done
	m.bell.Ring()
	return nil
}

func (m *Manager) removeLocked(id string) {
	l := m.links[id]
	l.end()
	m.choice.Remove(l.member)
	m.phases.giveBack(l.slot)
	delete(m.links, id)
	if l.offers.Load() != nil {
		m.offersRevision.Add(1)
	}
	for old, done := range m.leaving {
		select {
		case <-done:
			delete(m.leaving, old)
		default:
		}
	}
	m.leaving[id] = l.done
	m.order = slices.DeleteFunc(m.order, func(other string) bool { return other == id })
}

// UpdateEndpoints makes the links those of list, in its order. A link that stays
// keeps its socket unless its address changed; a new token for the same agent is a
// changed address with the same history. One whose role changed starts anew. An empty list
// removes all; it does not wait until they have said goodbye. What cannot be used is left out
// and named in the error, which joins one *URLError or *DuplicateError for each, or is
// ErrClosed.
func (m *Manager) UpdateEndpoints(list []Endpoint) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	var (
		errs []error
		ids  []string
		seen = make(map[string]string, len(list))
	)
	for _, ep := range list {
		id, err := Identify(ep.URL)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if first, twice := seen[id.ID]; twice {
			errs = append(errs, duplicate(first, ep, id))
			continue
		}
		seen[id.ID] = (&Status{Identity: id, Name: ep.Name}).Label()
		ids = append(ids, id.ID)
		if l := m.links[id.ID]; l != nil && groupOf(roleOfEndpoint(ep)) != l.member.Group {
			m.removeLocked(id.ID) // another role is another life
		}
		if l := m.links[id.ID]; l != nil {
			l.post(func(now time.Time) { l.update(now, ep, id) })
			continue
		}
		m.addLocked(ep, id)
	}
	for _, id := range slices.Clone(m.order) {
		if _, wanted := seen[id]; !wanted {
			m.removeLocked(id)
		}
	}
	m.order = ids
	m.bell.Ring()
	return errors.Join(errs...)
}

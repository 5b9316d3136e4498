package endpoint

import (
	"errors"
	"fmt"
)

// ErrInitialized reports an Initialize of a manager that has endpoints already.
var ErrInitialized = errors.New("endpoint manager has endpoints already")

// Initialize gives a new manager its endpoints. Nothing is dialled before Connect. The error
// is that of UpdateEndpoints, or wraps ErrInitialized: then UpdateEndpoints is what is wanted.
func (m *Manager) Initialize(list []Endpoint) error {
	m.mu.Lock()
	n := len(m.links)
	m.mu.Unlock()
	if n > 0 {
		return fmt.Errorf("initialize: %w", ErrInitialized)
	}
	return m.UpdateEndpoints(list)
}

// ReloadConfig takes over options and endpoints at once, as UpdateOptions and UpdateEndpoints
// do. The error is that of the latter; the options count all the same.
func (m *Manager) ReloadConfig(list []Endpoint, opts *Options) error {
	m.UpdateOptions(opts)
	return m.UpdateEndpoints(list)
}

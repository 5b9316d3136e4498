package web

import (
	"cmp"
	"crypto/rand"
	"sync"
	"time"
)

const (
	// memoryLife is how long something is remembered, and memorySize how many things are.
	memoryLife = 15 * time.Minute
	memorySize = 64
)

// memory keeps a few things between two requests, each under a name that cannot be
// guessed. What is older than memoryLife, or than the last memorySize, is gone. It is
// safe for concurrent use.
type memory[T any] struct {
	size int // 0 means memorySize

	mu    sync.Mutex
	items []kept[T] // the oldest first
}

type kept[T any] struct {
	name  string
	until time.Time
	value T
}

// keep remembers a value and returns its name.
func (m *memory[T]) keep(value T) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for len(m.items) > 0 && (len(m.items) >= cmp.Or(m.size, memorySize) || now.After(m.items[0].until)) {
		m.items[0] = kept[T]{} // what is dropped must not be held by the array
		m.items = m.items[1:]
	}
	name := rand.Text()
	m.items = append(m.items, kept[T]{name, now.Add(memoryLife), value})
	return name
}

// find returns the value with a name.
func (m *memory[T]) find(name string) (value T, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, item := range m.items {
		if item.name == name && time.Now().Before(item.until) {
			return item.value, true
		}
	}
	return value, false
}

// take is find, and forgets the value.
func (m *memory[T]) take(name string) (value T, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, item := range m.items {
		if item.name == name && time.Now().Before(item.until) {
			m.items = append(m.items[:i:i], m.items[i+1:]...)
			return item.value, true
		}
	}
	return value, false
}

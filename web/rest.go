package web

import (
	"sync"
	"time"
)

// rests end pauses that were meant for a time. They are safe for concurrent use.
type rests struct {
	mu     sync.Mutex
	closed bool
	links  map[string]*rest
	ending sync.WaitGroup // ends that run; added to under mu, and not after closed
}

type rest struct {
	until time.Time
	timer *time.Timer
}

// start ends the rest of a link by resume, after a time. An earlier one is forgotten.
func (r *rests) start(id string, length time.Duration, resume func()) {
	r.stop(id)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	if r.links == nil {
		r.links = map[string]*rest{}
	}
	this := &rest{until: time.Now().Add(length)}
	this.timer = time.AfterFunc(length, func() { r.end(id, this, resume) })
	r.links[id] = this
}

// end resumes the link unless its rest was changed meanwhile.
func (r *rests) end(id string, this *rest, resume func()) {
	r.mu.Lock()
	if r.closed || r.links[id] != this {
		r.mu.Unlock()
		return
	}
	delete(r.links, id)
	r.ending.Add(1)
	r.mu.Unlock()
	defer r.ending.Done()
	resume()
}

// stop forgets when the rest of a link ends.
func (r *rests) stop(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if this := r.links[id]; this != nil {
		this.timer.Stop()
		delete(r.links, id)
	}
}

// until returns when each rest ends.
func (r *rests) until() map[string]time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make(map[string]time.Time, len(r.links))
	for id, this := range r.links {
		all[id] = this.until
	}
	return all
}

// close forgets all rests, and returns when none is being ended.
func (r *rests) close() {
	r.mu.Lock()
	r.closed = true
	for _, this := range r.links {
		this.timer.Stop()
	}
	r.links = nil
	r.mu.Unlock()
	r.ending.Wait()
}

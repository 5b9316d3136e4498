package hub

import (
	"context"
	"time"
)

// Apply makes the hub serve exactly servers, and each endpoint of views what its View
// shows. It returns at once: servers start and stop in the background, while what
// was disabled or hidden is so when Apply returns. A server that is reached as before
// keeps running untouched; one whose command, address, environment or headers changed
// is started anew. Both are copied, and nil is empty: no servers, and no endpoint that
// does not see everything. After Close it does nothing.
func (h *Hub) Apply(servers []Server, views map[string]View) {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return
	}
	h.builtin = Server{Name: BuiltinServer}
	h.servers = nil
	wanted := map[string]bool{}
	var repeated []string
	for _, s := range servers {
		s = s.clone()
		switch {
		case s.Name == BuiltinServer:
			h.builtin = s
			continue
		case wanted[s.Name]:
			repeated = append(repeated, s.Name)
			continue
		}
		wanted[s.Name] = true
		h.servers = append(h.servers, s)
	}
	h.views = map[string]View{}
	for endpoint, v := range views {
		h.views[endpoint] = v.clone()
	}
	for name, r := range h.runners {
		if !wanted[name] {
			h.stopLocked(r)
		}
	}
	for _, s := range h.servers {
		r := h.runners[s.Name]
		switch {
		case s.Disabled:
			if r != nil {
				h.stopLocked(r)
			}
		case r == nil:
			h.startLocked(s)
		case !r.spec.sameProcess(s):
			h.stopLocked(r)
			h.startLocked(s)
		default:
			r.spec = s
		}
	}
	h.mu.Unlock()
	for _, name := range repeated {
		h.log.Warn("server is given twice, the second is ignored", "server", name)
	}
	h.rebuild()
}

// startLocked starts a runner for s, after the one of that name which is ending.
func (h *Hub) startLocked(s Server) {
	ctx, cancel := context.WithCancel(h.ctx)
	r := &runner{hub: h, name: s.Name, log: h.log.With("server", s.Name), cancel: cancel, done: make(chan struct{}),
		restart: make(chan struct{}, 1), relist: make(chan struct{}, 1), settled: make(chan struct{}),
		spec: s, state: StateStarting, since: time.Now()}
	r.member = h.sources.Add(s.Name, groupOf(s), nil)
	before := h.stopping[s.Name]
	delete(h.stopping, s.Name)
	h.runners[s.Name] = r
	h.work.Go(func() {
		defer cancel()
		r.run(ctx, before)
	})
}

// groupOf is what a server is counted with: its group, or itself.
func groupOf(s Server) string {
	if s.Group != "" {
		return s.Group
	}
	return s.Name
}

func (h *Hub) stopLocked(r *runner) {
	h.sources.Remove(r.member)
	delete(h.runners, r.name)
	h.stopping[r.name] = r
	r.cancel()
}

package endpoint

import (
	"bytes"
	"time"
)

const (
	// publishBurst redials within publishWindow publish a list as soon as it rests; the next
	// waits for the window. Lists change by what others do, too, such as tools behind an endpoint
	// that come and go, and no endpoint should be dialled anew by that all the time.
	publishBurst  = 6
	publishWindow = 5 * time.Minute
	// publishPatience times Options.PublishDelay is how long a list that does not rest is waited for.
	publishPatience = 10
)

// publications remembers when a link was last dialled to publish a list. It is pure.
type publications struct {
	at    [publishBurst]time.Time // the newest last
	since time.Time               // when the list that waits changed first
}

// add records a redial.
func (p *publications) add(now time.Time) {
	copy(p.at[:], p.at[1:])
	p.at[publishBurst-1] = now
}

// due is when a list that just changed is to be published. Waits says that it changed before and
// is not published yet.
func (p *publications) due(now time.Time, delay time.Duration, waits bool) time.Time {
	if !waits {
		p.since = now
	}
	at := now.Add(delay)
	patience := max(delay, publishPatience*min(delay, time.Hour)) // absurd delays do not overflow
	if last := p.since.Add(patience); at.After(last) {
		at = last
	}
	if oldest := p.at[0]; !oldest.IsZero() && at.Before(oldest.Add(publishWindow)) {
		at = oldest.Add(publishWindow)
	}
	return at
}

// toolsChanged plans a redial if the endpoint was told another list than it would
// be told now: endpoints heed no notification (relay trap 3).
func (l *link) toolsChanged(now time.Time) {
	waits := !l.publishAt.IsZero()
	l.publishAt = time.Time{}
	l.publishing.Store(false)
	if l.outdated() {
		if l.publications == nil {
			l.publications = new(publications)
		}
		l.publishAt = l.publications.due(now, l.options().PublishDelay, waits)
	}
}

func (l *link) outdated() bool {
	if l.socket == nil || l.status.Role != RoleServe {
		return false
	}
	told := l.socket.listed.Load()
	return told != nil && !bytes.Equal(*told, l.tools.ListResult(l.id))
}

// publishTools redials to publish a changed list, but never under a running call.
func (l *link) publishTools(now time.Time) {
	if !l.outdated() {
		l.publishing.Store(false)
		return
	}
	l.publishing.Store(true)
	if l.socket.calls.inFlight() > 0 {
		return // the last call's end calls quiet
	}
	l.log.Info("tool list changed, dialling again to publish it", "endpoint", l.id)
	l.publications.add(now)
	l.redial(now)
}

// quiet is called when the last call in flight has ended while a list waits.
func (l *link) quiet(now time.Time, s *socket) {
	if s == l.socket && l.publishing.Load() {
		l.publishTools(now)
	}
}

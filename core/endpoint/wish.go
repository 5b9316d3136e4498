package endpoint

import "time"

// What users and configuration wish of a link; each runs on its loop.

// settle brings the link to rest or to work, as the wishes say.
func (l *link) settle(now time.Time) {
	wanted := l.running && !l.endpoint.Disabled && !l.held
	switch {
	case wanted && l.status.State == Paused:
		l.dial(now)
	case !wanted && l.status.State != Paused:
		l.rest(now)
	}
}

// update takes a changed configuration. The socket stays unless the address or
// the role changed.
func (l *link) update(now time.Time, ep Endpoint, id Identity) {
	old := l.endpoint
	l.endpoint = ep
	l.status.Identity, l.status.Name, l.status.URL = id, ep.Name, ep.URL
	role := roleOfEndpoint(ep)
	moved := ep.URL.Reveal() != old.URL.Reveal() || role != l.status.Role
	l.status.Role = role
	if ep.NoHealthCheck != old.NoHealthCheck {
		l.startProbe(now)
	}
	if old.Disabled && !ep.Disabled {
		l.held = false // switched on by hand
	}
	if moved && l.status.State != Paused {
		l.anew(now)
	}
	l.settle(now)
}

// reconnect dials now, whatever was planned.
func (l *link) reconnect(now time.Time) {
	if l.status.State != Paused {
		l.anew(now)
	}
}

// anew forgets past failures and dials.
func (l *link) anew(now time.Time) {
	l.status.ReconnectAttempts = 0
	l.takeovers.forget()
	if l.status.Kind == KindStopped {
		l.clearFailure() // the wish is over
	}
	l.redial(now)
}

// checkNow pings at once.
func (l *link) checkNow(now time.Time) {
	if l.socket != nil {
		l.probe.soon(now)
	}
}

// optionsChanged takes new options: running waits get shorter, never longer.
func (l *link) optionsChanged(now time.Time, before *Options) {
	o := l.options()
	if o.HealthCheckInterval != before.HealthCheckInterval {
		l.startProbe(now)
	}
	switch {
	case l.status.State == Waiting && o.Retry != before.Retry:
		delay := o.Retry.Delay((&failure{kind: l.status.Kind, code: l.status.Code}).attempt(l.status.ReconnectAttempts, l.recent), o.Random)
		if at := now.Add(delay); at.Before(l.retryAt) {
			l.status.ReconnectDelay, l.retryAt = delay, at
		}
	case l.status.State == Failed && l.status.Kind != KindAuth && l.status.Kind != KindTakenOver && l.status.Kind != KindStopped &&
		o.FailedRetryInterval != before.FailedRetryInterval:
		l.retryAt = time.Time{}
		if o.FailedRetryInterval > 0 {
			l.retryAt = now.Add(o.FailedRetryInterval)
		}
	}
}

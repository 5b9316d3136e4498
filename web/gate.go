package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"xiaozhi-switchboard/core/secret"
)

const (
	// sessionLife is how long a browser stays signed in, and maxSessions how many do. When
	// there are more, the one that signed in first is signed out.
	sessionLife = 30 * 24 * time.Hour
	maxSessions = 100
)

// errSignedOut is why a request ends whose session ended, or whose key is no longer that of
// the dashboard.
var errSignedOut = errors.New("signed out")

// gate lets in only those who know the access key, once there is one: programs send it with
// each request, and browsers get a session for it. It holds for everybody, requests of this
// computer included: a proxy's come from here as well.
//
// An era is the time of one key. Another key ends it, and with it all sessions and all
// requests that are running. It is safe for concurrent use.
type gate struct {
	settings func() SettingsView
	port     func(*http.Request) int
	// exposed says that other computers can reach us: then nobody is let in without a key.
	exposed bool
	// own is what the commands of this computer's user send; empty lets nobody in.
	own      secret.Key
	attempts attempts
	tickets  memory[struct{}]

	mu       sync.Mutex
	key      secret.Key
	era      context.Context
	end      context.CancelCauseFunc // of the era; nil before the first
	sessions map[[sha256.Size]byte]*signedIn
	closed   bool
}

// signedIn is a browser that has entered the key. Its context ends with it.
type signedIn struct {
	context.Context
	end   context.CancelCauseFunc
	since time.Time
}

// entry is the outcome of a request at the gate.
type entry struct {
	// until ends when the request is no longer welcome; nil is never.
	until context.Context
	// code is why it is not let in; empty when it is.
	code string
	// wait is how long to wait after too many wrong keys.
	wait time.Duration
}

// admit decides about a request to a route of a kind.
func (g *gate) admit(r *http.Request, k kind) entry {
	if k == kindAsset || k == kindHealth || k == kindLogin {
		return entry{}
	}
	given, sent := bearer(r)
	if sent && g.own.Is(given) {
		return entry{}
	}
	key, era := g.now()
	switch {
	case key == "" && g.exposed:
		return entry{code: "no_key"}
	case key == "":
		return entry{}
	case sent:
		e := g.try(r, key, given)
		e.until = era
		return e
	}
	if s := g.session(r); s != nil {
		return entry{until: s}
	}
	return entry{code: "key_needed"}
}

// try compares a key with the one that was given.
func (g *gate) try(r *http.Request, key secret.Key, given string) entry {
	right := key.Is(given)
	switch wait := g.attempts.weigh(r.RemoteAddr, time.Now(), right); {
	case wait > 0:
		return entry{code: "many_keys", wait: wait}
	case !right:
		return entry{code: "wrong_key"}
	}
	return entry{}
}

// now returns the key and its era. A key that has changed ends the era before.
func (g *gate) now() (secret.Key, context.Context) {
	key := g.settings().AccessKey
	g.mu.Lock()
	if g.end != nil && key == g.key || g.closed {
		defer g.mu.Unlock()
		return key, g.era
	}
	end := g.end
	g.key, g.sessions = key, map[[sha256.Size]byte]*signedIn{}
	g.era, g.end = context.WithCancelCause(context.Background())
	era := g.era
	g.mu.Unlock()
	if end != nil {
		end(errSignedOut)
	}
	return key, era
}

// follow ends the era as soon as the key changes, until ctx ends.
func (g *gate) follow(ctx context.Context, settings Settings) {
	changed, unsubscribe := settings.Subscribe()
	defer unsubscribe()
	for {
		select {
		case <-changed:
			g.now()
		case <-ctx.Done():
			return
		}
	}
}

// open signs a browser in, and returns what it must send from now on.
func (g *gate) open(now time.Time) (token string) {
	g.now()
	var random [32]byte
	rand.Read(random[:]) // never fails
	token = hex.EncodeToString(random[:])
	if out := g.keep(token, now); out != nil {
		out.end(errSignedOut)
	}
	return token
}

// keep remembers a session and returns the one that must go for it; nil when there is room.
func (g *gate) keep(token string, now time.Time) (out *signedIn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil
	}
	var last [sha256.Size]byte
	for name, s := range g.sessions {
		if s.Err() != nil {
			delete(g.sessions, name)
		} else if out == nil || s.since.Before(out.since) {
			out, last = s, name
		}
	}
	if len(g.sessions) < maxSessions {
		out = nil
	} else {
		delete(g.sessions, last)
	}
	ctx, end := context.WithCancelCause(g.era)
	timed, free := context.WithDeadlineCause(ctx, now.Add(sessionLife), errSignedOut)
	context.AfterFunc(timed, free)
	g.sessions[sha256.Sum256([]byte(token))] = &signedIn{Context: timed, end: end, since: now}
	return out
}

// session is that of the browser that sent a request; nil when it is not signed in.
func (g *gate) session(r *http.Request) *signedIn {
	c, err := r.Cookie(g.cookie(r))
	if err != nil {
		return nil
	}
	g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.sessions[sha256.Sum256([]byte(c.Value))]
	if s == nil || s.Err() != nil {
		return nil
	}
	return s
}

// cookie is the name of the one that holds a session. Cookies of this computer are shared by
// all its ports, so two programs must not call theirs the same.
func (g *gate) cookie(r *http.Request) string {
	return "xiaozhi_switchboard_session_" + strconv.Itoa(g.port(r))
}

// leave signs the browser out that sent a request.
func (g *gate) leave(r *http.Request) {
	if s := g.session(r); s != nil {
		s.end(errSignedOut)
	}
}

// close forgets all sessions. Their requests end with the server.
func (g *gate) close() {
	g.mu.Lock()
	end := g.end
	g.closed, g.sessions = true, nil
	g.mu.Unlock()
	if end != nil {
		end(errClosed)
	}
}

// bearer is the key that a program sends, and whether it sends one.
func bearer(r *http.Request) (string, bool) {
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return "", false
	}
	return strings.TrimSpace(key), true
}

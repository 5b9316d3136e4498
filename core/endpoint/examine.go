package endpoint

import (
	"context"
	"errors"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
)

// listenFor is how long Examine listens to an open socket: longer than a relay
// needs to refuse a token, and than official needs to speak.
const listenFor = 3 * time.Second

// expiresSoon is how long before its end a token is worth a warning.
const expiresSoon = 14 * 24 * time.Hour

// Finding is one thing that Examine found out.
type Finding string

// Findings, in the order in which Examine comes upon them.
const (
	FindingBadAddress   Finding = "bad-address"   // it cannot be an endpoint; nothing was dialled
	FindingNoToken      Finding = "no-token"      // the address carries no token
	FindingTokenDecoded Finding = "token-decoded" // the token names its agent
	FindingTokenOpaque  Finding = "token-opaque"  // the token says nothing, as those of relays
	FindingTokenExpired Finding = "token-expired"
	FindingTokenExpires Finding = "token-expires" // within 14 days
	FindingUnencrypted  Finding = "unencrypted"   // ws:// to a host that is not this computer or a private network
	FindingDialFailed   Finding = "dial-failed"   // Report.Kind says how
	FindingOpened       Finding = "opened"        // the socket came up
	FindingSpoke        Finding = "spoke"         // the endpoint asked for something: the token is accepted
	FindingSilent       Finding = "silent"        // nothing came: normal for a relay without a device
	FindingClosed       Finding = "closed"        // the endpoint closed the socket; Report.Kind says how
)

// Report is what Examine found out about an address.
type Report struct {
	Identity Identity
	URL      secret.URL
	Role     Role
	Findings []Finding
	// OK: a link to this address would come up and stay, as far as can be seen.
	OK      bool
	Address AddressProblem // with FindingBadAddress
	Kind    ErrorKind      // of the failure, if there was one
	Code    int            // close code or HTTP status, or 0
	Error   string         // the failure in a sentence, without credentials
	Timings Timings
	// Method is the first request that came; empty when none did.
	Method string
}

// Examine dials an address once, listens for three seconds and says what it saw.
// It answers nothing. An endpoint that allows one connection only, such as a
// relay's, drops its present one for it. Of opts, nil for the defaults, it uses what concerns
// a dial. The error is that of ctx: what is wrong with the address is in the Report. It may
// be called concurrently.
func Examine(ctx context.Context, ep Endpoint, opts *Options) (Report, error) {
	o := opts.filled()
	r := Report{URL: ep.URL, Role: roleOfEndpoint(ep)}
	id, err := Identify(ep.URL)
	if err != nil {
		r.found(FindingBadAddress)
		r.Error = err.Error()
		if bad := (*URLError)(nil); errors.As(err, &bad) {
			r.Address = bad.Problem
		}
		return r, nil
	}
	r.Identity = id
	r.readToken(time.Now())

	conn, w, times, err := dial(ctx, o, ep.URL)
	if err != nil {
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		r.failed(FindingDialFailed, err)
		return r, nil
	}
	r.Timings = times
	r.found(FindingOpened)
	stop := context.AfterFunc(ctx, func() { w.Conn.Close() })
	defer stop()
	r.listen(conn)
	farewell := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = conn.WriteControl(websocket.CloseMessage, farewell, time.Now().Add(closeGrace))
	w.Conn.Close()
	return r, ctx.Err()
}

func (r *Report) readToken(now time.Time) {
	id, token := r.Identity, queryToken(queryOf(r.URL))
	switch {
	case token == "":
		r.found(FindingNoToken)
	case id.Agent != "":
		r.found(FindingTokenDecoded)
	default:
		r.found(FindingTokenOpaque)
	}
	switch {
	case id.Expires.IsZero():
	case now.After(id.Expires):
		r.found(FindingTokenExpired)
	case now.Add(expiresSoon).After(id.Expires):
		r.found(FindingTokenExpires)
	}
	if exposed(r.URL) {
		r.found(FindingUnencrypted)
	}
}

// listen reads until the endpoint speaks, closes or has had its time.
func (r *Report) listen(conn *websocket.Conn) {
	conn.SetReadLimit(maxFrame)
	conn.SetReadDeadline(time.Now().Add(listenFor))
	for {
		_, frame, err := conn.ReadMessage()
		switch {
		case err == nil:
			if m, err := rpc.Parse(frame); err == nil && m.Kind == rpc.KindRequest {
				r.Method, r.OK = m.Method, true
				r.found(FindingSpoke)
				return
			}
		case classify(err) == KindTimeout:
			r.OK = true
			r.found(FindingSilent)
			return
		default:
			r.failed(FindingClosed, err)
			return
		}
	}
}

func (r *Report) found(f Finding) { r.Findings = append(r.Findings, f) }

func (r *Report) failed(f Finding, err error) {
	r.found(f)
	what := failureOf(err)
	r.Kind, r.Code, r.Error = what.kind, what.code, what.text
}

package endpoint

import (
	"errors"
	"fmt"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/retry"
	"xiaozhi-switchboard/core/secret"
)

// failure is what ended a dial or a link, ready to be shown.
type failure struct {
	kind  ErrorKind
	code  int           // close code or HTTP status; 0 for none
	text  string        // a sentence without credentials
	asked time.Duration // the wait that the endpoint asked for
	// unclean: the endpoint may not know that the socket is gone (relay trap 1).
	unclean bool
}

// failureOf turns an error into a failure.
func failureOf(err error) failure {
	f := failure{kind: classify(err), unclean: true}
	var (
		dialed *DialError
		closed *websocket.CloseError
	)
	switch {
	case errors.As(err, &dialed):
		f.code, f.asked, f.text, f.unclean = dialed.Status, dialed.RetryAfter, dialed.Error(), false
	case errors.As(err, &closed):
		f.code = closed.Code
		// 1006 is made up locally: no close frame came.
		f.unclean = closed.Code == websocket.CloseAbnormalClosure
		f.text = closeText(closed)
	case errors.Is(err, websocket.ErrReadLimit):
		f.code = websocket.CloseMessageTooBig
		f.text = fmt.Sprintf("the endpoint sent a frame of more than %d MiB", maxFrame>>20)
	default:
		f.text = secret.Text(err.Error())
	}
	return f
}

func closeText(closed *websocket.CloseError) string {
	switch closed.Code {
	case websocket.CloseAbnormalClosure:
		return "the connection was cut"
	case websocket.CloseNormalClosure:
		return "the endpoint closed the link: another program uses this address (code 1000)"
	case websocket.ClosePolicyViolation:
		return "the endpoint does not accept this token (code 1008)"
	case closeGaveUp:
		return "the endpoint gave up on us, usually because an answer came late (code 4004)"
	}
	reason := secret.Text(closed.Text)
	if len(reason) > 120 {
		reason = reason[:120]
	}
	if reason == "" {
		return fmt.Sprintf("the endpoint closed the link (code %d)", closed.Code)
	}
	return fmt.Sprintf("the endpoint closed the link (code %d: %q)", closed.Code, reason)
}

// mute is the failure of a link whose pongs stay away.
var mute = failure{kind: KindTimeout, text: "the endpoint no longer answers", unclean: true}

// refused reports a failure that retrying cannot mend.
func (f *failure) refused() bool { return f.kind == KindAuth }

// attempt describes the failure to the retry policy.
func (f *failure) attempt(number int, recent retry.Outcomes) retry.Attempt {
	a := retry.Attempt{Number: number, Asked: f.asked, Recent: recent}
	switch f.kind {
	case KindAuth:
		a.Cause = retry.CauseAuth
	case KindRateLimit:
		a.Cause = retry.CauseRateLimit
	case KindServer:
		a.Cause = retry.CauseServer
	case KindTimeout:
		a.Cause = retry.CauseTimeout
	}
	if f.code == closeGaveUp {
		a.Floor = 2 * gaveUpFloor // jitter halves at most
	}
	return a
}

package endpoint

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/gorilla/websocket"
)

// ErrorKind says what sort of failure ended a dial or a link. It is found by
// the type and code of an error, never by its text.
type ErrorKind uint8

const (
	// KindNone means that nothing failed.
	KindNone ErrorKind = iota
	// KindDNS: the host name could not be resolved.
	KindDNS
	// KindRefused: the host answered that nothing listens at the port.
	KindRefused
	// KindUnreachable: there is no route to the host or the network.
	KindUnreachable
	// KindTimeout: no answer in time, or a pong overdue.
	KindTimeout
	// KindTLS: the certificate or the TLS handshake is not acceptable.
	KindTLS
	// KindAuth: the endpoint refused the token (HTTP 401 and 403, close code 1008).
	KindAuth
	// KindServer: the endpoint reports a failure of its own (HTTP 404 and 5xx, close code 4004).
	KindServer
	// KindRateLimit: the endpoint asks us to slow down (HTTP 429).
	KindRateLimit
	// KindTakenOver: another program uses the same endpoint (close code 1000).
	KindTakenOver
	// KindProtocol: what arrived breaks the WebSocket protocol or a limit.
	KindProtocol
	// KindClosed: the connection was closed or reset.
	KindClosed
	// KindUnknown: none of the above.
	KindUnknown
	// KindStopped: nothing failed last; the user told the link to stop trying.
	KindStopped
)

var kindNames = [...]string{"", "dns", "refused", "unreachable", "timeout", "tls", "auth", "server",
	"ratelimit", "takenover", "protocol", "closed", "unknown", "stopped"}

// String returns the lower-case name; KindNone is empty.
func (k ErrorKind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// MarshalText returns the name.
func (k ErrorKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Type returns the name of the coarse class that xiaozhi-client's status uses:
// network_error, authentication_error, server_error, timeout_error or
// unknown_error; empty for KindNone and KindStopped.
func (k ErrorKind) Type() string {
	switch k {
	case KindNone, KindStopped:
		return ""
	case KindDNS, KindRefused, KindUnreachable, KindTLS, KindClosed, KindTakenOver:
		return "network_error"
	case KindAuth:
		return "authentication_error"
	case KindServer, KindRateLimit, KindProtocol:
		return "server_error"
	case KindTimeout:
		return "timeout_error"
	}
	return "unknown_error"
}

// Close codes that endpoints use, beyond those of RFC 6455.
const (
	// closeGaveUp is official's "Internal server error", sent when the tool side
	// answered late or not at all.
	closeGaveUp = 4004
)

// classify finds the kind of an error of a dial or a read. A *DialError carries
// its own kind.
func classify(err error) ErrorKind {
	var (
		dial    *DialError
		closed  *websocket.CloseError
		dns     *net.DNSError
		record  tls.RecordHeaderError
		verify  *tls.CertificateVerificationError
		alert   tls.AlertError
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
		netErr  net.Error
	)
	switch {
	case err == nil:
		return KindNone
	case errors.As(err, &dial):
		return dial.Kind
	case errors.As(err, &closed):
		return closeKind(closed.Code)
	case errors.Is(err, websocket.ErrReadLimit):
		return KindProtocol
	case errors.Is(err, websocket.ErrBadHandshake):
		return KindProtocol
	case errors.As(err, &record), errors.As(err, &verify), errors.As(err, &alert),
		errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &invalid):
		return KindTLS
	case errors.As(err, &dns):
		if dns.IsTimeout {
			return KindTimeout
		}
		return KindDNS
	case errors.Is(err, syscall.ECONNREFUSED):
		return KindRefused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.ENETDOWN):
		return KindUnreachable
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &netErr) && netErr.Timeout():
		return KindTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNABORTED):
		return KindClosed
	}
	return KindUnknown
}

func closeKind(code int) ErrorKind {
	switch code {
	case websocket.CloseNormalClosure:
		return KindTakenOver
	case websocket.ClosePolicyViolation:
		return KindAuth
	case closeGaveUp, websocket.CloseInternalServerErr:
		return KindServer
	case websocket.CloseProtocolError, websocket.CloseUnsupportedData, websocket.CloseInvalidFramePayloadData, websocket.CloseMessageTooBig:
		return KindProtocol
	case websocket.CloseTryAgainLater:
		return KindRateLimit
	}
	return KindClosed
}

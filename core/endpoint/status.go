package endpoint

import (
	"encoding/json"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/secret"
)

// Status is a snapshot of one link. It holds no secret: the address prints masked.
type Status struct {
	Identity
	URL   secret.URL
	Name  string
	Role  Role
	State State
	// Since is when the link entered its state.
	Since time.Time
	// Serial numbers the link's sockets from 1, so that two snapshots tell whether
	// the socket is the same. 0 before the first.
	Serial uint64

	// LastError is a sentence about the last failure; empty once the link is stable again.
	// Kind and Code classify it: Code is the close code or HTTP status, or 0.
	LastError string
	Kind      ErrorKind
	Code      int

	Score               Score
	RoundTrip           time.Duration // smoothed; 0 when unknown
	ConsecutiveFailures int           // of pings, dials and calls, in a row
	LastSuccess         time.Time     // of any of them; zero before the first, as all times here
	HealthCheck         bool          // pings are on
	LastHealthCheck     time.Time     // when the last ping was sent
	Timings             Timings       // of the last successful dial
	Anomalies           []Anomaly     // those that last; it must not be written to

	LastConnected        time.Time     // when the last socket came up
	ReconnectAttempts    int           // failures in a row
	LastReconnectAttempt time.Time     // when the last dial to get the link back began
	ReconnectDelay       time.Duration // the wait that led to the last or next dial
	NextReconnect        time.Time     // zero when none is due
	History              []Reconnect   // newest last, at most 20; it must not be written to

	// Requests have ended: those of the endpoint or, in the call role, our tool calls. Successes
	// of them were answered with a result, whatever the tool says in it.
	Requests, Successes uint64
	// Calls are the tool calls that began. InFlight of them have not ended, and CallErrors were
	// refused, lost, given up or answered with an error of JSON-RPC.
	Calls, CallErrors uint64
	InFlight          int
	BytesIn           uint64    // read from all sockets so far
	BytesOut          uint64    // written to them
	Listed            bool      // the endpoint has the current tool list
	Offered           int       // tools behind the endpoint, in the call role
	OffersCut         bool      // it lists more than are taken: over 512, or 2 MiB
	Missing           Missing   // why they cannot be called although the link is connected
	NoTools           string    // a sentence about that, in English; empty for MissingNothing
	LastFrame         time.Time // when the endpoint last sent anything on this socket
	Sockets           uint64    // opened so far
	Reconnects        uint64    // sockets opened after the first
}

// Score is the health of a link with what it is made of.
type Score = balance.Score

// Reconnect is one attempt to get a link back.
type Reconnect struct {
	// At is when it began; Took is how long it took and Delay the wait before it.
	At      time.Time     `json:"timestamp"`
	Attempt int           `json:"attempt"` // failures in a row before it
	Delay   time.Duration `json:"-"`
	OK      bool          `json:"success"` // it ended in a socket
	Kind    ErrorKind     `json:"errorType,omitempty"`
	Took    time.Duration `json:"-"`
	Error   string        `json:"error,omitempty"` // a sentence without credentials; empty when OK
}

// MarshalJSON writes the delay and duration in milliseconds.
func (r Reconnect) MarshalJSON() ([]byte, error) {
	type plain Reconnect
	return json.Marshal(struct {
		plain
		Delay float64 `json:"delay"`
		Took  float64 `json:"duration"`
	}{plain(r), milliseconds(r.Delay), milliseconds(r.Took)})
}

// Connected reports whether the socket is up, as far as is known.
func (s Status) Connected() bool { return s.State.Connected() }

// Healthy reports whether the link is connected and scores above 50.
func (s Status) Healthy() bool { return s.Connected() && s.Score.Value > balance.HealthyAbove }

// Label is the name to show: the user's, else the agent's, else the host.
func (s Status) Label() string {
	switch {
	case s.Name != "":
		return s.Name
	case s.Agent != "":
		return "agent " + s.Agent
	}
	return s.Host
}

// MarshalJSON writes the status object of xiaozhi-client, with our state and kind
// beside it. Times are RFC 3339 and absent when they never came; durations are
// milliseconds; the token is masked.
func (s Status) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		ID         string  `json:"id"`
		Name       string  `json:"name"`
		Endpoint   string  `json:"endpoint"`
		Agent      string  `json:"agent,omitempty"`
		Role       Role    `json:"role"`
		State      State   `json:"state"`
		Kind       string  `json:"kind,omitempty"`
		Code       int     `json:"code,omitempty"`
		Since      moment  `json:"since,omitzero"`
		Expires    moment  `json:"tokenExpires,omitzero"`
		Serial     uint64  `json:"socket"`
		Tools      bool    `json:"toolsListed"`
		Offered    int     `json:"toolsOffered"`
		OffersCut  bool    `json:"toolsCut,omitempty"`
		Missing    Missing `json:"missing,omitzero"`
		NoTools    string  `json:"noTools,omitempty"`
		InFlight   int     `json:"callsInFlight"`
		TotalCalls uint64  `json:"totalCalls"`
		CallErrors uint64  `json:"callErrors"`
		BytesIn    uint64  `json:"bytesIn"`
		BytesOut   uint64  `json:"bytesOut"`
		Timings    Timings `json:"timings"`

		Connected            bool        `json:"connected"`
		Initialized          bool        `json:"initialized"`
		LastConnected        moment      `json:"lastConnected,omitzero"`
		LastError            string      `json:"lastError,omitempty"`
		ReconnectAttempts    int         `json:"reconnectAttempts"`
		HealthScore          int         `json:"healthScore"`
		LastHealthCheck      moment      `json:"lastHealthCheck,omitzero"`
		ResponseTime         *float64    `json:"responseTime"`
		ConsecutiveFailures  int         `json:"consecutiveFailures"`
		TotalRequests        uint64      `json:"totalRequests"`
		SuccessfulRequests   uint64      `json:"successfulRequests"`
		LastSuccessTime      moment      `json:"lastSuccessTime,omitzero"`
		HealthCheckEnabled   bool        `json:"healthCheckEnabled"`
		IsReconnecting       bool        `json:"isReconnecting"`
		NextReconnectTime    moment      `json:"nextReconnectTime,omitzero"`
		LastReconnectAttempt moment      `json:"lastReconnectAttempt,omitzero"`
		ReconnectDelay       float64     `json:"reconnectDelay"`
		ErrorType            string      `json:"errorType,omitempty"`
		ReconnectHistory     []Reconnect `json:"reconnectHistory"`
	}{
		ID: s.ID, Name: s.Name, Endpoint: s.URL.String(), Agent: s.Agent, Role: s.Role,
		State: s.State, Kind: s.Kind.String(), Code: s.Code, Since: moment(s.Since), Expires: moment(s.Expires),
		Serial: s.Serial, Tools: s.Listed, Offered: s.Offered, OffersCut: s.OffersCut, Missing: s.Missing, NoTools: s.NoTools, InFlight: s.InFlight, TotalCalls: s.Calls, CallErrors: s.CallErrors, BytesIn: s.BytesIn, BytesOut: s.BytesOut,
		Timings: s.Timings,

		Connected: s.Connected(), Initialized: s.State == Ready, LastConnected: moment(s.LastConnected), LastError: s.LastError,
		ReconnectAttempts: s.ReconnectAttempts, HealthScore: s.Score.Value, LastHealthCheck: moment(s.LastHealthCheck),
		ResponseTime: s.responseTime(), ConsecutiveFailures: s.ConsecutiveFailures,
		TotalRequests: s.Requests, SuccessfulRequests: s.Successes, LastSuccessTime: moment(s.LastSuccess),
		HealthCheckEnabled: s.HealthCheck, IsReconnecting: s.State == Waiting || s.State == Dialing && s.Sockets > 0,
		NextReconnectTime: moment(s.NextReconnect), LastReconnectAttempt: moment(s.LastReconnectAttempt),
		ReconnectDelay: milliseconds(s.ReconnectDelay), ErrorType: s.Kind.Type(), ReconnectHistory: append([]Reconnect{}, s.History...),
	})
}

func (s Status) responseTime() *float64 {
	if s.RoundTrip == 0 {
		return nil
	}
	ms := milliseconds(s.RoundTrip)
	return &ms
}

// moment is a time that is absent from JSON when zero, and loses its monotonic part.
type moment time.Time

// IsZero lets omitzero leave the field out.
func (m moment) IsZero() bool { return time.Time(m).IsZero() }

// MarshalJSON writes RFC 3339 in UTC with milliseconds, as JavaScript does.
func (m moment) MarshalJSON() ([]byte, error) {
	return []byte(time.Time(m).UTC().Format(`"2006-01-02T15:04:05.000Z"`)), nil
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Microseconds()) / 1000
}

// historyKept bounds Status.History.
const historyKept = 20

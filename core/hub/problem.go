package hub

import (
	"errors"
	"fmt"
	"time"

	"xiaozhi-switchboard/core/retry"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/core/session"
)

// ProblemKind classifies why a server does not work.
type ProblemKind uint8

const (
	// ProblemUnknown is anything else.
	ProblemUnknown ProblemKind = iota
	// ProblemConfig is an entry that cannot work as it is.
	ProblemConfig
	// ProblemNotFound is a command that does not exist.
	ProblemNotFound
	// ProblemSpawn is a command that exists and does not start.
	ProblemSpawn
	// ProblemExited is a program that ended.
	ProblemExited
	// ProblemTimeout is a server that did not answer in time.
	ProblemTimeout
	// ProblemProtocol is a server that answers with something else than MCP.
	ProblemProtocol
	// ProblemNetwork is an address that cannot be reached.
	ProblemNetwork
	// ProblemAuth is refused credentials.
	ProblemAuth
	// ProblemServer is an HTTP status that reports a failure.
	ProblemServer
)

var problemNames = [...]string{"unknown", "config", "not_found", "spawn", "exited", "timeout", "protocol", "network", "auth", "server"}

// String returns the name in lower case, such as "not_found".
func (k ProblemKind) String() string {
	if int(k) < len(problemNames) {
		return problemNames[k]
	}
	return fmt.Sprintf("problem(%d)", uint8(k))
}

// MarshalText returns what String does.
func (k ProblemKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Need is what has to be installed before a command can be found.
type Need uint8

const (
	// NeedUnknown is a command that we know nothing about.
	NeedUnknown Need = iota
	// NeedNode is Node.js, for npx, node and npm.
	NeedNode
	// NeedUV is uv, for uvx and uv.
	NeedUV
	// NeedPython is Python, for python, python3 and pip.
	NeedPython
	// NeedDocker is Docker.
	NeedDocker
)

var needNames = [...]string{"", "node", "uv", "python", "docker"}

// String returns the name in lower case, such as "node"; NeedUnknown is empty.
func (n Need) String() string {
	if int(n) < len(needNames) {
		return needNames[n]
	}
	return fmt.Sprintf("need(%d)", uint8(n))
}

// MarshalText returns what String does.
func (n Need) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// Problem is a failure in words for the user. It holds no credentials.
type Problem struct {
	Kind     ProblemKind
	Needs    Need   // with ProblemNotFound
	Sentence string // what happened, and where, in English
	Advice   string // what to do about it, in English
	At       time.Time
}

// failure is an error that knows its kind and what to do about it.
type failure struct {
	kind     ProblemKind
	needs    Need
	sentence string
	advice   string
	cause    error
}

func (f *failure) Error() string {
	if f.cause != nil {
		return f.sentence + ": " + f.cause.Error()
	}
	return f.sentence
}

func (f *failure) Unwrap() error { return f.cause }

// problemOf puts err into words.
func problemOf(err error, now time.Time) *Problem {
	p := &Problem{Sentence: secret.Text(err.Error()), At: now}
	var f *failure
	if errors.As(err, &f) {
		p.Kind, p.Needs, p.Advice = f.kind, f.needs, f.advice
	}
	p.Sentence = session.Cut(p.Sentence, 600)
	return p
}

// cause maps a kind to what shapes the wait before the next attempt.
func (k ProblemKind) cause() retry.Cause {
	switch k {
	case ProblemAuth:
		return retry.CauseAuth
	case ProblemServer:
		return retry.CauseServer
	case ProblemTimeout:
		return retry.CauseTimeout
	}
	return retry.CauseOther
}

// lasting reports a failure that trying again soon cannot mend.
func (k ProblemKind) lasting() bool {
	return k == ProblemConfig || k == ProblemNotFound || k == ProblemAuth
}

package broker

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Fault is a set of misbehaviours, all of which apply together. The zero Fault is
// good behaviour. Faults up to NotWebSocket act on connections that come while the
// fault is set; the others act on the sockets that are open as well.
type Fault struct {
	Refuse        bool          // reset the TCP connection before anything is read
	Hang          bool          // never answer the upgrade request
	Status        int           // answer the upgrade with this HTTP status
	RetryAfter    time.Duration // the Retry-After of that answer, in whole seconds
	NotWebSocket  bool          // answer the upgrade with a web page and status 200
	CloseCode     int           // close at once with this code
	ResetMidFrame bool          // send half of the next frame, then reset
	BlackHole     bool          // keep the socket open, read nothing, send nothing
	Mute          bool          // read, but send nothing, pongs included
	ReadRate      int           // read only so many bytes per second
	Drip          time.Duration // send byte by byte, with this pause between two
	Delay         time.Duration // hold back every frame, pongs included, this long
	TakeoverEvery time.Duration // another client takes the token this often

	// These send one bad frame on each socket, and again when SetFault changes the
	// fault to another one that holds them.
	Garbage      bool // text that is not JSON
	Binary       bool // a binary frame
	Oversized    bool // a frame of 64 MiB
	Deep         bool // JSON nested 100,000 deep
	Batch        bool // a JSON-RPC batch
	InvalidUTF8  bool // text that is not UTF-8
	DuplicateIDs bool // two requests in flight with the same id
}

// silent reports a fault under which the far side cannot answer us in time.
func (f Fault) silent() bool { return f.BlackHole || f.Mute }

// faultPart names one field of Fault and reads and writes its value as text.
type faultPart struct {
	name    string
	example string // of a value; empty for a switch
	print   func(f *Fault) string
	parse   func(f *Fault, value string) error
}

var faultParts = []faultPart{
	switchPart("refuse", func(f *Fault) *bool { return &f.Refuse }),
	switchPart("hang", func(f *Fault) *bool { return &f.Hang }),
	numberPart("status", "503", 200, 599, func(f *Fault) *int { return &f.Status }),
	timePart("retry-after", "5s", func(f *Fault) *time.Duration { return &f.RetryAfter }),
	switchPart("not-websocket", func(f *Fault) *bool { return &f.NotWebSocket }),
	numberPart("close", "1008", 1000, 4999, func(f *Fault) *int { return &f.CloseCode }),
	switchPart("reset-mid-frame", func(f *Fault) *bool { return &f.ResetMidFrame }),
	switchPart("black-hole", func(f *Fault) *bool { return &f.BlackHole }),
	switchPart("mute", func(f *Fault) *bool { return &f.Mute }),
	numberPart("read-rate", "1000", 1, 1<<30, func(f *Fault) *int { return &f.ReadRate }),
	timePart("drip", "5ms", func(f *Fault) *time.Duration { return &f.Drip }),
	timePart("delay", "500ms", func(f *Fault) *time.Duration { return &f.Delay }),
	timePart("takeover-every", "20s", func(f *Fault) *time.Duration { return &f.TakeoverEvery }),
	switchPart("garbage", func(f *Fault) *bool { return &f.Garbage }),
	switchPart("binary", func(f *Fault) *bool { return &f.Binary }),
	switchPart("oversized", func(f *Fault) *bool { return &f.Oversized }),
	switchPart("deep", func(f *Fault) *bool { return &f.Deep }),
	switchPart("batch", func(f *Fault) *bool { return &f.Batch }),
	switchPart("invalid-utf8", func(f *Fault) *bool { return &f.InvalidUTF8 }),
	switchPart("duplicate-ids", func(f *Fault) *bool { return &f.DuplicateIDs }),
}

// Faults returns a text for each misbehaviour there is, such as "mute" or
// "delay=500ms", each of which ParseFault reads.
func Faults() []string {
	names := make([]string, len(faultParts))
	for i, part := range faultParts {
		names[i] = part.name
		if part.example != "" {
			names[i] += "=" + part.example
		}
	}
	return names
}

// String returns the parts of f joined by commas, as ParseFault reads them, or
// "none".
func (f Fault) String() string {
	var parts []string
	for _, part := range faultParts {
		if s := part.print(&f); s != "" {
			parts = append(parts, s)
		}
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ",")
}

// MarshalText returns the text of String.
func (f Fault) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads a text, as ParseFault does.
func (f *Fault) UnmarshalText(text []byte) error {
	parsed, err := ParseFault(string(text))
	if err == nil {
		*f = parsed
	}
	return err
}

// ParseFault reads a text such as "status=429,retry-after=5s" or "none". The error
// says which part it does not know.
func ParseFault(s string) (Fault, error) {
	var f Fault
	if s == "" || s == "none" {
		return f, nil
	}
next:
	for item := range strings.SplitSeq(s, ",") {
		name, value, valued := strings.Cut(strings.TrimSpace(item), "=")
		for _, part := range faultParts {
			if part.name != name {
				continue
			}
			if valued != (part.example != "") {
				if valued {
					return Fault{}, fmt.Errorf("fault %q takes no value", name)
				}
				return Fault{}, fmt.Errorf("fault %q needs a value, such as %s=%s", name, name, part.example)
			}
			if err := part.parse(&f, value); err != nil {
				return Fault{}, fmt.Errorf("fault %q: %w", name, err)
			}
			continue next
		}
		return Fault{}, fmt.Errorf("fault %q is unknown; use some of %s", name, strings.Join(Faults(), ", "))
	}
	return f, nil
}

func switchPart(name string, field func(*Fault) *bool) faultPart {
	return faultPart{
		name: name,
		print: func(f *Fault) string {
			if *field(f) {
				return name
			}
			return ""
		},
		parse: func(f *Fault, _ string) error {
			*field(f) = true
			return nil
		},
	}
}

func numberPart(name, example string, low, high int, field func(*Fault) *int) faultPart {
	return faultPart{
		name: name, example: example,
		print: func(f *Fault) string {
			if n := *field(f); n != 0 {
				return name + "=" + strconv.Itoa(n)
			}
			return ""
		},
		parse: func(f *Fault, value string) error {
			n, err := strconv.Atoi(value)
			if err != nil || n < low || n > high {
				return fmt.Errorf("%q is not a number from %d to %d", value, low, high)
			}
			*field(f) = n
			return nil
		},
	}
}

func timePart(name, example string, field func(*Fault) *time.Duration) faultPart {
	return faultPart{
		name: name, example: example,
		print: func(f *Fault) string {
			if d := *field(f); d != 0 {
				return name + "=" + d.String()
			}
			return ""
		},
		parse: func(f *Fault, value string) error {
			d, err := time.ParseDuration(value)
			if err != nil || d <= 0 {
				return fmt.Errorf("%q is not a duration such as %s", value, example)
			}
			*field(f) = d
			return nil
		},
	}
}

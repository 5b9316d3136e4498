package hub

import (
	"fmt"
	"strings"
	"time"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/session"
)

// The tools of the built-in server.
const (
	toolStatus  = "status"
	toolTime    = "time"
	toolPending = "pending_result"
)

// builtinOffers returns what the built-in server lists, in the language of words.
func builtinOffers(words *Words) []offer {
	yes := true
	no := false
	local := Hints{ReadOnly: &yes, Idempotent: &yes, OpenWorld: &no}
	zone := append(rpc.AppendString([]byte(`{"type":"object","properties":{"timezone":{"type":"string","description":`), words.TimeZoneParam), `}}}`...)
	return []offer{
		{name: toolStatus, description: words.StatusTool, schema: []byte(emptySchema), hints: local},
		{name: toolTime, description: words.TimeTool, schema: zone, hints: local},
		{name: toolPending, description: words.PendingTool, schema: []byte(emptySchema), hints: Hints{OpenWorld: &no}},
	}
}

// callBuiltin answers a call to the built-in server.
func (h *Hub) callBuiltin(who caller, tool string, arguments []byte, o *options) spoken {
	switch tool {
	case toolStatus:
		if o.status == nil {
			return spoken{text: o.words.NoStatus}
		}
		return spoken{text: o.status()}
	case toolTime:
		return tellTime(time.Now(), arguments, &o.words)
	default:
		if who.guest {
			return spoken{text: o.words.PendingNone} // what waits is the endpoint's
		}
		return h.late.take(who.endpoint, time.Now(), &o.words)
	}
}

// tellTime is the time tool.
func tellTime(now time.Time, arguments []byte, words *Words) spoken {
	zone := now.Location()
	if raw := session.Member(arguments, "timezone"); len(raw) > 0 {
		name, _ := session.Text(raw)
		if name = strings.TrimSpace(name); name != "" {
			found, err := time.LoadLocation(name)
			if err != nil || len(name) > 64 {
				return spoken{text: fill(words.Zone, "zone", session.Cut(name, 64)), isError: true}
			}
			zone = found
		}
	}
	now = now.In(zone)
	abbreviation, offset := now.Zone()
	name := zone.String()
	if name == "Local" {
		name = abbreviation
	}
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	return spoken{text: fill(words.Time,
		"date", now.Format(time.DateOnly), "time", now.Format(time.TimeOnly), "weekday", words.Weekdays[now.Weekday()],
		"zone", name, "offset", fmt.Sprintf("UTC%c%02d:%02d", sign, offset/3600, offset%3600/60))}
}

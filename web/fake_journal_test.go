package web

import (
	"time"

	"xiaozhi-switchboard/core/journal"
)

// inventedJournal is a past with one event of every kind, calls of every outcome and two
// failovers. A token has got into wherever text goes.
func inventedJournal(now time.Time) *journal.Journal {
	j := journal.New(nil)
	at := now.Add(-3 * time.Hour)
	event := func(e journal.Event) {
		at = at.Add(8 * time.Minute)
		e.At = at
		j.NoteEvent(e)
	}
	event(journal.Event{Topic: journal.System, What: "started", Level: journal.Good, To: "1.2.3"})
	event(journal.Event{Topic: journal.Link, What: "connected", Level: journal.Good, ID: "a1a1a1a1a1a1", Name: "书房小智"})
	event(journal.Event{Topic: journal.Link, What: "lost", Level: journal.Warning, ID: "e5e5e5e5e5e5", Name: "车间", Cause: "dns", Detail: "dial wss://x/?token=" + token + ": no such host"})
	event(journal.Event{Topic: journal.Link, What: "retrying", Level: journal.Warning, ID: "e5e5e5e5e5e5", Name: "车间", Cause: "timeout"})
	event(journal.Event{Topic: journal.Link, What: "failed", Level: journal.Error, ID: "b2b2b2b2b2b2", Name: "客厅音箱", Cause: "takenover.stopped"})
	event(journal.Event{Topic: journal.Link, What: "paused", ID: "000000000000", Name: "gone token=" + token})
	event(journal.Event{Topic: journal.Server, What: "ready", Level: journal.Good, Name: "weather"})
	event(journal.Event{Topic: journal.Server, What: "waiting", Level: journal.Warning, Name: "music-a", Cause: "exited", Detail: "exit status 1"})
	event(journal.Event{Topic: journal.Server, What: "failed", Level: journal.Error, Name: "files", Cause: "not_found.node"})
	event(journal.Event{Topic: journal.Server, What: "disabled", Name: "notes"})
	event(journal.Event{Topic: journal.Anomaly, What: "began", Level: journal.Warning, Cause: "rtt_spike", ID: "d4d4d4d4d4d4", Name: "店铺前台", Before: 40, After: 212})
	event(journal.Event{Topic: journal.Anomaly, What: "ended", Level: journal.Good, Cause: "memory_growth", After: 9 << 20, Took: 70 * time.Minute})
	event(journal.Event{Topic: journal.Config, What: "applied"})
	event(journal.Event{Topic: journal.Config, What: "broken", Level: journal.Error, Detail: "line 3: unexpected end",
		Why: map[string]string{"en": "line 3, column 1: the file ends here token=" + token, "zh": "第 3 行，第 1 列：文件到此结束"}})
	event(journal.Event{Topic: journal.Config, What: "mended", Level: journal.Good})
	event(journal.Event{Topic: journal.Optimisation, What: "compaction", Cause: "growth", Before: 64 << 20, After: 40 << 20, Unit: "bytes", Took: 12 * time.Millisecond})
	event(journal.Event{Topic: journal.System, What: "woke", Took: time.Hour})
	event(journal.Event{Topic: journal.System, What: "network_back", Level: journal.Good})
	event(journal.Event{Topic: journal.System, What: "network_changed"})
	event(journal.Event{Topic: journal.Strategy, What: "changed", From: "round-robin", To: "random"})
	event(journal.Event{Topic: journal.Failover, What: "moved", Level: journal.Warning, Cause: "safe", Tool: "remote__lamp", From: "a1a1a1a1a1a1", To: "d4d4d4d4d4d4", Took: 3 * time.Millisecond})

	call := func(ago time.Duration, c journal.Call) {
		c.At = now.Add(-ago)
		j.NoteCall(c)
	}
	call(2*time.Hour, journal.Call{Endpoint: "a1a1a1a1a1a1", Tool: "home_assistant__turn_on", Source: "home_assistant", Took: 31 * time.Millisecond, BytesIn: 40, BytesOut: 5000})
	call(50*time.Minute, journal.Call{Endpoint: "a1a1a1a1a1a1", Tool: "home_assistant__turn_on", Source: "home_assistant", Took: 400 * time.Millisecond, Outcome: journal.ToolError, BytesIn: 40, BytesOut: 120})
	call(40*time.Minute, journal.Call{Endpoint: "000000000000", Tool: "weather__forecast", Source: "weather", Took: 8 * time.Second, Outcome: journal.Late, BytesIn: 20, BytesOut: 90})
	call(30*time.Minute, journal.Call{Caller: journal.ByClient, Tool: "weather__forecast", Source: "weather", Took: 2 * time.Second, Outcome: journal.Cut, BytesIn: 20})
	call(20*time.Minute, journal.Call{Caller: journal.ByPage, Tool: "music__play", Source: "music-a", Took: time.Millisecond / 2, Outcome: journal.Failed, BytesIn: 2, BytesOut: 60})
	call(5*time.Minute, journal.Call{Endpoint: "d4d4d4d4d4d4", Tool: "no token=" + token, Outcome: journal.Failed})

	j.NoteMove(journal.Move{At: now.Add(-90 * time.Minute), Tool: "music__play", From: "music-a", To: "music-b", Why: "unsent", Took: time.Millisecond})
	j.NoteMove(journal.Move{At: now.Add(-20 * time.Minute), Tool: "remote__lamp", From: "a1a1a1a1a1a1", To: "d4d4d4d4d4d4", Links: true, Why: "safe", Took: 3 * time.Millisecond})
	return j
}

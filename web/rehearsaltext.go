package web

import (
	"strconv"
	"strings"
	"time"

	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// heardShown is how many bytes of what was heard a page shows.
const heardShown = 6000

var rehearsalLevels = map[RehearsalLevel]ui.Level{
	RehearsalPassed: ui.Up, RehearsalDoubtful: ui.Slow, RehearsalFailed: ui.Down, RehearsalSkipped: ui.Paused,
}

// rehearsalResult is what came of a rehearsal.
func (p painter) rehearsalResult(r RehearsalReport, sh rehearsalSheet) *ui.RehearsalResult {
	v := &ui.RehearsalResult{Tool: sh.tool, Took: p.say("rehearsal.took", "time", p.fine(r.Took)), Verdict: p.say("rehearsal.verdict.fail"), Level: ui.Down, Heard: p.rehearsalHeard(r.Heard)}
	if r.OK {
		v.Verdict, v.Level = p.say("rehearsal.verdict.pass"), ui.Up
	}
	for _, s := range r.Steps {
		step := ui.RehearsalStep{Name: p.say("rehearsal.step." + s.Name), Word: p.say("rehearsal.level." + s.Level.String()), Level: rehearsalLevels[s.Level],
			Sent: secret.Text(s.Sent), Got: secret.Text(s.Got)}
		if s.Level != RehearsalSkipped {
			step.Took = p.fine(s.Took)
		}
		if s.SentBytes+s.GotBytes > 0 {
			step.Size = p.say("rehearsal.size", "sent", p.bytes(uint64(s.SentBytes)), "got", p.bytes(uint64(s.GotBytes)))
		}
		for _, remark := range s.Remarks {
			step.Remarks = append(step.Remarks, ui.Remark{Level: rehearsalLevels[remark.Level], Text: p.rehearsalRemark(remark)})
		}
		if r.OK && s.Level == RehearsalDoubtful {
			v.Verdict, v.Level = p.say("rehearsal.verdict.warn"), ui.Slow
		}
		v.Steps = append(v.Steps, step)
	}
	return v
}

// rehearsalHeard is what the assistant would have been given.
func (p painter) rehearsalHeard(h RehearsalHeard) ui.RehearsalHeard {
	v := ui.RehearsalHeard{Text: secret.Text(h.Text)}
	if len(v.Text) > heardShown {
		v.Notes = append(v.Notes, p.say("rehearsal.heard.more", "size", p.bytes(uint64(len(v.Text)-heardShown))))
		v.Text = shorten(v.Text, heardShown)
	}
	if h.Silence != "" {
		v.Silent = p.say("rehearsal.heard.silence")
		key := "rehearsal.silence." + h.Silence
		why := p.say(key)
		if why == key {
			why = p.say("rehearsal.silence.other")
		}
		v.Notes = append(v.Notes, why)
	}
	if h.Cut {
		v.Notes = append(v.Notes, p.say("rehearsal.heard.cut"))
	}
	if h.IsError {
		v.Notes = append(v.Notes, p.say("rehearsal.heard.error"))
	}
	return v
}

// rehearsalRemark is a remark in words.
func (p painter) rehearsalRemark(r RehearsalRemark) string {
	var names []string
	for _, name := range r.Names {
		names = append(names, secret.Text(name))
	}
	listed := strings.Join(names, p.say("list.comma"))
	if r.Count > len(names) {
		listed += "…"
	}
	key := "rehearsal.remark." + r.Code
	text := p.say(key, "n", r.Count, "limit", r.Limit, "code", strconv.Itoa(r.Count), "size", p.bytes(uint64(max(r.Count, 0))), "most", p.bytes(uint64(max(r.Limit, 0))),
		"names", listed, "time", p.limit(r.Time), "text", shorten(secret.Text(r.Text), 400))
	if text == key {
		return p.say("rehearsal.remark.other")
	}
	return text
}

// limit writes a time limit, which is mostly whole seconds.
func (p painter) limit(d time.Duration) string {
	if d >= time.Second && d%time.Second == 0 {
		return p.say("unit.s", "time", strconv.Itoa(int(d/time.Second)))
	}
	return p.duration(d)
}

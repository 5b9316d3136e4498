package web

import (
	"slices"
	"strconv"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// toolsShown bounds what one fold of the tools panel lists.
const toolsShown = 200

// server is one row of the servers panel.
func (p painter) server(s ServerView, now time.Time) ui.Server {
	row := ui.Server{
		ID: domID(s.Name), Name: secret.Text(s.Name), Kind: p.kind(s.Kind),
		Word: p.say("server." + s.State.String()), Cause: problemText(p.words, s), Detail: secret.Text(s.LastError),
	}
	switch s.State {
	case ServerReady:
		row.Level, row.Tools = ui.Up, p.say("tools.count", "n", s.Tools)
	case ServerStarting:
		row.Level = ui.Connecting
	case ServerWaiting:
		row.Level = ui.Connecting
		if !s.NextStart.IsZero() {
			row.Retry = p.moment(s.NextStart, now, "server.again")
			row.Retry.Due = true
		}
	case ServerDisabled:
		row.Level = ui.Paused
	default:
		row.Level = ui.Down
	}
	if s.PID > 0 {
		row.Facts = append(row.Facts, p.say("server.pid", "pid", strconv.Itoa(s.PID)))
	}
	if s.Restarts > 0 {
		row.Facts = append(row.Facts, p.say("server.restarts", "n", s.Restarts))
	}
	return row
}

// problemText says what failed and what to do; empty when nothing did.
func problemText(words *assets.Translator, s ServerView) string {
	if s.Problem == "" && s.LastError == "" {
		return ""
	}
	kind := "server.problem." + s.Problem
	for _, key := range []string{kind + "." + s.Needs, kind} {
		if text := words.Say(key); text != key {
			return text
		}
	}
	return words.Say("server.problem.unknown")
}

// noteTexts say what was done to a tool; notes that are new to us stay out.
func noteTexts(words *assets.Translator, t ToolView) []string {
	var texts []string
	for _, note := range t.Notes {
		key := "tool.note." + note
		if text := words.Say(key, "name", shorten(secret.Text(t.Original), 80)); text != key {
			texts = append(texts, text)
		}
	}
	return texts
}

// kind is the word for a kind of server; kinds that are new to us show as they are.
func (p painter) kind(kind string) string {
	switch kind {
	case "stdio", "sse", "http", "auto", "builtin":
		return p.say("kind." + kind)
	}
	return kind
}

// tools groups the catalogue by server, in the order in which servers first appear.
func (p painter) tools(tools []ToolView, enabled int) (groups []ui.ToolGroup, total string) {
	if len(tools) == 0 {
		return nil, ""
	}
	counts := make(map[string]int)
	for _, t := range tools {
		i := slices.IndexFunc(groups, func(g ui.ToolGroup) bool { return g.Server == t.Server })
		if i < 0 {
			i = len(groups)
			groups = append(groups, ui.ToolGroup{ID: domID(t.Server), Server: t.Server})
		}
		counts[t.Server]++
		if len(groups[i].Tools) < toolsShown {
			groups[i].Tools = append(groups[i].Tools, ui.Tool{
				Name: t.Name, Description: shorten(secret.Text(t.Description), 600), Notes: noteTexts(p.words, t), Off: !t.Enabled,
			})
		}
	}
	for i, g := range groups {
		n := counts[g.Server]
		groups[i].Count = p.say("tools.count", "n", n)
		if n > len(g.Tools) {
			groups[i].More = p.say("tools.more", "n", n-len(g.Tools))
		}
	}
	if enabled == len(tools) {
		return groups, p.say("tools.total", "n", len(tools))
	}
	return groups, p.say("tools.total.some", "n", len(tools), "enabled", enabled)
}

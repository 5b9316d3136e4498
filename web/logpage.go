package web

import (
	"bytes"
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"xiaozhi-switchboard/web/ui"
)

// logPage shows the last records of the log, and those that come. The stream only says
// that there are more: a script fetches them, so that what is there stays as it is, with
// what the reader has selected.
var logPage = page{name: "log", pattern: "/activity/log", section: "activity", args: []string{"level", "q", "endpoint"}, serve: (*Server).logOrMore,
	paint: func(p painter, s snapshot, args url.Values) (screen, bool) {
		if s.log == nil {
			return screen{}, false
		}
		v := p.log(s, args)
		show := screen{title: p.say("activity.tab.log"), content: ui.LogPage(v, p.say)}
		show.add("log-state", ui.LogState(v))
		show.add("log-level", ui.LogLevel(v, p.say))
		return show, true
	}}

// logWords are the words of levels.
var logWords = map[string]string{"debug": "log.level.debug", "info": "log.level.info", "warn": "log.level.warn", "error": "log.level.error"}

// log is the page at one moment.
func (p painter) log(s snapshot, args url.Values) ui.Log {
	records, level := s.log.Records(), s.log.Level()
	f := logFilterOf(args)
	found, total := f.last(records, 0, logShown)
	v := ui.Log{Activity: p.activityTop(s.parts, "log"), Query: args.Get("q"), Most: logShown, Level: levelName(level.Level),
		Address: logAddress("/activity/log", args), Download: logAddress("/activity/log/download", args), From: p.here, Last: lastSeq(records)}
	v.Levels = append(v.Levels, ui.Option{Word: p.say("log.levels.all"), On: !f.bound})
	for _, name := range logLevels {
		word := p.say(logWords[name])
		if name != "debug" { // everything is that or more
			v.Levels = append(v.Levels, ui.Option{Value: name, Word: p.say("log.levels.from", "level", word), On: f.bound && levelName(f.level) == name})
		}
		v.Choices = append(v.Choices, ui.Option{Value: name, Word: word, On: name == v.Level})
	}
	v.Endpoints = p.logEndpoints(s, f.endpoint)
	for _, r := range found {
		v.Lines = append(v.Lines, p.logLine(r, s.at))
	}
	switch {
	case total > len(found):
		v.Count = p.say("log.count.some", "n", total, "shown", len(found))
	default:
		v.Count = p.say("log.count", "n", total)
	}
	switch {
	case level.Off:
		v.Note = p.say("log.off")
	case level.Configured != "" && level.Configured != v.Level:
		v.Note = p.say("log.momentary", "level", p.say(cmp.Or(logWords[level.Configured], "none")))
	}
	v.Keep = s.file != nil
	return v
}

// logEndpoints are the endpoints to choose from; one that has gone can still be asked for.
func (p painter) logEndpoints(s snapshot, chosen string) []ui.Option {
	all := []ui.Option{{Word: p.say("log.endpoints.all"), On: chosen == ""}}
	for _, l := range s.links {
		all = append(all, ui.Option{Value: l.ID, Word: p.link(l, HealthOf(l, s.at), 0, s.at).Name, On: l.ID == chosen})
	}
	if chosen != "" && !slices.ContainsFunc(all, func(o ui.Option) bool { return o.On }) {
		all = append(all, ui.Option{Value: chosen, Word: chosen, On: true})
	}
	return all
}

// logLine is one record.
func (p painter) logLine(r *LogRecord, now time.Time) ui.LogLine {
	at := r.At.In(p.zone)
	line := ui.LogLine{Seq: strconv.FormatUint(r.Seq, 10), ISO: r.At.UTC().Format("2006-01-02T15:04:05.000Z"), Time: at.Format("15:04:05.000"),
		Level: levelName(r.Level), Message: oneLine(r.Message)}
	if year, month, day := at.Date(); [3]int{year, int(month), day} != dateOf(now.In(p.zone)) {
		line.Time = at.Format("01-02 15:04:05.000")
	}
	line.Word = r.Level.String()
	if key := logWords[line.Level]; key != "" {
		line.Word = p.say(key)
	}
	for _, a := range r.Attributes {
		line.Attributes = append(line.Attributes, ui.Pair{Name: oneLine(a.Name), Value: quotedIfNeeded(a.Value)})
	}
	return line
}

func dateOf(t time.Time) [3]int {
	year, month, day := t.Date()
	return [3]int{year, int(month), day}
}

// lastSeq is the number of the last record, 0 for none.
func lastSeq(records []*LogRecord) string {
	if len(records) == 0 {
		return "0"
	}
	return strconv.FormatUint(records[len(records)-1].Seq, 10)
}

// logAddress is an address with the filter of args.
func logAddress(path string, args url.Values) string {
	query := url.Values{}
	for _, name := range []string{"level", "q", "endpoint"} {
		if v := args.Get(name); v != "" {
			query.Set(name, v)
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// logOrMore answers with the page, or, to its script, with the lines after a number.
func (s *Server) logOrMore(w http.ResponseWriter, r *http.Request) {
	if s.deps.Log == nil || !r.URL.Query().Has("after") {
		s.live(s.pump.pages["log"])(w, r)
		return
	}
	after, err := strconv.ParseUint(r.URL.Query().Get("after"), 10, 64)
	if err != nil {
		s.refuse(w, r, kindPage, "not_found")
		return
	}
	p := painter{words: s.words(r), zone: s.options.Zone}
	found, _ := logFilterOf(s.pump.pages["log"].argsOf(r)).last(s.deps.Log.Records(), after, logShown)
	var lines []ui.LogLine
	for _, record := range found {
		lines = append(lines, p.logLine(record, time.Now()))
	}
	var b bytes.Buffer
	if err := ui.LogLines(lines).Render(r.Context(), &b); err != nil {
		s.refuse(w, r, kindPage, "internal")
		return
	}
	s.write(w, r, http.StatusOK, "text/html; charset=utf-8", b.Bytes())
}

// logDownload answers with all lines that are wanted, as a file.
func (s *Server) logDownload(w http.ResponseWriter, r *http.Request) {
	found, _ := logFilterOf(s.pump.pages["log"].argsOf(r)).last(s.deps.Log.Records(), 0, logMost)
	w.Header().Set("Content-Disposition", `attachment; filename="xiaozhi-switchboard-`+time.Now().In(s.options.Zone).Format("20060102-150405")+`.log"`)
	s.write(w, r, http.StatusOK, "text/plain; charset=utf-8", logText(found))
}

// logText writes records as lines of text.
func logText(records []*LogRecord) []byte {
	var b strings.Builder
	for _, r := range records {
		b.WriteString(r.line() + "\n")
	}
	return []byte(b.String())
}

// logged lets a route through when there is a log.
func (s *Server) logged(k kind, handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.deps.Log == nil {
			s.refuse(w, r, k, "unavailable")
			return
		}
		handle(w, r)
	}
}

package web

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/web/ui"
)

// fileForm shows the file as text, without its credentials.
func (s *Server) fileForm(w http.ResponseWriter, r *http.Request) {
	if s.choose(w, r) {
		return
	}
	now := s.deps.Editor.Snapshot()
	s.showText(w, r, http.StatusOK, now, now.Text, "", nil)
}

// saveFile compares a text with the file, and writes it when asked to.
func (s *Server) saveFile(w http.ResponseWriter, r *http.Request) {
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	words, now, revision := s.words(r), s.deps.Editor.Snapshot(), form.Get("revision")
	typed := []byte(strings.ReplaceAll(form.Get("text"), "\r\n", "\n"))
	text, err := config.Unhide(typed, s.hiddenOf(form, now))
	if err != nil {
		s.showText(w, r, http.StatusUnprocessableEntity, now, typed, "", problemsOf(words, err, string(typed)))
		return
	}
	if bytes.Contains(now.Text, []byte("\r\n")) {
		text = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	}
	trouble := ""
	if revision != now.Revision {
		trouble = words.Say("settings.file.conflict")
	}
	if form.Get("do") == "edit" {
		s.showText(w, r, http.StatusOK, now, text, trouble, nil)
		return
	}
	meant, err := s.tryText(r.Context(), now.Revision, text)
	if err == nil {
		err = s.lockout(r, meant)
	}
	if problems := problemsOf(words, err, hiddenText(text)); problems != nil {
		s.showText(w, r, http.StatusUnprocessableEntity, now, text, trouble, problems)
		return
	}
	if err != nil {
		s.refuse(w, r, kindPage, s.troubleOf("compare", err))
		return
	}
	fresh := programs(now.Config, meant)
	confirmed := len(fresh) == 0 || form.Get("confirm") == "on"
	if form.Get("do") == "save" && trouble == "" && confirmed {
		after, err := s.replaceText(r.Context(), revision, text)
		if err != nil {
			s.refuse(w, r, kindPage, s.troubleOf("save", err))
			return
		}
		s.saved(w, r, filePath, now, after, "settings.file.done")
		return
	}
	status := http.StatusOK
	switch {
	case trouble != "":
		status = http.StatusConflict
	case form.Get("do") == "save":
		status = http.StatusUnprocessableEntity
	}
	shown, hidden := config.Hide(text)
	c := ui.Comparison{
		Settings: s.settingsTop(r, "file", now), Title: words.Say("settings.file.title"),
		Lines: lineDiff(hiddenText(now.Text), hiddenText(text)), Programs: fresh, Unconfirmed: form.Get("do") == "save" && !confirmed,
		Form: ui.Form{Action: filePath, Trouble: trouble, Hidden: []ui.Pair{
			{Name: "revision", Value: now.Revision}, {Name: "text", Value: string(shown)}, {Name: "draft", Value: s.veils.keep(hidden)}}},
		Verb: words.Say("verb.save"), More: words.Say("settings.file.more"), Back: filePath,
	}
	s.settled(w, r, status, now.Revision, ui.ComparisonPage(c, words.Say))
}

// hiddenOf are the credentials that the marks in a form stand for: those of its draft, or
// else those of the file it was made from.
func (s *Server) hiddenOf(form url.Values, now config.Snapshot) []string {
	if hidden, ok := s.veils.find(form.Get("draft")); ok {
		return hidden
	}
	text := now.Text
	if revision := form.Get("revision"); revision != now.Revision {
		text = nil
		versions, _ := s.deps.Editor.Versions() // without them the marks are unknown, which is said
		for _, v := range versions {
			if v.Revision == revision {
				text, _ = s.deps.Editor.VersionText(v.ID)
			}
		}
	}
	_, hidden := config.Hide(text)
	return hidden
}

const (
	// filePath is where the text of the file is edited.
	filePath = "/settings/file"
	// fileBody is how many bytes its form may send.
	fileBody = 1 << 20
	// maxText is the longest text that the form can send back: each byte of it may take
	// three, as those of Chinese do.
	maxText = 320 << 10
)

// showText answers with the form of a text.
func (s *Server) showText(w http.ResponseWriter, r *http.Request, status int, now config.Snapshot, text []byte, trouble string, problems []ui.FileProblem) {
	words := s.words(r)
	shown, hidden := config.Hide(text)
	f := ui.FileText{Settings: s.settingsTop(r, "file", now), Problems: problems, Form: ui.Form{
		Action: filePath, Trouble: trouble,
		Hidden: []ui.Pair{{Name: "revision", Value: now.Revision}},
		Fields: []ui.Field{{Kind: ui.FieldArea, Name: "text", Label: words.Say("settings.file.label"), Value: "\n" + string(shown), Rows: 26, Mono: true}},
	}}
	if !bytes.Equal(text, now.Text) {
		f.Form.Hidden = append(f.Form.Hidden, ui.Pair{Name: "draft", Value: s.veils.keep(hidden)})
	}
	switch {
	case !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0:
		f.Locked = words.Say("settings.file.odd")
	case len(shown) > maxText:
		f.Locked = words.Say("settings.file.long")
	}
	if problems == nil && now.Problem != nil {
		f.Problems = problemsOf(words, now.Problem, hiddenText(now.Text))
	}
	s.settled(w, r, status, now.Revision, ui.FileTextPage(f, words.Say))
}

// problemsOf lists what is wrong with a text, whose lines are shown; nil when err is
// about something else.
func problemsOf(words *assets.Translator, err error, shown string) []ui.FileProblem {
	var list *config.ProblemsError
	if !errors.As(err, &list) {
		return nil
	}
	lines := splitLines(shown)
	var all []ui.FileProblem
	for _, p := range list.Problems {
		f := ui.FileProblem{Text: ProblemAtKey(words, p)}
		if p.Line > 0 {
			f.Place = words.Say("problem.place", "line", strconv.Itoa(p.Line), "column", strconv.Itoa(p.Column))
			if p.Line <= len(lines) {
				f.Line = shorten(strings.TrimSpace(lines[p.Line-1]), 160)
			}
		}
		all = append(all, f)
	}
	return all
}

// hiddenText is a text for showing.
func hiddenText(text []byte) string {
	shown, _ := config.Hide(text)
	return string(shown)
}

// export answers with the file without its credentials.
func (s *Server) export(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Disposition", `attachment; filename="xiaozhi.config.json"`)
	s.write(w, r, http.StatusOK, "application/json; charset=utf-8", []byte(hiddenText(s.deps.Editor.Snapshot().Text)))
}

package web

import (
	"errors"
	"net/http"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
)

const (
	// textPath is where programs read and write the text of the configuration file.
	textPath = "/api/v1/settings/file"
	// textExample and restoreExample are shown to who sends something else.
	textExample    = `{"revision":"…","text":"{\"mcpEndpoint\": \"wss://…\"}","confirm":false}`
	restoreExample = `{"revision":"…","confirm":false}`
)

// fileText is the text of the file without its credentials: marks stand for them, and may
// be sent back.
type fileText struct {
	Revision string        `json:"revision"`
	Text     string        `json:"text"`
	Problems []textProblem `json:"problems"`
	Undo     string        `json:"undo,omitempty"`
}

// textProblem is a mistake in a text. Lines and columns count from 1; 0 is unknown.
type textProblem struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Key     string `json:"key,omitempty"`
	Message string `json:"message"`
}

func (s *Server) textProblems(r *http.Request, err error) []textProblem {
	all := []textProblem{}
	var list *config.ProblemsError
	if errors.As(err, &list) {
		words := s.words(r)
		for _, p := range list.Problems {
			all = append(all, textProblem{Line: p.Line, Column: p.Column, Key: p.Key, Message: problemSentence(words, p)})
		}
	}
	return all
}

// textReport answers with the text of the file, and with what is wrong with it.
func (s *Server) textReport(w http.ResponseWriter, r *http.Request) {
	now := s.deps.Editor.Snapshot()
	problems := s.textProblems(r, now.Problem)
	if now.Problem != nil && len(problems) == 0 { // the file has gone, or may not be read
		problems = append(problems, textProblem{Message: ErrorText(s.words(r), now.Problem)})
	}
	s.json(w, r, http.StatusOK, fileText{Revision: now.Revision, Text: hiddenText(now.Text), Problems: problems})
}

// textCommand puts a text in place of the file. Marks in it stand for the credentials of the
// revision that it was made from.
func (s *Server) textCommand(w http.ResponseWriter, r *http.Request) {
	var wish struct {
		Revision string  `json:"revision"`
		Text     *string `json:"text"`
		Confirm  bool    `json:"confirm"`
	}
	if !readJSON(r, &wish) || wish.Text == nil {
		s.refuse(w, r, kindAPI, "bad_json", "want", textExample)
		return
	}
	now := s.deps.Editor.Snapshot()
	_, hidden := config.Hide(now.Text)
	text, err := config.Unhide([]byte(*wish.Text), hidden)
	if err != nil {
		s.textRefused(w, r, err)
		return
	}
	s.putText(w, r, wish.Revision, text, wish.Confirm)
}

// putText puts a text in place of the file as it is at a revision.
func (s *Server) putText(w http.ResponseWriter, r *http.Request, revision string, text []byte, confirmed bool) {
	now := s.deps.Editor.Snapshot()
	meant, err := s.tryText(r.Context(), revision, text)
	if err == nil {
		err = s.lockout(r, meant)
	}
	if err == nil && len(programs(now.Config, meant)) > 0 && !confirmed {
		s.refuse(w, r, kindAPI, "unconfirmed")
		return
	}
	if err != nil {
		s.textRefused(w, r, err)
		return
	}
	after, err := s.replaceText(r.Context(), revision, text)
	if err != nil {
		s.textRefused(w, r, err)
		return
	}
	undo := s.deeds.keep(deed{
		text: func(words *assets.Translator) string { return words.Say("settings.file.done") },
		undo: s.restoring(now.Text, after),
	})
	s.json(w, r, http.StatusOK, fileText{Revision: after.Revision, Text: hiddenText(after.Text), Problems: s.textProblems(r, after.Problem), Undo: undo})
}

// textRefused says why a text did not become the file: all mistakes at once.
func (s *Server) textRefused(w http.ResponseWriter, r *http.Request, err error) {
	if problems := s.textProblems(r, err); len(problems) > 0 {
		s.json(w, r, http.StatusUnprocessableEntity, map[string]any{"error": map[string]any{
			"code": "not_valid", "message": s.words(r).Say("trouble.not_valid.text"), "problems": problems}})
		return
	}
	s.refuse(w, r, kindAPI, s.troubleOf("save", err))
}

// fileVersion is an earlier text of the file.
type fileVersion struct {
	ID    string    `json:"id"`
	Saved time.Time `json:"saved"`
	// Added and Removed count the lines that the file has beyond it, and the other way round.
	Added   int `json:"added"`
	Removed int `json:"removed"`
}

// versionsReport lists the earlier texts of the file, the newest first.
func (s *Server) versionsReport(w http.ResponseWriter, r *http.Request) {
	shown := hiddenText(s.deps.Editor.Snapshot().Text)
	all, err := s.deps.Editor.Versions()
	if err != nil {
		s.refuse(w, r, kindAPI, s.troubleOf("versions", err))
		return
	}
	list := []fileVersion{}
	for _, version := range all {
		text, err := s.deps.Editor.VersionText(version.ID)
		if err != nil {
			continue // it went since it was listed
		}
		v := fileVersion{ID: version.ID, Saved: version.Saved}
		v.Added, v.Removed = diffCount(lineDiff(hiddenText(text), shown))
		list = append(list, v)
	}
	s.json(w, r, http.StatusOK, list)
}

// versionReport answers with an earlier text, without its credentials.
func (s *Server) versionReport(w http.ResponseWriter, r *http.Request) {
	text, err := s.deps.Editor.VersionText(r.PathValue("version"))
	if err != nil {
		s.refuse(w, r, kindAPI, "unknown_version")
		return
	}
	s.json(w, r, http.StatusOK, map[string]string{"id": r.PathValue("version"), "text": hiddenText(text)})
}

// restoreCommand puts an earlier text in place of the file, with its credentials.
func (s *Server) restoreCommand(w http.ResponseWriter, r *http.Request) {
	var wish struct {
		Revision string `json:"revision"`
		Confirm  bool   `json:"confirm"`
	}
	if !readJSON(r, &wish) {
		s.refuse(w, r, kindAPI, "bad_json", "want", restoreExample)
		return
	}
	text, err := s.deps.Editor.VersionText(r.PathValue("version"))
	if err != nil {
		s.refuse(w, r, kindAPI, "unknown_version")
		return
	}
	s.putText(w, r, wish.Revision, text, wish.Confirm)
}

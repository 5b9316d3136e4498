package web

import (
	"context"
	"log/slog"
	"net/http"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
)

// logLevelKey is the option that says what is logged after a start.
const logLevelKey = "logLevel"

// levelExample is shown to who sends something else.
const levelExample = `{"level":"debug","keep":false}`

// chooseLevel logs from a level on, and keeps that in the configuration if so wished. It
// returns what takes it back, and the code of the trouble, or "".
func (s *Server) chooseLevel(ctx context.Context, level slog.Level, keep bool) (undo func(context.Context) error, code string) {
	before := s.deps.Log.Level()
	if keep {
		if s.deps.Editor == nil {
			return nil, "unavailable"
		}
		set := func(ctx context.Context, name any) error {
			_, err := s.deps.Editor.Modify(ctx, "", func(e *config.Edit) error { return e.SetOption(logLevelKey, name) })
			return err
		}
		written := s.deps.Editor.Snapshot().Config.LogLevel
		if err := set(ctx, levelName(level)); err != nil {
			return nil, s.troubleOf("log level", err)
		}
		undo = func(ctx context.Context) error {
			if err := set(ctx, written); err != nil {
				return err
			}
			s.deps.Log.SetLevel(before.Level)
			return nil
		}
	} else {
		undo = func(context.Context) error { s.deps.Log.SetLevel(before.Level); return nil }
	}
	// At once, and also where the command line asks for another level than the file.
	s.deps.Log.SetLevel(level)
	return undo, ""
}

// levelForm answers the form of the page.
func (s *Server) levelForm(w http.ResponseWriter, r *http.Request) {
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	level, known := parseLevel(form.Get("level"))
	if !known {
		s.refuse(w, r, kindPage, "unknown_level")
		return
	}
	keep := form.Get("keep") != ""
	undo, code := s.chooseLevel(r.Context(), level, keep)
	if code != "" {
		s.refuse(w, r, kindPage, code)
		return
	}
	to := form.Get("from")
	if !local(to) {
		to = "/activity/log"
	}
	s.finish(w, r, to, deed{undo: undo, text: func(words *assets.Translator) string {
		word := words.Say(logWords[levelName(level)])
		if keep {
			return words.Say("log.done.kept", "level", word)
		}
		return words.Say("log.done", "level", word)
	}})
}

// levelCommand is the same for programs.
func (s *Server) levelCommand(w http.ResponseWriter, r *http.Request) {
	var wish struct {
		Level string `json:"level"`
		Keep  bool   `json:"keep"`
	}
	if !readJSON(r, &wish) {
		s.refuse(w, r, kindAPI, "bad_json", "want", levelExample)
		return
	}
	level, known := parseLevel(wish.Level)
	if !known {
		s.refuse(w, r, kindAPI, "unknown_level")
		return
	}
	if _, code := s.chooseLevel(r.Context(), level, wish.Keep); code != "" {
		s.refuse(w, r, kindAPI, code)
		return
	}
	s.json(w, r, http.StatusOK, levelReport(s.deps.Log.Level()))
}

// levelReport is what the API says of a level.
func levelReport(l LogLevel) map[string]any {
	return map[string]any{"level": levelName(l.Level), "configured": l.Configured, "off": l.Off}
}

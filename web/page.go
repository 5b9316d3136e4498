package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/web/ui"
)

// overviewPage is the first page.
func (s *Server) overviewPage(w http.ResponseWriter, r *http.Request) {
	if chooseLanguage(w, r) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	words := s.words(r)
	e, err := s.pump.edition(r.Context(), words.Lang())
	if err != nil {
		s.refuse(w, r, kindPage, "internal")
		return
	}
	query := url.Values{"lang": {words.Lang()}, "since": {s.revision(e.rev)}, "assets": {assets.Digest()}}
	f := s.frame(words, words.Say("overview.title"), "overview", "/events?"+query.Encode())
	s.page(w, r, http.StatusOK, f, ui.OverviewPage(e.view, words.Say))
}

// revision names a revision of this run.
func (s *Server) revision(rev uint64) string {
	return s.boot + "-" + strconv.FormatUint(rev, 10)
}

// frame is what surrounds the content of a page. Stream is empty for a page that
// stands still.
func (s *Server) frame(words *assets.Translator, title, section, stream string) ui.Frame {
	now := time.Now()
	f := ui.Frame{
		Lang: htmlLang(words.Lang()), Say: words.Say, Title: title, Section: section,
		Style: assets.Path("app.css"), Icon: assets.Path("icon.svg"),
		Version: s.options.Version, Stream: stream,
		Made: painter{words, s.options.Zone}.moment(now, now, "pulse.updated"),
	}
	if stream != "" {
		f.Script = assets.Path(assets.PageScript)
	}
	for _, lang := range assets.Languages() {
		f.Languages = append(f.Languages, ui.Language{Tag: lang, Name: languageNames[lang], Current: lang == words.Lang()})
	}
	return f
}

// htmlLang is the tag by which browsers choose fonts.
func htmlLang(lang string) string {
	if lang == "zh" {
		return "zh-CN"
	}
	return lang
}

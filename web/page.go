package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/web/ui"
)

// live answers with a page as it is now.
func (s *Server) live(p page) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.choose(w, r) {
			return
		}
		lang, args := s.words(r).Lang(), p.argsOf(r)
		e, err := s.pump.edition(r.Context(), view{lang, p.name, args.Encode()})
		switch {
		case err != nil:
			s.refuse(w, r, kindPage, "internal")
			return
		case e.gone:
			s.refuse(w, r, kindPage, p.goneCode())
			return
		}
		f := s.frame(r, e.screen.title, p.sectionOf())
		s.follow(&f, p, lang, args, e)
		f.Refresh = !p.calm
		if p.draws {
			f.Charts = &ui.Assets{Style: assets.Path("uplot.min.css"), Script: assets.Path(assets.ChartScript)}
		}
		s.page(w, r, http.StatusOK, f, e.screen.content)
	}
}

// goneCode is the trouble of a page that is about nothing.
func (p page) goneCode() string {
	switch {
	case slices.Contains(p.args, "id"):
		return "unknown_endpoint"
	case p.name == serverPage.name:
		return "unknown_server"
	case slices.Contains(p.args, "tool"):
		return "unknown_tool"
	}
	return "not_found"
}

// stillPage holds a form: of itself it shows nothing that changes, and follows only
// what every page does.
var stillPage = page{name: "still", paint: func(painter, snapshot, url.Values) (screen, bool) {
	return screen{}, true
}}

// still answers with a page whose content the route has made itself, such as a form.
// Title is in the language of the page.
func (s *Server) still(w http.ResponseWriter, r *http.Request, status int, title, section string, content templ.Component) {
	lang := s.words(r).Lang()
	e, err := s.pump.edition(r.Context(), view{lang, stillPage.name, ""})
	if err != nil {
		s.refuse(w, r, kindPage, "internal")
		return
	}
	f := s.frame(r, title, section)
	s.follow(&f, stillPage, lang, nil, e)
	s.page(w, r, status, f, content)
}

// follow lets a page follow its view from an edition on.
func (s *Server) follow(f *ui.Frame, p page, lang string, args url.Values, e *edition) {
	query := url.Values{"page": {p.name}, "lang": {lang}, "since": {s.revision(e.rev)}, "assets": {assets.Digest()}}
	maps.Copy(query, args)
	f.Stream, f.Script, f.Problem = "/events?"+query.Encode(), assets.Path(assets.PageScript), e.problem
}

// revision names a revision of this run.
func (s *Server) revision(rev uint64) string {
	return s.boot + "-" + strconv.FormatUint(rev, 10)
}

// frame is what surrounds the content of a page that stands still.
func (s *Server) frame(r *http.Request, title, section string) ui.Frame {
	words, now := s.words(r), time.Now()
	f := ui.Frame{
		Lang: htmlLang(words.Lang()), Theme: theme(r), Say: words.Say, Title: title, Section: section,
		Style: assets.Path("app.css"), Icon: assets.Path("icon.svg"), Version: s.options.Version,
		Made: painter{words: words, zone: s.options.Zone}.moment(now, now, "pulse.updated"),
		Done: s.done(r), SignedIn: s.gate.session(r) != nil,
	}
	for _, p := range s.pages { // the first page of a section is its entry
		name := p.sectionOf()
		if p.pattern != "" && !slices.ContainsFunc(f.Sections, func(e ui.Section) bool { return e.Name == name }) {
			f.Sections = append(f.Sections, ui.Section{Name: name, Address: p.address(nil), Word: words.Say("nav." + name)})
		}
	}
	here := func(name, value string) string {
		query := r.URL.Query()
		query.Set(name, value)
		return "?" + query.Encode()
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		here = func(name, value string) string { return "/?" + name + "=" + value } // what was posted cannot be gone to
	}
	for _, lang := range assets.Languages() {
		f.Languages = append(f.Languages, ui.Choice{Tag: lang, Name: languageNames[lang], Address: here("lang", lang), Current: lang == words.Lang()})
	}
	for _, name := range themes {
		f.Themes = append(f.Themes, ui.Choice{Tag: name, Name: words.Say("theme." + name), Address: here("theme", name), Current: name == themes[0] && f.Theme == "" || name == f.Theme})
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

package web

import (
	"net/http"
	"net/url"
	"time"

	"xiaozhi-switchboard/web/ui"
)

// versions lists the earlier texts of the file, or compares one with it.
func (s *Server) versions(w http.ResponseWriter, r *http.Request) {
	if s.choose(w, r) {
		return
	}
	if id := r.URL.Query().Get("id"); id != "" {
		s.compareVersion(w, r, http.StatusOK, id, false)
		return
	}
	words, now := s.words(r), s.deps.Editor.Snapshot()
	all, err := s.deps.Editor.Versions()
	if err != nil {
		s.refuse(w, r, kindPage, s.troubleOf("versions", err))
		return
	}
	p := painter{words: words, zone: s.options.Zone}
	v := ui.Versions{Settings: s.settingsTop(r, "versions", now)}
	shown := hiddenText(now.Text)
	for _, version := range all {
		row := ui.VersionRow{Address: "/settings/versions?" + url.Values{"id": {version.ID}}.Encode(),
			Saved: p.moment(version.Saved, time.Now(), "settings.versions.saved")}
		if text, err := s.deps.Editor.VersionText(version.ID); err == nil {
			row.Changes = words.Say("settings.versions.same")
			if added, removed := diffCount(lineDiff(shown, hiddenText(text))); added+removed > 0 {
				row.Changes = words.Say("settings.versions.changes", "added", added, "removed", removed)
			}
		}
		v.List = append(v.List, row)
	}
	s.settled(w, r, http.StatusOK, now.Revision, ui.VersionsPage(v, words.Say))
}

// restore puts an earlier text in place of the file.
func (s *Server) restore(w http.ResponseWriter, r *http.Request) {
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	now := s.deps.Editor.Snapshot()
	text, err := s.deps.Editor.VersionText(form.Get("id"))
	if err != nil {
		s.refuse(w, r, kindPage, "unknown_version")
		return
	}
	meant, err := s.tryText(r.Context(), form.Get("revision"), text)
	if err != nil {
		s.refuse(w, r, kindPage, s.troubleOf("restore", err))
		return
	}
	if s.lockout(r, meant) != nil {
		s.compareVersion(w, r, http.StatusUnprocessableEntity, form.Get("id"), false)
		return
	}
	if len(programs(now.Config, meant)) > 0 && form.Get("confirm") != "on" {
		s.compareVersion(w, r, http.StatusUnprocessableEntity, form.Get("id"), true)
		return
	}
	after, err := s.replaceText(r.Context(), form.Get("revision"), text)
	if err != nil {
		s.refuse(w, r, kindPage, s.troubleOf("restore", err))
		return
	}
	s.saved(w, r, "/settings/versions", now, after, "settings.versions.done")
}

// compareVersion shows what restoring a version would change.
func (s *Server) compareVersion(w http.ResponseWriter, r *http.Request, status int, id string, unconfirmed bool) {
	words, now := s.words(r), s.deps.Editor.Snapshot()
	text, err := s.deps.Editor.VersionText(id)
	if err != nil {
		s.refuse(w, r, kindPage, "unknown_version")
		return
	}
	c := ui.Comparison{
		Settings: s.settingsTop(r, "versions", now), Title: words.Say("settings.versions.title"),
		Lines: lineDiff(hiddenText(now.Text), hiddenText(text)), Unconfirmed: unconfirmed,
		Form: ui.Form{Action: "/settings/versions", Hidden: []ui.Pair{{Name: "id", Value: id}, {Name: "revision", Value: now.Revision}}},
		Back: "/settings/versions",
	}
	meant, err := s.tryText(r.Context(), now.Revision, text)
	if err == nil {
		err = s.lockout(r, meant)
	}
	switch {
	case err != nil: // an earlier text may have been a broken one
		c.Problems = problemsOf(words, err, hiddenText(text))
		if c.Problems == nil {
			s.refuse(w, r, kindPage, s.troubleOf("compare", err))
			return
		}
	default:
		c.Verb, c.Programs = words.Say("settings.versions.restore"), programs(now.Config, meant)
	}
	s.settled(w, r, status, now.Revision, ui.ComparisonPage(c, words.Say))
}

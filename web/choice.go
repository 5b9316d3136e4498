package web

import (
	"net/http"
	"slices"

	"xiaozhi-switchboard/assets"
)

// themeCookie keeps the choice of a browser, as languageCookie does.
const themeCookie = "xiaozhi_switchboard_theme"

// themes are what there is to choose from; the first follows the system.
var themes = []string{"system", "light", "dark"}

// theme is the one that the browser has chosen; empty follows the system.
func theme(r *http.Request) string {
	if c, err := r.Cookie(themeCookie); err == nil && slices.Contains(themes[1:], c.Value) {
		return c.Value
	}
	return ""
}

// choose keeps the choice of a language or a theme that the address of a page makes,
// and leads to the page without it. It reports whether there was one.
func (s *Server) choose(w http.ResponseWriter, r *http.Request) bool {
	query := r.URL.Query()
	chosen := false
	for name, choice := range map[string]struct {
		cookie string
		values []string
	}{
		"lang":  {languageCookie, assets.Languages()},
		"theme": {themeCookie, themes},
	} {
		value := query.Get(name)
		if !slices.Contains(choice.values, value) {
			continue
		}
		chosen = true
		query.Del(name)
		http.SetCookie(w, &http.Cookie{
			Name: choice.cookie, Value: value, Path: "/", MaxAge: 365 * 24 * 3600,
			HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
	}
	if !chosen {
		return false
	}
	to := *r.URL
	to.Scheme, to.Host, to.RawQuery = "", "", query.Encode()
	if !local(to.String()) {
		to.Path = "/"
	}
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
	return true
}

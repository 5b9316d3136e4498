package web

import (
	"net/http"

	"xiaozhi-switchboard/assets"
)

// languageCookie keeps the choice of a browser. Cookies of this computer are shared
// by all its ports, hence the long name.
const languageCookie = "xiaozhi_switchboard_language"

// languageNames are the languages in their own words.
var languageNames = map[string]string{"en": "English", "zh": "中文"}

// words chooses the language of an answer: what the address or the cookie says,
// else the configuration, else the browser.
func (s *Server) words(r *http.Request) *assets.Translator {
	wishes := make([]string, 0, 4)
	wishes = append(wishes, r.URL.Query().Get("lang"))
	if c, err := r.Cookie(languageCookie); err == nil {
		wishes = append(wishes, c.Value)
	}
	wishes = append(wishes, s.settings().Language, r.Header.Get("Accept-Language"))
	return assets.Words(assets.Match(wishes...))
}

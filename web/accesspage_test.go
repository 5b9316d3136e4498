package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
)

// accessKeyOf is the key in the file.
func accessKeyOf(s *Server) secret.Key { return s.deps.Editor.Snapshot().Config.AccessKey }

func TestAccessPage(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	revision := func() string { return s.deps.Editor.Snapshot().Revision }
	wants(t, "the page", do(s, request("GET", accessPath)), http.StatusOK, `value="make"`)
	w := post(s, accessPath, url.Values{"do": {"make"}, "revision": {revision()}})
	made := accessKeyOf(s)
	wants(t, "making a key", w, http.StatusOK, made.Reveal(), "not shown again")
	if made == "" || len(w.Result().Cookies()) != 1 {
		t.Errorf("the browser is not signed in")
	}
	if w := do(s, request("GET", accessPath)); strings.Contains(w.Body.String(), made.Reveal()) {
		t.Error("the key is shown again")
	}
	if w := do(s, request("GET", "/settings/file")); strings.Contains(w.Body.String(), made.Reveal()) {
		t.Error("the key is in the text of the file")
	}
	if w := do(s, request("GET", "/api/v1/settings/export")); strings.Contains(w.Body.String(), made.Reveal()) || !strings.Contains(w.Body.String(), "accessKey") {
		t.Errorf("the key is exported: %s", w.Body)
	}
	for typed, text := range map[string]string{"": "Enter the key", "short": "must have 12 to 200", "with a space in it": "must have 12 to 200"} {
		w := post(s, accessPath, url.Values{"do": {"save"}, "key": {typed}, "revision": {revision()}})
		wants(t, "a key that is no good", w, http.StatusUnprocessableEntity, text)
		if typed != "" && strings.Contains(w.Body.String(), `value="`+typed) {
			t.Errorf("%q is shown", typed)
		}
	}
	wants(t, "an older file", post(s, accessPath, url.Values{"do": {"make"}, "revision": {"old"}}), http.StatusConflict)
	wants(t, "nonsense", post(s, accessPath, url.Values{"do": {"x"}, "revision": {revision()}}), http.StatusBadRequest)
	if accessKeyOf(s) != made {
		t.Error("the key has changed")
	}
	wants(t, "a key of one's own", post(s, accessPath, url.Values{"do": {"save"}, "key": {" my-own-long-key "}, "revision": {revision()}}), http.StatusSeeOther)
	if accessKeyOf(s) != "my-own-long-key" {
		t.Error("it is not the key")
	}
	wants(t, "removing it", post(s, accessPath, url.Values{"do": {"remove"}, "revision": {revision()}}), http.StatusSeeOther)
	if accessKeyOf(s) != "" {
		t.Error("it is still there")
	}
}

// TestKeyStaysWhileExposed holds that nobody can open the door to all others.
func TestKeyStaysWhileExposed(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	set := func(edit func(*config.Edit) error) {
		t.Helper()
		if _, err := s.deps.Editor.Modify(t.Context(), "", edit); err != nil {
			t.Fatal(err)
		}
	}
	options := optionsAsTheyAre(s)
	options.Set("host", "0.0.0.0")
	wants(t, "opening without a key", post(s, "/settings", options), http.StatusUnprocessableEntity, "access key first", `value="0.0.0.0"`)
	set(func(e *config.Edit) error { return e.SetAccessKey(testKey) })
	options = optionsAsTheyAre(s)
	options.Set("host", "0.0.0.0")
	wants(t, "opening with a key", post(s, "/settings", options), http.StatusSeeOther)
	w := post(s, accessPath, url.Values{"do": {"remove"}, "revision": {s.deps.Editor.Snapshot().Revision}})
	wants(t, "removing it", w, http.StatusConflict, "cannot be removed")
	if w := do(s, request("DELETE", "/api/v1/access-key")); w.Code != http.StatusConflict || accessKeyOf(s) != testKey {
		t.Errorf("removing it by the API: %d", w.Code)
	}
	if w := do(s, request("GET", accessPath)); regexp.MustCompile(`value="remove"`).MatchString(w.Body.String()) {
		t.Error("the page offers to remove it")
	}
}

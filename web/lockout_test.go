package web

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/config"
)

// under is a request for the dashboard by another of its names.
func under(host string, r *http.Request) *http.Request {
	r.Host = host
	return r
}

// TestNames changes the names of the dashboard in the form and over the API.
func TestNames(t *testing.T) {
	s, store := settingsServer(t)
	names := func() string { return strings.Join(store.Snapshot().Config.AllowedHosts, " ") }
	wants(t, "not known yet", do(s, under("nas.local:3001", request("GET", "/settings"))), http.StatusForbidden)

	form := optionsAsTheyAre(s)
	form.Set("allowedHosts", " NAS.local\r\ndash.example.com:443, b \r\n")
	wants(t, "names", post(s, "/settings", form), http.StatusSeeOther)
	if got := names(); got != "nas.local dash.example.com:443 b" {
		t.Fatalf("the names are %q", got)
	}
	wants(t, "at once", do(s, under("nas.local:3001", request("GET", "/settings"))), http.StatusOK, "nas.local\ndash.example.com:443\nb</textarea>")
	before := store.Snapshot().Revision
	form = optionsAsTheyAre(s)
	form.Set("allowedHosts", "nas.local dash.example.com:443 b")
	wants(t, "the same", post(s, "/settings", form), http.StatusSeeOther)
	if store.Snapshot().Revision != before {
		t.Error("the file was written without a change")
	}

	form.Set("allowedHosts", "nas.local\nhttp://b\na..")
	form.Set("port", "0")
	wants(t, "mistakes", post(s, "/settings", form), http.StatusUnprocessableEntity, "http://b: this must be a name", "a..: this must be a name", "This must be a whole number from 1 to 65535.",
		"nas.local\nhttp://b\na..</textarea>", "2 values cannot be used")

	patch := func(value string) *httptest.ResponseRecorder {
		return do(s, withBody("PATCH", "/api/v1/settings", jsonMedia, `{"options":{"allowedHosts":`+value+`}}`))
	}
	wants(t, "by the API", patch(`["a.local","c"]`), http.StatusOK, `"allowedHosts":["a.local","c"]`)
	wants(t, "no list", patch(`"a.local"`), http.StatusUnprocessableEntity, `"allowedHosts":"a list in []`)
	wants(t, "no name", patch(`["a.local",5,{"x":1}]`), http.StatusUnprocessableEntity, `"allowedHosts[1]":"text in quotes is expected`, `"allowedHosts[2]":"this must be a name`)
	wants(t, "the default", patch(`null`), http.StatusOK, `"allowedHosts":[]`)
	if got := names(); got != "" {
		t.Errorf("the names are %q", got)
	}
}

// TestNobodyLocksHimselfOut holds that the name under which a page is open stays, whichever
// way the configuration is changed.
func TestNobodyLocksHimselfOut(t *testing.T) {
	s, store := settingsServer(t)
	someVersion(s) // without names
	set := func(names ...string) {
		t.Helper()
		if _, err := store.Modify(t.Context(), "", func(e *config.Edit) error { return e.SetOption("allowedHosts", names) }); err != nil {
			t.Fatal(err)
		}
	}
	set("nas.local", "other")
	now := func() string { return store.Snapshot().Revision }
	send := func(path string, form url.Values) *http.Request {
		return withBody("POST", path, formMedia, form.Encode())
	}
	options := optionsAsTheyAre(s)
	options.Set("allowedHosts", "other")
	text := textAsItIs(s, "save")
	text.Set("text", strings.Replace(text.Get("text"), `"nas.local", `, "", 1))
	version := func() string { // one without the name
		t.Helper()
		versions, err := store.Versions()
		i := slices.IndexFunc(versions, func(v config.Version) bool {
			text, err := store.VersionText(v.ID)
			return err == nil && !strings.Contains(string(text), "nas.local")
		})
		if err != nil || i < 0 {
			t.Fatal(versions, err)
		}
		return versions[i].ID
	}
	quoted := func(text string) string {
		return `"` + strings.NewReplacer(`"`, `\"`, "\r\n", `\n`).Replace(text) + `"`
	}
	ways := map[string]func() *http.Request{
		"options": func() *http.Request { return send("/settings", options) },
		"file":    func() *http.Request { return send(filePath, text) },
		"version": func() *http.Request {
			return send("/settings/versions", url.Values{"id": {version()}, "revision": {now()}})
		},
		"options by the API": func() *http.Request {
			return withBody("PATCH", "/api/v1/settings", jsonMedia, `{"options":{"allowedHosts":["other"]}}`)
		},
		"file by the API": func() *http.Request {
			return withBody("PUT", textPath, jsonMedia, `{"revision":"`+now()+`","text":`+quoted(text.Get("text"))+`}`)
		},
		"version by the API": func() *http.Request {
			return withBody("POST", "/api/v1/settings/versions/"+url.PathEscape(version())+"/restore", jsonMedia, `{"revision":"`+now()+`"}`)
		},
	}
	before := store.Snapshot().Text
	for what, way := range ways {
		for _, host := range []string{"nas.local:3001", "NAS.local:3001"} {
			wants(t, what, do(s, under(host, way())), http.StatusUnprocessableEntity, "open as nas.local:3001 at present")
		}
		r := way()
		r.Header.Set("Origin", "https://nas.local")
		wants(t, what+" behind a proxy", do(s, under("nas.local", r)), http.StatusUnprocessableEntity, "open as nas.local at present")
		if string(store.Snapshot().Text) != string(before) {
			t.Fatalf("%s: the file was changed", what)
		}
	}
	all := maps.Clone(options)
	all.Set("port", "0")
	all.Set("host", "0.0.0.0")
	wants(t, "all at once", do(s, under("nas.local:3001", send("/settings", all))), http.StatusUnprocessableEntity, "3 values cannot be used", "access key first", "open as nas.local:3001", "from 1 to 65535")
	wants(t, "a version to compare", do(s, under("nas.local", request("GET", "/settings/versions?id="+url.QueryEscape(version())))), http.StatusOK, "open as nas.local at present")
	// Under a name that stays, each of them may.
	for what, way := range ways {
		if w := do(s, under("localhost:3001", way())); w.Code != http.StatusSeeOther && w.Code != http.StatusOK || slices.Contains(store.Snapshot().Config.AllowedHosts, "nas.local") {
			t.Errorf("%s as localhost: %d", what, w.Code)
		}
		if _, err := store.Modify(t.Context(), now(), func(e *config.Edit) error { e.Replace(before); return nil }); err != nil {
			t.Fatal(err)
		}
	}
}

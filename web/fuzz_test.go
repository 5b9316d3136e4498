package web

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
)

// FuzzRequest sends headers as an attacker may: nothing may panic, and only our
// own names and origins get an answer.
func FuzzRequest(f *testing.F) {
	f.Add("/", "localhost:3001", "", "zh-CN,zh;q=0.9", "", "", "gzip, br")
	f.Add("/api/v1/connections/x", "[::1]:3001", "http://localhost:3001", "*;q=x", "cafe-18446744073709551616", "application/json; a", "gzip;q=0")
	f.Add("/assets/..%2f", "LOCALHOST:3001", "http://u@localhost:1/", "", "-", "text/plain", ",;,")
	s, _, _, _ := newServer(f, &Options{Hosts: []string{"box.lan"}})
	allowed := map[string]bool{"localhost:3001": true, "127.0.0.1:3001": true, "[::1]:3001": true, "box.lan": true, "box.lan:3001": true}
	f.Fuzz(func(t *testing.T, path, host, origin, accept, last, media, encoding string) {
		u, err := url.ParseRequestURI(path)
		if err != nil || u.Path == "/events" || u.Host != "" {
			return // a stream would not end
		}
		for _, method := range []string{"GET", "POST"} {
			r := httptest.NewRequest(method, "/", nil)
			r.URL, r.Host = u, host
			for name, value := range map[string]string{
				"Origin": origin, "Accept-Language": accept, "Last-Event-ID": last, "Content-Type": media, "Accept-Encoding": encoding, "Cookie": last,
			} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			w := do(s, r)
			if !allowed[strings.ToLower(host)] && w.Code != 403 {
				t.Errorf("host %q gets %d", host, w.Code)
			}
			scheme, name, _ := strings.Cut(origin, "://")
			ours := (scheme == "http" || scheme == "https") && allowed[strings.ToLower(name)]
			if origin != "" && !ours && w.Code != 403 {
				t.Errorf("origin %q gets %d", origin, w.Code)
			}
			if w.Code == 500 {
				t.Errorf("%s %q: 500", method, path)
			}
			s.has(r)
		}
	})
}

// FuzzWish sends forms of endpoints: nothing may panic, and what is found without a
// mistake can be written to the file and dialled.
func FuzzWish(f *testing.F) {
	f.Add("url=wss%3A%2F%2Fa.example%2F%3Ftoken%3Dx&name=N&role=call&sees=some&servers=a&tools=b%2Cc")
	f.Add("url=&draft=x&name=%00&role=king")
	f.Add("url=ws%3A%2F%2F[%3A%3A1]%3A99999%2F&sees=all&tools=+")
	s, _, _, _ := newServer(f, nil)
	f.Fuzz(func(t *testing.T, form string) {
		fields, err := url.ParseQuery(form)
		if err != nil {
			return
		}
		w := s.readWish(fields, config.Endpoint{})
		if len(w.mistakes(config.Endpoint{}, nil)) > 0 {
			return
		}
		e := w.endpoint(config.Endpoint{})
		if _, err := endpoint.Identify(e.URL); err != nil {
			t.Errorf("%q is no mistake, but: %v", form, err)
		}
	})
}

// FuzzAddress asks for pages by addresses that a form may send: only our own are
// followed, and each leads to where it says.
func FuzzAddress(f *testing.F) {
	for _, address := range []string{"/", "/endpoints?q=x", "/endpoints/a1?range=24h", "//evil.example/", "/\\evil", "https://evil.example", "/%2f/evil"} {
		f.Add(address)
	}
	s := &Server{views: newViews(livePages())}
	f.Fuzz(func(t *testing.T, address string) {
		v, ok := s.viewAt(address, "en")
		if !ok {
			return
		}
		u, err := url.Parse(address)
		if err != nil || u.Host != "" || u.Scheme != "" || strings.HasPrefix(address, "//") {
			t.Errorf("%q is followed to %+v", address, v)
		}
	})
}

// FuzzMCP sends messages of an MCP client that is in a session: nothing may panic or hang,
// and the session survives.
func FuzzMCP(f *testing.F) {
	f.Add(`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"x"}}`)
	f.Add(`{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"a__echo","arguments":[1]}}`)
	f.Add(`{"jsonrpc":"2.0","id":2,"method":"subscriptions/listen","params":{}}`)
	f.Add(`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":null}`)
	f.Add(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}`)
	f.Add(`{"jsonrpc":"2.0","id":4,"result":{}}`)
	f.Add(`[]`)
	f.Add(initialize)
	s, _, _, _ := newServer(f, nil)
	send := func(session, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/mcp", strings.NewReader(body))
		r.Host = "localhost:3001"
		r.Header.Set("Accept", "application/json, text/event-stream")
		r.Header.Set("Content-Type", "application/json")
		if session != "" {
			r.Header.Set(sessionHeader, session)
			r.Header.Set("Mcp-Protocol-Version", "2025-11-25")
		}
		return do(s, r)
	}
	session := send("", initialize).Header().Get(sessionHeader)
	f.Fuzz(func(t *testing.T, body string) {
		send("", body)
		if w := send(session, body); w.Code >= 500 {
			t.Errorf("%q gets %d", body, w.Code)
		}
		if w := send(session, `{"jsonrpc":"2.0","id":"last","method":"ping"}`); w.Code != 200 || !strings.Contains(w.Body.String(), `"result":{}`) {
			t.Errorf("afterwards a ping gets %d %s", w.Code, w.Body)
		}
	})
}

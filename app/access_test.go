package app

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/assets"
)

// TestAccessKey opens a program beyond this computer, which takes a key, and holds that the
// commands of its user reach it all the same.
func TestAccessKey(t *testing.T) {
	const en = "en_US.UTF-8"
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "xiaozhi.config.json")
	s := command(t, en, "", "--headless", "--host", "0.0.0.0", "--port", "0", "--config", file, "--data", data)
	if s.code != ExitPort || !strings.Contains(s.err, "config key") {
		t.Fatalf("without a key: %+v", s)
	}
	var made struct{ Path, AccessKey string }
	command(t, en, "", "config", "key", "--json", "--config", file, "--data", data).into(t, &made)
	text, err := os.ReadFile(file)
	if err != nil || made.Path != file || len(made.AccessKey) != 23 || !strings.Contains(string(text), made.AccessKey) {
		t.Fatalf("made %v: %v\n%s", made, err, text)
	}
	p := startProgram(t, string(text), "--host", "0.0.0.0")
	if !strings.HasPrefix(p.url, "http://localhost:") {
		t.Errorf("the page is at %s", p.url)
	}
	status := func(key string) int {
		r, err := http.NewRequest("GET", p.url+"api/v1/tools", nil)
		if err != nil {
			t.Fatal(err)
		}
		if key != "" {
			r.Header.Set("Authorization", "Bearer "+key)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if none, wrong, right := status(""), status("x"), status(made.AccessKey); none != 401 || wrong != 401 || right != 200 {
		t.Errorf("without, with a wrong and with the right key: %d %d %d", none, wrong, right)
	}
	if s := command(t, en, "", "tool", "list", "--json", "--data", p.data); s.code != ExitOK || !json.Valid([]byte(s.out)) {
		t.Errorf("a command: %+v", s)
	}
	state := filepath.Join(p.data, "running.json")
	if info, err := os.Stat(state); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the state file: %v %v", info, err)
	}
	// Another key counts at once.
	command(t, en, "", "config", "key", "--json", "--data", p.data).into(t, &made)
	p.eventually("the new key to count", func() bool { return status(made.AccessKey) == 200 })
	if strings.Contains(p.output(), made.AccessKey) {
		t.Error("the key is in the log")
	}
	// Without a key nobody but the user's commands is let in any more.
	if s := command(t, en, "", "config", "key", "--remove", "--data", p.data); s.code != ExitOK {
		t.Fatalf("removing: %+v", s)
	}
	p.eventually("the door to close", func() bool { return status(made.AccessKey) == 403 && status("") == 403 })
	if s := command(t, en, "", "tool", "list", "--json", "--data", p.data); s.code != ExitOK {
		t.Errorf("a command: %+v", s)
	}
}

// TestEntranceOfAnother holds that no answer leads anywhere but to the running program.
func TestEntranceOfAnother(t *testing.T) {
	for _, c := range []struct {
		status       int
		answer, want string
	}{
		{200, `{"path":"/login?ticket=A&next=%2F"}`, "login?ticket=A&next=%2F"}, {200, `{"path":"/"}`, ""},
		{404, `{"error":{"code":"not_found","message":"There is nothing here."}}`, ""}, {200, `{"path":"//example.com/"}`, ""},
		{200, `{"path":"http://example.com/"}`, ""}, {200, `{"path":".example.com/"}`, ""}, {200, `{}`, ""}, {200, `[]`, ""}, {200, "", ""}, {302, "{}", ""},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != "POST" || r.URL.Path != "/api/v1/entrance" || r.Header.Get("Authorization") != "Bearer some-pass" {
				t.Errorf("asked %s %s", r.Method, r.URL)
			}
			w.WriteHeader(c.status)
			io.WriteString(w, c.answer)
		}))
		r := reach(desktop.Running{URL: server.URL + "/", Pass: "some-pass"}, assets.Words("en"))
		if got := r.entrance(t.Context()); got != server.URL+"/"+c.want {
			t.Errorf("%d %s leads to %s", c.status, c.answer, got)
		}
		server.Close()
		if got := r.entrance(t.Context()); got != server.URL+"/" {
			t.Errorf("no answer leads to %s", got)
		}
	}
}

func TestOnThisComputer(t *testing.T) {
	for address, want := range map[string]bool{
		"http://localhost:3001/": true, "http://127.0.0.2:3001/": true, "http://[::1]:3001/": true, "http://192.0.2.1:3001/": false,
		"http://example.com/": false, "http://localhost.example.com/": false, "": false,
	} {
		if got := onThisComputer(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range own {
		if ip := a.(*net.IPNet).IP; !onThisComputer("http://" + net.JoinHostPort(ip.String(), "3001") + "/") {
			t.Errorf("%s is not ours", ip)
		}
	}
}

package app

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"xiaozhi-switchboard/app/bustest"
	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/rough"
)

// TestNothingCanBeSaved changes the configuration in every way there is, on a disk that
// is full and on one that takes nothing: each says so, in both languages, nothing is
// lost, and the links stay.
func TestNothingCanBeSaved(t *testing.T) {
	b, base := practice(t, broker.Official)
	disk := rough.NewDisk(t, "64k")
	s := newSession(t, "")
	s.config = filepath.Join(disk.Dir, "xiaozhi.config.json")
	text := endpointsConfig(b, base, "One")
	s.save(text)
	s.panel, s.notes = s.bus.NewPanel(), s.bus.NewNotes()
	s.launch("--autostart")
	s.looks("green")
	socket := s.connections()[0].Socket

	for _, trouble := range []struct {
		name         string
		begin, end   func()
		status       int
		page, byCLI  map[string]string // by language
		notification string
	}{
		{"full", disk.Fill, disk.Empty, http.StatusInsufficientStorage,
			map[string]string{"en": "there is no room on the disk", "zh": "磁盘没有剩余空间"},
			map[string]string{"en": "because the disk is full", "zh": "因为磁盘已满"}, "because the disk is full"},
		{"read-only", func() { disk.ReadOnly(true) }, func() { disk.ReadOnly(false) }, http.StatusInternalServerError,
			map[string]string{"en": "may not write to the configuration file", "zh": "没有写入配置文件"},
			map[string]string{"en": "the folder may not be written to", "zh": "没有写入该文件夹的权限"}, "may not be written to"},
	} {
		told := len(s.notes.List())
		trouble.begin()
		s.click("Load balancing", "At random")
		s.eventually(trouble.name+": a note", func() bool {
			list := s.notes.List()
			return len(list) > told && slices.ContainsFunc(list[told:], func(n bustest.Note) bool { return strings.Contains(n.Body, trouble.notification) })
		})
		for lang, want := range trouble.page {
			for path, accept := range map[string]string{"performance/strategy": "text/html", "api/v1/strategy": "application/json"} {
				status, body := s.choose(path, lang, accept)
				if status != trouble.status || !strings.Contains(body, want) {
					t.Errorf("%s, %s in %s: %d, without %q:\n%s", trouble.name, path, lang, status, want, body)
				}
			}
			cmd := exec.Command(s.binary, "endpoint", "add", b.URL(base, "2"), "--config", s.config, "--data", s.data)
			cmd.Env = append(os.Environ(), "LC_ALL="+map[string]string{"en": "en_US.UTF-8", "zh": "zh_CN.UTF-8"}[lang])
			out, _ := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != ExitConfig || !strings.Contains(string(out), trouble.byCLI[lang]) {
				t.Errorf("%s, command in %s: exit code %d: %s", trouble.name, lang, code, out)
			}
		}
		if got := read(s.config); got != text {
			t.Errorf("%s: the file is %q", trouble.name, got)
		}
		if c := s.connections(); len(c) != 1 || !c[0].Connected || c[0].Socket != socket {
			t.Errorf("%s: the links are %+v", trouble.name, c)
		}
		trouble.end()
		if names, err := os.ReadDir(disk.Dir); err != nil || len(names) != 1 {
			t.Errorf("%s: the folder holds %v, %v", trouble.name, names, err)
		}
	}
	s.click("Load balancing", "At random")
	s.eventually("the strategy saved", func() bool { return strings.Contains(read(s.config), `"loadBalanceStrategy": "random"`) })
	if code, took := s.stop(syscall.SIGTERM); code != 0 || took > stopsWithin {
		t.Errorf("exit code %d after %v", code, took)
	}
}

// choose chooses a strategy as a page or a program would.
func (p *program) choose(path, lang, accept string) (status int, body string) {
	p.t.Helper()
	if accept == "application/json" {
		return p.request(http.MethodPost, path, lang, accept, `{"strategy": "random"}`)
	}
	return p.request(http.MethodPost, path, lang, accept, url.Values{"strategy": {"random"}}.Encode())
}

// request asks as somebody does who reads a language.
func (p *program) request(method, path, lang, accept, content string) (status int, body string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(content))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if accept == "application/json" {
		r.Header.Set("Content-Type", accept)
	}
	r.Header.Set("Accept", accept)
	r.Header.Set("Accept-Language", lang)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// TestNoPlaceForAnything starts on a disk that takes nothing: with a file it runs, and
// without one it says why it does not, on the desktop too.
func TestNoPlaceForAnything(t *testing.T) {
	b, base := practice(t, broker.Official)
	disk := rough.NewDisk(t, "64k")
	s := newSession(t, "")
	s.panel, s.notes = s.bus.NewPanel(), s.bus.NewNotes()
	s.config, s.data = filepath.Join(disk.Dir, "xiaozhi.config.json"), filepath.Join(disk.Dir, "data")
	s.save(endpointsConfig(b, base, "One"))
	disk.ReadOnly(true)
	s.launch("--autostart")
	s.looks("green")
	s.eventually("a warning", func() bool { return strings.Contains(s.output(), "would not notice this one") })
	if code, took := s.stop(syscall.SIGTERM); code != 0 || took > stopsWithin {
		t.Errorf("exit code %d after %v", code, took)
	}

	s.config = filepath.Join(disk.Dir, "new", "xiaozhi.config.json")
	s.begin()
	<-s.ended
	if code := s.cmd.ProcessState.ExitCode(); code != ExitConfig || !strings.Contains(s.output(), "may not be written to") {
		t.Errorf("exit code %d: %s", code, s.output())
	}
	if !slices.ContainsFunc(s.notes.List(), func(n bustest.Note) bool { // it waited until that was shown
		return strings.Contains(n.Title, "did not start") && strings.Contains(n.Body, "may not be written to")
	}) {
		t.Errorf("the desktop was shown %+v", s.notes.List())
	}
}

// TestConfigOfSomebodyElse runs the program as a user who may read the file and not
// change it, then not even read it.
func TestConfigOfSomebodyElse(t *testing.T) {
	rough.Root(t, "start a program as another user")
	b, base := practice(t, broker.Official)
	dir, data := rough.Shared(t, 0o755), rough.Shared(t, 0o777)
	binary := filepath.Join(dir, "xiaozhi-switchboard")
	if err := os.Rename(buildProgram(t), binary); err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, binary: binary, config: filepath.Join(dir, "xiaozhi.config.json"), data: filepath.Join(data, "data"),
		attr: &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: rough.Nobody, Gid: rough.Nobody}},
		env:  []string{"HOME=" + data}}
	text := endpointsConfig(b, base, "One")
	p.save(text)
	if err := os.Chmod(p.config, 0o644); err != nil {
		t.Fatal(err)
	}
	p.launch()
	p.eventually("connected", func() bool { c := p.connections(); return len(c) == 1 && c[0].Connected })
	for lang, want := range map[string]string{"en": "may not write to the configuration file", "zh": "没有写入配置文件"} {
		if status, body := p.choose("performance/strategy", lang, "text/html"); status != http.StatusInternalServerError || !strings.Contains(body, want) {
			t.Errorf("%s: %d without %q: %s", lang, status, want, body)
		}
	}
	if err := os.Chmod(dir, 0o777); err != nil { // now the folder takes files, and this one is still not ours
		t.Fatal(err)
	}
	for lang, want := range map[string]string{"en": "belongs to another user", "zh": "配置文件属于另一个用户"} {
		if status, body := p.choose("performance/strategy", lang, "text/html"); status != http.StatusInternalServerError || !strings.Contains(body, want) {
			t.Errorf("%s: %d without %q: %s", lang, status, want, body)
		}
	}
	if got := read(p.config); got != text {
		t.Errorf("the file is %q", got)
	}
	if err := os.Chmod(p.config, 0o600); err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{"en": "the file may not be read", "zh": "没有读取这个文件的权限"} {
		p.eventually("the page says so in "+lang, func() bool {
			_, body := p.request(http.MethodGet, "", lang, "text/html", "")
			return strings.Contains(body, want)
		})
	}
	if c := p.connections(); len(c) != 1 || !c[0].Connected {
		t.Errorf("the links are %+v", c)
	}
	if code, _ := p.stop(os.Interrupt); code != 0 {
		t.Errorf("exit code %d", code)
	}
	p.begin()
	<-p.ended
	if code := p.cmd.ProcessState.ExitCode(); code != ExitConfig || !strings.Contains(p.output(), "the file may not be read") {
		t.Errorf("exit code %d: %s", code, p.output())
	}
}

package web

import (
	"net/http"
	"slices"
	"strings"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
)

// ServerEntry is an MCP server with its entry in the configuration file.
type ServerEntry struct {
	ServerView
	Enabled bool `json:"enabled"`
	// Command, Args, Dir and Env are those of a program, URL and Headers those of an
	// address. Credentials in them are ***, and values of Env and Headers nearly always.
	Command string            `json:"command,omitempty"`
	Args    []string          `json:"args,omitempty"`
	Dir     string            `json:"cwd,omitempty"`
	Env     map[string]string `json:"env,omitempty"`
	URL     string            `json:"url,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	// Prefix stands before the names of its tools; nil is the name of the server.
	Prefix *string `json:"prefix"`
	// Undo takes the last change back; only in the answer to one.
	Undo string `json:"undo,omitempty"`
}

// serverEntry shows a server of the file.
func (s *Server) serverEntry(r *http.Request, f config.Server) ServerEntry {
	e := ServerEntry{ServerView: ServerView{Name: f.Name, Kind: kindNames[f.Kind], Group: f.Group}, Enabled: f.Enabled, Prefix: f.Prefix}
	for _, v := range configuredServers(s.snapshot()) {
		if v.Name == f.Name {
			e.ServerView = v
		}
	}
	e.LastError, e.ProblemText = secret.Text(e.LastError), problemText(s.words(r), e.ServerView)
	shown, _ := veiled(f)
	e.Command, e.Dir, e.URL = unmarked(shown.Command), unmarked(shown.Dir), unmarked(shown.URL.Reveal())
	for _, arg := range shown.Args {
		e.Args = append(e.Args, unmarked(arg))
	}
	plain := func(pairs map[string]string) map[string]string {
		all := map[string]string{}
		for name, value := range pairs {
			all[name] = unmarked(value)
		}
		return all
	}
	e.Env, e.Headers = plain(shown.Env), plain(shown.Headers)
	return e
}

// serverWish is what a program wants a server to be. What it does not name stays.
type serverWish struct {
	Name    *string   `json:"name"`
	Kind    *string   `json:"kind"`
	Command *string   `json:"command"`
	Args    *[]string `json:"args"`
	Dir     *string   `json:"cwd"`
	URL     *string   `json:"url"`
	// Env and Headers are laid over those there are; null takes one away.
	Env     map[string]*string `json:"env"`
	Headers map[string]*string `json:"headers"`
	Group   *string            `json:"group"`
	// Prefix: "" is none, and Prefixed false goes back to the name.
	Prefix   *string `json:"prefix"`
	Prefixed *bool   `json:"prefixed"`
	Enabled  *bool   `json:"enabled"`
	// Confirm says that a program may run, which is asked for when one would run anew.
	Confirm  bool   `json:"confirm"`
	Revision string `json:"revision"`
}

// serverExample is shown to who sends something else.
const serverExample = `{"name":"files","command":"npx","args":["-y","some-mcp-server"],"env":{"KEY":"…"},"confirm":true}`

// over lays a wish over a server.
func (v serverWish) over(f config.Server) (config.Server, bool) {
	f = f.Clone()
	set := func(to *string, from *string) {
		if from != nil {
			*to = strings.TrimSpace(*from)
		}
	}
	set(&f.Name, v.Name)
	set(&f.Command, v.Command)
	set(&f.Dir, v.Dir)
	set(&f.Group, v.Group)
	address := f.URL.Reveal()
	set(&address, v.URL)
	f.URL = secret.URL(address)
	if v.Args != nil {
		f.Args = slices.Clone(*v.Args)
	}
	f.Env, f.Headers = laidOver(f.Env, v.Env), laidOver(f.Headers, v.Headers)
	if v.Prefix != nil {
		f.Prefix = v.Prefix
	}
	if v.Prefixed != nil && !*v.Prefixed {
		f.Prefix = nil
	}
	if v.Enabled != nil {
		f.Enabled = *v.Enabled
	}
	known := true
	switch {
	case v.Kind != nil:
		f.Kind, known = kindOf(*v.Kind)
	case v.Command != nil && *v.Command != "":
		f.Kind = config.KindStdio
	case v.URL != nil && *v.URL != "" && f.Kind == config.KindStdio:
		f.Kind = config.KindAuto
	}
	if f.Kind == config.KindStdio {
		f.URL, f.Headers = "", nil
	} else {
		f.Command, f.Args, f.Dir, f.Env = "", nil, "", nil
	}
	return f, known
}

// laidOver puts pairs over others; nil takes one away.
func laidOver(there map[string]string, wish map[string]*string) map[string]string {
	for name, value := range wish {
		if value == nil {
			delete(there, name)
			continue
		}
		if there == nil {
			there = map[string]string{}
		}
		there[name] = *value
	}
	return there
}

// serverReport is one server with its entry.
func (s *Server) serverReport(w http.ResponseWriter, r *http.Request) {
	now := s.deps.Editor.Snapshot()
	f, ok := rawServer(now, r.PathValue("server"))
	if r.PathValue("server") == config.ReservedServer && now.Config != nil {
		f, ok = now.Config.Builtin, true
	}
	if !ok {
		s.refuse(w, r, kindAPI, "unknown_server")
		return
	}
	s.json(w, r, http.StatusOK, map[string]any{"revision": now.Revision, "server": s.serverEntry(r, f)})
}

// addServerCommand adds a server, and changeServerCommand changes what the body names.
func (s *Server) addServerCommand(w http.ResponseWriter, r *http.Request) {
	s.takeServerWish(w, r, config.Server{Kind: config.KindAuto, Enabled: true}, nil)
}

func (s *Server) changeServerCommand(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("server") == config.ReservedServer {
		s.changeBuiltinCommand(w, r)
		return
	}
	f, ok := rawServer(s.deps.Editor.Snapshot(), r.PathValue("server"))
	if !ok {
		s.refuse(w, r, kindAPI, "unknown_server")
		return
	}
	s.takeServerWish(w, r, f, &f)
}

// changeBuiltinCommand switches the built-in tools, of which there is nothing else to change.
func (s *Server) changeBuiltinCommand(w http.ResponseWriter, r *http.Request) {
	var wish struct {
		Enabled *bool `json:"enabled"`
	}
	if !readJSON(r, &wish) || wish.Enabled == nil {
		s.refuse(w, r, kindAPI, "bad_json", "want", `{"enabled":false}`)
		return
	}
	if code := s.enableServer(r.Context(), config.ReservedServer, *wish.Enabled); code != "" {
		s.refuse(w, r, kindAPI, code)
		return
	}
	s.json(w, r, http.StatusOK, s.serverEntry(r, s.deps.Editor.Snapshot().Config.Builtin))
}

func (s *Server) takeServerWish(w http.ResponseWriter, r *http.Request, base config.Server, old *config.Server) {
	var wish serverWish
	if !readJSON(r, &wish) {
		s.refuse(w, r, kindAPI, "bad_json", "want", serverExample)
		return
	}
	words, sh := s.words(r), supply{old: old, revision: wish.Revision, wrong: map[string]string{}}
	var known bool
	if sh.server, known = wish.over(base); !known {
		sh.wrong["kind"] = words.Say("mistake.kind")
	}
	for field, text := range sh.mistakes(words, s.deps.Editor.Snapshot().Config) {
		sh.wrong[field] = text
	}
	code := ""
	var d deed
	switch {
	case len(sh.wrong) > 0:
		code = "not_valid"
	case sh.runsAnew() && !wish.Confirm:
		code = "unconfirmed"
	default:
		d, code = s.saveSupply(r.Context(), words, &sh)
	}
	if code == "not_valid" {
		s.json(w, r, http.StatusUnprocessableEntity, map[string]any{"error": map[string]any{
			"code": code, "message": strings.TrimSpace(words.Say("trouble.not_valid.text") + " " + sh.trouble), "fields": sh.wrong}})
		return
	}
	if code != "" {
		s.refuse(w, r, kindAPI, code)
		return
	}
	e := s.serverEntry(r, sh.server)
	e.Undo = s.deeds.keep(d)
	s.json(w, r, http.StatusOK, e)
}

// removeServerCommand answers with how to undo it.
func (s *Server) removeServerCommand(w http.ResponseWriter, r *http.Request) {
	d, code := s.serverRemoved(r.Context(), r.PathValue("server"))
	if code != "" {
		s.refuse(w, r, kindAPI, code)
		return
	}
	s.json(w, r, http.StatusOK, map[string]string{"undo": s.deeds.keep(d)})
}

// restartCommand has a server started anew, and does not wait for it.
func (s *Server) restartCommand(w http.ResponseWriter, r *http.Request) {
	if code := s.restartServer(r.PathValue("server")); code != "" {
		s.refuse(w, r, kindAPI, code)
		return
	}
	s.json(w, r, http.StatusOK, map[string]bool{"restarting": true})
}

// stderrCommand is the last lines of a server's standard error, the newest last.
func (s *Server) stderrCommand(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("server")
	if !slices.ContainsFunc(configuredServers(s.snapshot()), func(v ServerView) bool { return v.Name == name }) {
		s.refuse(w, r, kindAPI, "unknown_server")
		return
	}
	lines := []string{}
	if s.deps.Catalogue != nil {
		for _, line := range s.deps.Catalogue.Stderr(name) {
			lines = append(lines, secret.Text(line))
		}
	}
	s.json(w, r, http.StatusOK, map[string]any{"server": name, "lines": lines})
}

package web

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
)

// longestServerName bounds the characters of the name of a server, as core/config does.
const longestServerName = 128

// supply is the form of an MCP server while it is put together.
type supply struct {
	server   config.Server
	old      *config.Server // that it is about; nil when it is new
	revision string
	wrong    map[string]string // mistakes in the language of the page, by field
	trouble  string
	unsure   bool              // a program would run, and nobody has said that it may
	typed    map[string]string // what cannot be read as what it should be, by field
	status   int
}

// rawServer is a server as the file has it, references such as ${NAME} as they stand.
func rawServer(now config.Snapshot, name string) (config.Server, bool) {
	is := func(f config.Server) bool { return f.Name == name }
	if now.Config == nil {
		return config.Server{}, false
	}
	i := slices.IndexFunc(now.Config.Servers, is)
	if i < 0 {
		return config.Server{}, false
	}
	if list, err := config.ImportServers(now.Text); err == nil {
		if j := slices.IndexFunc(list, is); j >= 0 {
			return list[j], true
		}
	}
	return now.Config.Servers[i], true
}

// readSupply reads a form. Marks in it stand for the credentials of the form that was
// shown, so that nobody has to type those again.
func (s *Server) readSupply(words *assets.Translator, form url.Values, old *config.Server) supply {
	sh := supply{old: old, revision: form.Get("revision"), wrong: map[string]string{}, typed: map[string]string{}}
	if old != nil {
		sh.server = old.Clone()
	} else {
		sh.server.Kind = config.KindStdio
	}
	hidden, _ := s.veils.find(form.Get("veil")) // marks that stand for nothing are mistakes
	read := func(field string) string {
		text := strings.ReplaceAll(form.Get(field), "\r\n", "\n")
		plain, err := config.Unhide([]byte(text), hidden)
		if err != nil {
			sh.wrong[field], sh.typed[field] = words.Say("mistake.mark"), text
			return ""
		}
		return string(plain)
	}
	pairs := func(field, sign string) map[string]string {
		text := read(field)
		list, ok := pairsOfLines(text, sign)
		if !ok {
			sh.wrong[field] = words.Say("mistake.pairs." + field)
			sh.typed[field] = form.Get(field)
		}
		return list
	}
	f := &sh.server
	f.Name, f.Group, f.Enabled = strings.TrimSpace(form.Get("name")), strings.TrimSpace(form.Get("group")), form.Get("enabled") == "on"
	if kind, ok := kindOf(form.Get("kind")); ok {
		f.Kind = kind
	} else {
		f.Kind, sh.wrong["kind"] = config.KindAuto, words.Say("mistake.kind")
	}
	f.Prefix = nil
	if form.Get("prefixed") == "on" {
		f.Prefix = new(strings.TrimSpace(form.Get("prefix")))
	}
	f.Command, f.Args, f.Dir, f.Env, f.URL, f.Headers = "", nil, "", nil, "", nil
	if f.Kind == config.KindStdio {
		f.Command, f.Args, f.Dir, f.Env = strings.TrimSpace(read("command")), listOfLines(read("args")), strings.TrimSpace(read("cwd")), pairs("env", "=")
	} else {
		f.URL, f.Headers = secret.URL(strings.TrimSpace(read("url"))), pairs("headers", ": ")
	}
	return sh
}

// kindOf reads the kind of a server in every way that the file and the API name it.
func kindOf(name string) (config.Kind, bool) {
	switch name {
	case "stdio":
		return config.KindStdio, true
	case "sse":
		return config.KindSSE, true
	case "http", "streamable-http":
		return config.KindHTTP, true
	case "auto", "":
		return config.KindAuto, true
	}
	return 0, false
}

// mistakes are what is wrong with a server, by field. The rest is for the file to say.
func (sh *supply) mistakes(words *assets.Translator, c *config.Config) map[string]string {
	wrong, f := map[string]string{}, sh.server
	blame := func(field, key string) {
		if sh.wrong[field] == "" {
			wrong[field] = words.Say(key)
		}
	}
	switch {
	case f.Name == "" || utf8.RuneCountInString(f.Name) > longestServerName || strings.ContainsFunc(f.Name, unicode.IsControl) || f.Name == "." || f.Name == "..":
		blame("name", "mistake.server.name")
	case strings.EqualFold(f.Name, config.ReservedServer):
		blame("name", "mistake.server.reserved")
	case (sh.old == nil || sh.old.Name != f.Name) && slices.ContainsFunc(c.Servers, func(o config.Server) bool { return o.Name == f.Name }):
		blame("name", "mistake.server.twice")
	}
	switch address, err := url.Parse(f.URL.Reveal()); {
	case f.Kind == config.KindStdio:
		if f.Command == "" {
			blame("command", "mistake.server.command")
		}
	case f.URL == "":
		blame("url", "mistake.server.url")
	case strings.Contains(f.URL.Reveal(), "${"):
	case err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https":
		blame("url", "mistake.server.url")
	}
	return wrong
}

// runsAnew reports whether saving it makes a program run that did not run before.
func (sh *supply) runsAnew() bool {
	f := sh.server
	if f.Kind != config.KindStdio {
		return false
	}
	o := sh.old
	return o == nil || o.Kind != f.Kind || o.Command != f.Command || !slices.Equal(o.Args, f.Args) || !maps.Equal(o.Env, f.Env) || o.Dir != f.Dir
}

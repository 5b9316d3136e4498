package web

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
)

// FuzzVeiled holds that what a form shows of a server comes back as the same server, and
// that no value of a variable or a header is shown.
func FuzzVeiled(f *testing.F) {
	f.Add("npx", "--token", "abcdef\"0123456789", "KEY", "va\"lue\\n\n", "https://h.example/mcp?token=abcdef0123456789")
	f.Add("C:\\x\\y.exe", "\"quoted\"", " spaced ", "A", "‹***1›", "http://user:pass@h/")
	f.Add("", "", "\r\n", "X", "\"", "${URL}")
	f.Fuzz(func(t *testing.T, command, first, second, name, value, address string) {
		for _, text := range []string{command, first, second, name, value, address} {
			if !utf8.ValidString(text) {
				return
			}
		}
		server := config.Server{Kind: config.KindStdio, Command: command, Args: []string{first, second}, URL: secret.URL(address)}
		if name = strings.TrimSpace(name); name != "" && !strings.ContainsAny(name, "=\r\n") {
			server.Env = map[string]string{name: strings.TrimSpace(value)}
		}
		shown, hidden := veiled(server)
		back := func(text string) string {
			plain, err := config.Unhide([]byte(text), hidden)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			return string(plain)
		}
		if got := back(shown.Command); got != command {
			t.Fatalf("command %q comes back as %q", command, got)
		}
		if got := back(shown.URL.Reveal()); got != address {
			t.Fatalf("address %q comes back as %q", address, got)
		}
		var args []string
		for _, line := range listOfLines(linesOfList(shown.Args)) {
			args = append(args, back(line))
		}
		if !slices.Equal(args, server.Args) {
			t.Fatalf("arguments %q come back as %q", server.Args, args)
		}
		pairs, ok := pairsOfLines(linesOfPairs(shown.Env, "="), "=")
		for n, v := range pairs {
			delete(pairs, n)
			pairs[back(n)] = back(v)
		}
		if !ok || !maps.Equal(pairs, server.Env) {
			t.Fatalf("variables %q come back as %q", server.Env, pairs)
		}
		for n, v := range shown.Env {
			if v != "" && !veilMark.MatchString(v) && !strings.HasPrefix(v, "${") {
				t.Fatalf("the value of %q is shown: %q", n, v)
			}
		}
	})
}

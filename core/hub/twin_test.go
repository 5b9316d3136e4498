package hub

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

const twinJournal = "HUB_TEST_JOURNAL"

// twin describes one of several servers that can stand in for one another. It writes the id
// of every call that it carries out into the journal, before it answers.
func twin(t testing.TB, name, journal string, modes ...string) Server {
	s := child(t, name, append([]string{"twin"}, modes...)...)
	s.Group = "twins"
	s.Env[twinJournal] = journal
	return s
}

// runTwin is such a server. Its tools: ask, which may be called twice, and act, which may
// not. Modes: mute answers no call; deaf reads nothing after the list; other has
// another schema; slow answers each call after 20 ms.
func runTwin(modes []string) {
	on := func(mode string) bool { return slices.Contains(modes, mode) }
	schema := `{"type":"object","properties":{"id":{"type":"string"},"hold":{"type":"boolean"}}}`
	if on("other") {
		schema = `{"type":"object","properties":{"number":{"type":"integer"}}}`
	}
	journal, err := os.OpenFile(os.Getenv(twinJournal), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var m struct {
			ID     json.RawMessage
			Method string
			Params struct {
				Name      string
				Arguments struct {
					ID   string
					Hold bool
				}
			}
		}
		if err := json.Unmarshal(line, &m); err != nil {
			panic(err)
		}
		answer := func(result string) { fmt.Printf(`{"jsonrpc":"2.0","id":%s,"result":%s}`+"\n", m.ID, result) }
		switch m.Method {
		case "initialize":
			answer(`{"protocolVersion":"2025-06-18","serverInfo":{"name":"twin","version":"1"}}`)
		case "ping":
			answer(`{}`)
		case "tools/list":
			answer(`{"tools":[{"name":"ask","annotations":{"readOnlyHint":true},"inputSchema":` + schema + `},{"name":"act","inputSchema":` + schema + `}]}`)
			if on("deaf") {
				select {}
			}
		case "tools/call":
			a := m.Params.Arguments
			fmt.Fprintln(journal, m.Params.Name, a.ID)
			if on("slow") {
				<-time.After(20 * time.Millisecond)
			}
			if !on("mute") && !a.Hold {
				answer(fmt.Sprintf(`{"content":[{"type":"text","text":"%d did %s"}]}`, os.Getpid(), a.ID))
			}
		}
	}
}

// carriedOut returns how often each call was carried out, by tool and id.
func carriedOut(t *testing.T, journal string) map[string]int {
	t.Helper()
	text, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for line := range strings.Lines(string(text)) {
		times[strings.TrimSpace(line)]++
	}
	return times
}

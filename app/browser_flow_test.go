package app

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/core/broker"
)

// read returns the configuration file.
func (p *program) read() string {
	p.t.Helper()
	text, err := os.ReadFile(p.config)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// withAndWithout runs a flow of the browser with scripts, and once more with plain posts.
func withAndWithout(t *testing.T, flow func(t *testing.T, b *tab, scripts bool)) {
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) { flow(t, openTab(t, scripts), scripts) })
	}
}

const (
	liveNow = `document.getElementById("pulse").innerText.includes("Live")`
	wordsOf = `(document.querySelector(".card .word")?.innerText ?? "")`
	// Slow is what a busy machine makes of a link.
	connected = `["Up", "Idle", "Slow"].includes(` + wordsOf + `)`
)

// TestBrowserFirstRunOfTheProgram goes from no file at all to a practice endpoint that
// calls a tool of a server that was pasted.
func TestBrowserFirstRunOfTheProgram(t *testing.T) {
	withAndWithout(t, func(t *testing.T, b *tab, scripts bool) {
		far, base := practice(t, broker.Official)
		p := startProgram(t, "")
		b.open(p.url + "?lang=en")
		b.at("/welcome")
		b.says("Language and port")
		b.fill("#f-port", "99999")
		b.click(".sheet button.primary")
		b.holds(`document.querySelector("#e-port") && document.querySelector("#f-port").value === "99999"`)
		b.fill("#f-port", "3001")
		b.click(".sheet button.primary")
		b.at("/welcome?step=endpoint")

		// Nobody listens there, as the doctor finds before anything is saved.
		b.fill("#f-url", far.URL("ws://127.0.0.1:1", "42"))
		b.fill("#f-name", "Study")
		b.click(`button[value="save"]`)
		b.says("Nothing answers at this address")
		b.holds(`document.querySelector("#f-name").value === "Study" && document.querySelector('button[value="anyway"]')`)
		if strings.Contains(p.read(), "127.0.0.1:1/") {
			t.Error("what does not work was saved")
		}
		b.fill("#f-url", far.URL(base, "42"))
		b.click(`button[value="save"]`)
		b.at("/welcome?step=server")
		b.says("Study was added.")

		b.fill("#f-text", fmt.Sprintf(`{"mcpServers": {"bench": {"command": %s, "env": {%q: "stdio"}}}}`, quoted(os.Args[0]), playAs))
		b.click(".sheet button.primary")
		b.says("This runs programs on your computer.")
		b.click("#f-trust")
		b.click(".sheet button.primary")
		b.at("/welcome?step=done")
		b.click(".sheet a.primary")
		b.at("/")
		if scripts {
			b.says("1 of 1 connected")
		} else {
			p.eventually("the link", func() bool { all := p.connections(); return len(all) == 1 && all[0].Connected })
			b.open(p.url)
			b.says("1 of 1 connected")
		}
		p.eventually("the server", func() bool { return strings.Contains(p.get("/api/v1/tools"), "bench__echo") })
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if heard, err := far.Robot("42").Call(ctx, "bench__echo", textOf(3)); err != nil || !strings.Contains(heard.Text, "xxx") {
			t.Errorf("the endpoint heard %q, %v", heard.Text, err)
		}
		b.quiet("422") // a page that says what is wrong has that status
	})
}

// TestBrowserKeepsEndpointsOfTheProgram adds, edits, pauses, removes, and takes it back.
func TestBrowserKeepsEndpointsOfTheProgram(t *testing.T) {
	withAndWithout(t, func(t *testing.T, b *tab, scripts bool) {
		far, base := practice(t, broker.Official)
		p := startProgram(t, "{\n  // mine\n}\n")
		// one is an empty one as long as the program has not read its file again.
		one := func() connection { return append(p.connections(), connection{})[0] }
		b.open(p.url + "endpoints?lang=en")
		b.click(".empty a.primary")
		b.at("/endpoints/add")
		b.fill("#f-url", far.URL(base, "42"))
		b.fill("#f-name", "Kitchen")
		b.click(`button[value="save"]`)
		b.says("Kitchen was added.")
		p.eventually("the link", func() bool { return one().Connected })

		b.click(".line h2 a")
		b.at("/endpoints/" + one().ID)
		b.holds(`document.querySelector("#head select")`)
		b.run(`document.querySelector("#head select").value = "60"`)
		b.click("#head .join button")
		b.holds(`document.querySelector("#head .word")?.innerText === "Paused" && document.querySelector("#head .cause")?.innerText.startsWith("resumes")`)
		p.eventually("the pause", func() bool { return one().State == "paused" && !one().Connected })
		b.click(`#head button[formaction$="/resume"]`)
		b.holds(`document.querySelector("#head .word")?.innerText !== "Paused"`)
		p.eventually("the link again", func() bool { return one().Connected })

		b.click(`#head a[href$="/edit"]`)
		b.fill("#f-name", "Balcony")
		b.click(`button[value="save"]`)
		b.says("Balcony was changed.")
		b.click(`#head button[formaction$="/remove"]`)
		b.says("Balcony was removed.")
		p.eventually("no link", func() bool { return len(p.connections()) == 0 })
		b.click("#done button")
		b.says("It is as it was before.")
		p.eventually("the link that was removed", func() bool { return len(p.connections()) == 1 && one().Connected && one().Name == "Balcony" })
		if text := p.read(); !strings.Contains(text, "// mine") || !strings.Contains(text, "Balcony") {
			t.Error("the file lost something")
		}
		b.quiet()
	})
}

// TestBrowserFollowsTheFileOfTheProgram edits the file, breaks it, and mends it.
func TestBrowserFollowsTheFileOfTheProgram(t *testing.T) {
	b := openTab(t, true)
	far, base := practice(t, broker.Official)
	p := startProgram(t, "{}")
	b.open(p.url + "endpoints?lang=en")
	b.holds(liveNow)
	b.run(`window.same = true`)
	good := fmt.Sprintf(`{"mcpEndpoint": [{"url": %s, "name": "Attic"}]}`, quoted(far.URL(base, "7")))
	p.save(good)
	b.holds(`document.querySelector(".line h2")?.innerText === "Attic" && ["Up", "Idle", "Slow"].includes(document.querySelector(".line .word").innerText)`)
	p.save(strings.Replace(good, "Attic", "Cellar", 1))
	b.holds(`document.querySelector(".line h2")?.innerText === "Cellar"`)
	p.save("{\n  \"mcpEndpoint\": [,]\n}")
	b.holds(`document.querySelector("#problem").innerText.includes("has a mistake") && document.querySelector("#problem").innerText.includes("Line 2, column 19")`)
	if c := p.connections(); len(c) != 1 || !c[0].Connected {
		t.Errorf("with a broken file there is %+v", c)
	}
	p.save(good)
	b.holds(`document.querySelector("#problem").innerText === "" && document.querySelector(".line h2").innerText === "Attic" && window.same`)
	b.quiet()
}

// TestBrowserSeesAnEndpointDie kills an endpoint that comes back after a while.
func TestBrowserSeesAnEndpointDie(t *testing.T) {
	b := openTab(t, true)
	far, base := practice(t, broker.Official)
	p := startProgram(t, fmt.Sprintf(`{"mcpEndpoint": [%s], "connectionOptions": {"reconnectInterval": 200, "maxReconnectAttempts": 0, "reconnectStrategy": "fixed_interval"}}`, quoted(far.URL(base, "1"))))
	b.open(p.url + "?lang=en")
	b.holds(liveNow)
	b.holds(connected)
	far.Restart(time.Hour)
	took := b.holds(`!` + connected + ` && document.querySelector(".card .cause")?.innerText.length > 0`)
	t.Logf("the card changed %v after the endpoint died", took.Round(time.Millisecond))
	if *measureTargets && took > time.Second {
		t.Error("it should within a second")
	}
	b.holds(`document.querySelector("#alerts").innerText.length > 0`)
	far.Restart(0) // it is back
	b.holds(connected)
	b.quiet()
}

// TestBrowserHealsAfterARestartOfTheProgram ends the program under a page and starts it
// again: the page says so, and goes on without being loaded anew.
func TestBrowserHealsAfterARestartOfTheProgram(t *testing.T) {
	b := openTab(t, true)
	far, base := practice(t, broker.Official)
	port := strconv.Itoa(freePort(t))
	dir := t.TempDir()
	p := &program{t: t, config: dir + "/xiaozhi.config.json", data: dir + "/data", ownPort: true}
	p.save(fmt.Sprintf(`{"mcpEndpoint": [{"url": %s, "name": "Attic"}]}`, quoted(far.URL(base, "1"))))
	p.launch("--port", port)
	b.open(p.url + "?lang=en")
	b.holds(liveNow)
	b.holds(connected)
	b.run(`window.same = true`)
	p.stop(os.Interrupt)
	b.holds(`!document.getElementById("lost").hidden && document.body.classList.contains("stale")`)
	p.save(fmt.Sprintf(`{"mcpEndpoint": [{"url": %s, "name": "Cellar"}]}`, quoted(far.URL(base, "1"))))
	p.launch("--port", port)
	b.holds(`document.getElementById("lost").hidden && !document.body.classList.contains("stale") && document.querySelector(".card h3").innerText === "Cellar" && ` + connected + ` && window.same`)
	b.quiet("Failed to fetch", "net::ERR_")
}

package app

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"xiaozhi-switchboard/app/tray"
	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web"
)

// sight is one look at everything that the tray and notifications are made from.
type sight struct {
	now     time.Time
	links   []linkSight
	servers []web.ServerView
	// problem is why the configuration file is not in use, in the language of words;
	// empty when it is. Path is the file.
	problem string
	path    string
	words   *assets.Translator
	// url is the dashboard's address.
	url string
	menuState
}

// linkSight is a link with its health.
type linkSight struct {
	endpoint.Status
	web.Health
}

// look adds their health to links.
func look(links []endpoint.Status, now time.Time) []linkSight {
	all := make([]linkSight, len(links))
	for i, s := range links {
		all[i] = linkSight{s, web.HealthOf(s, now)}
	}
	return all
}

// level is the level's name.
func (l *linkSight) level() string { return l.Level.String() }

// name is what to call a link, without anything secret.
func (l *linkSight) name(words *assets.Translator) string {
	switch {
	case l.Name != "":
		return secret.Text(l.Name)
	case l.Agent != "":
		return words.Say("link.agent", "id", l.Agent)
	}
	return l.Host
}

// paused reports a link that is at rest by somebody's wish.
func (l *linkSight) paused() bool { return l.State == endpoint.Paused }

// iconOf is how the links are together.
func iconOf(links []linkSight) tray.Icon {
	var wanted, up, well, down int
	for i := range links {
		l := &links[i]
		if l.paused() {
			continue
		}
		wanted++
		if l.Connected() {
			up++
		}
		if l.level() == "up" {
			well++
		}
		if l.Urgent {
			down++
		}
	}
	switch {
	case wanted == 0:
		return tray.Paused
	case well == wanted:
		return tray.Healthy
	case up > 0:
		return tray.Degraded
	case down > 0:
		return tray.Down
	}
	return tray.Connecting
}

// byRank orders icons from good to bad. With all links on their way nothing works, which
// is worse than some.
var byRank = [...]tray.Icon{tray.Healthy, tray.Degraded, tray.Connecting, tray.Down}

func rankOf(icon tray.Icon) int { return slices.Index(byRank[:], icon) }

// face turns what is so into what the icon shows.
type face struct {
	icon, badge steady
	began       bool
	paused      bool
}

// next takes the state of now. To rest and to wake up is somebody's wish, and is shown
// at once. Again is when the face changes if nothing else does.
func (f *face) next(icon tray.Icon, badge bool, now time.Time) (tray.Icon, bool, time.Time) {
	rank := 0
	if badge {
		rank = 1
	}
	marked, again := f.badge.next(rank, now)
	if icon == tray.Paused {
		f.paused = true
		return icon, marked > 0, again
	}
	if f.paused || !f.began {
		f.icon.set(rankOf(icon), now)
		f.paused, f.began = false, true
	}
	shown, at := f.icon.next(rankOf(icon), now)
	return byRank[shown], marked > 0, earlier(again, at)
}

// earlier is the earlier of two times; zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// alert is something that needs a person: what is wrong, and the one thing to do.
type alert struct {
	shape, name, cause, verb string
	do                       tray.Action
}

// alerts lists them, those of the configuration first.
func (s *sight) alerts() (all []alert) {
	say := s.words.Say
	if s.problem != "" {
		all = append(all, alert{shapes["down"], say("tray.config"), s.problem, say("tray.config.open"), tray.Action{Verb: doOpenConfig}})
	}
	for i := range s.links {
		l := &s.links[i]
		if !l.Urgent {
			continue
		}
		a := alert{shape: shapes[l.level()], name: l.name(s.words), verb: say("verb.reconnect.now"), do: tray.Action{Verb: doReconnect, Target: l.ID}}
		if l.Cause != "" {
			a.cause = say(l.Cause)
		}
		all = append(all, a)
	}
	for _, v := range s.servers {
		if v.State == web.ServerFailed {
			all = append(all, alert{shapes["down"], secret.Text(v.Name), say("server.cause.failed"), say("verb.show"), showServer(v.Name)})
		}
	}
	return all
}

// showServer leads to the page of a server; a name that holds a secret stays out of the
// tray, whole as well as masked.
func showServer(name string) tray.Action {
	if secret.Text(name) != name {
		return tray.Action{Verb: doOpen}
	}
	return tray.Action{Verb: doShowServer, Target: name}
}

// summary is everything in half a line, such as "2/3 connected · 88 ms".
func (s *sight) summary(alerts int) string {
	say := s.words.Say
	up, wanted := 0, 0
	var trips time.Duration
	measured := 0
	for i := range s.links {
		l := &s.links[i]
		if !l.paused() {
			wanted++
		}
		if l.Connected() {
			up++
			if l.RoundTrip > 0 {
				trips += l.RoundTrip
				measured++
			}
		}
	}
	var parts []string
	switch {
	case len(s.links) == 0:
		parts = append(parts, say("figure.links.none"))
	case wanted == 0 && !s.pausedUntil.IsZero():
		parts = append(parts, say("tray.paused.until", "time", s.pausedUntil.In(s.now.Location()).Format(say("tray.clock"))))
	case wanted == 0:
		parts = append(parts, say("tray.paused.all"))
	default:
		parts = append(parts, say("tray.connected", "up", up, "all", wanted))
	}
	if measured > 0 {
		parts = append(parts, roundTrip(s.words, trips/time.Duration(measured)))
	}
	if alerts > 0 {
		parts = append(parts, say("figure.links.alerts", "n", alerts))
	}
	return strings.Join(parts, " · ")
}

// roundTrip writes a round-trip time.
func roundTrip(words *assets.Translator, d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return words.Say("unit.ms", "time", "<1")
	case d < time.Second:
		return words.Say("unit.ms", "time", fmt.Sprint(d.Round(time.Millisecond).Milliseconds()))
	}
	return words.Say("unit.s", "time", fmt.Sprintf("%.1f", d.Seconds()))
}

// badness orders links for a menu that cannot show all.
func (l *linkSight) badness() int {
	switch {
	case l.Urgent:
		return 4
	case l.level() == "connecting":
		return 3
	case l.level() == "slow":
		return 2
	case l.paused():
		return 0
	}
	return 1
}

// pick chooses the links that the menu shows, at most n, in the order of the
// configuration. Those that were shown stay until another is worse than they are, so
// that the menu is not made anew whenever a link changes.
func pick(links []linkSight, before []string, n int) (shown []linkSight, ids []string) {
	order := make([]int, len(links))
	for i := range order {
		order[i] = i
	}
	if len(links) > n {
		slices.SortStableFunc(order, func(a, b int) int {
			if d := links[b].badness() - links[a].badness(); d != 0 {
				return d
			}
			was := func(i int) int {
				if slices.Contains(before, links[i].ID) {
					return 1
				}
				return 0
			}
			return was(b) - was(a)
		})
		order = order[:n]
		slices.Sort(order)
	}
	for _, i := range order {
		shown = append(shown, links[i])
		ids = append(ids, links[i].ID)
	}
	return shown, ids
}

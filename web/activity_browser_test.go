package web

import (
	"testing"

	"github.com/chromedp/chromedp"

	"xiaozhi-switchboard/core/journal"
)

// TestBrowserActivity: what happens comes in at the top while the reader stays where they
// are, and filters apply without scripts, too.
func TestBrowserActivity(t *testing.T) {
	b := openBrowser(t)
	j := journal.New(nil)
	for range 60 {
		j.NoteEvent(journal.Event{Topic: journal.Link, What: "lost", Level: journal.Warning, ID: "e5e5e5e5e5e5", Name: "车间", Cause: "dns", Detail: "no such host"})
	}
	s := New(Deps{Links: &fakeLinks{all: invented(noon)}, Journal: j}, &Options{Port: testPort})
	t.Cleanup(func() { s.Close() })
	b.open(serve(t, s) + "/activity?lang=en")
	b.holds(live)
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](`{
		const row = document.querySelector("#event-30");
		row.querySelector("details").open = true;
		row.scrollIntoView({block: "center"});
		window.link = row.querySelector("a");
		link.focus({preventScroll: true});
		getSelection().selectAllChildren(row.querySelector(".title p"));
		window.chosen = getSelection().toString();
		window.place = row.getBoundingClientRect().top;
	} null`))
	b.must(err)
	j.NoteEvent(journal.Event{Topic: journal.Config, What: "broken", Level: journal.Error, Detail: "line 3"})
	j.NoteEvent(journal.Event{Topic: journal.Config, What: "mended", Level: journal.Good})
	b.holds(`document.querySelector(".happened li:first-child").id === "event-62" && document.querySelector(".happened li:first-child").innerText.includes("is mended and in use")`)
	b.holds(`document.activeElement === window.link && window.link.isConnected && document.querySelector("#event-30 details").open`)
	b.holds(`window.chosen !== "" && getSelection().toString() === window.chosen`)
	b.holds(`Math.abs(document.querySelector("#event-30").getBoundingClientRect().top - window.place) < 3`)
	b.quiet()

	b.open(withoutScripts(t, s) + "/activity?level=error")
	b.holds(`document.readyState === "complete" && document.querySelectorAll(".happened li").length === 1`)
	_, err = chromedp.Run(b.ctx, chromedp.Evaluate[any](`document.querySelector("select[name=level]").value = ""; document.querySelector("select[name=topic]").value = "link"; null`))
	b.must(err)
	b.click(`form.filters button`)
	b.holds(`document.readyState === "complete" && location.search.includes("topic=link") && document.querySelectorAll(".happened li").length === 50`)
	b.click(`#activity-pager a`)
	b.holds(`document.readyState === "complete" && location.search.includes("before=11") && document.querySelectorAll(".happened li").length === 10`)
}

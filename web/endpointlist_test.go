package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/assets"
)

func TestListIsFilteredAndSorted(t *testing.T) {
	s := inventedSnapshot(SettingsView{})
	p := painter{words: assets.Words("en"), zone: time.UTC}
	for _, c := range []struct{ query, want, count string }{
		{"", "书房小智 客厅音箱 儿童房 店铺前台 车间 备用（自建）", "6 endpoints"},
		{"q=1324149", "书房小智", "1 of 6 endpoints"},
		{"q=API.xiaozhi+slow", "店铺前台", "1 of 6 endpoints"},
		{"q=nothing", "", "0 of 6 endpoints"},
		{"show=attention", "客厅音箱 店铺前台 车间", "3 of 6 endpoints"},
		{"show=connected", "书房小智 儿童房 店铺前台", "3 of 6 endpoints"},
		{"show=paused", "备用（自建）", "1 of 6 endpoints"},
		{"hide=1", "客厅音箱 店铺前台 车间 备用（自建）", "4 of 6 endpoints"},
		{"hide=1&show=connected", "店铺前台", "1 of 6 endpoints"},
		{"sort=state", "客厅音箱 车间 店铺前台 备用（自建） 书房小智 儿童房", "6 endpoints"},
		{"sort=latency", "书房小智 儿童房 店铺前台 客厅音箱 车间 备用（自建）", "6 endpoints"},
		{"sort=calls&show=nonsense", "书房小智 客厅音箱 儿童房 店铺前台 车间 备用（自建）", "6 endpoints"},
	} {
		args, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		list := p.endpointList(s, args)
		var names []string
		for _, l := range list.Links {
			names = append(names, l.Name)
		}
		if got := strings.Join(names, " "); got != c.want || list.Count != c.count {
			t.Errorf("%s: %s (%s)", c.query, got, list.Count)
		}
	}
	s.links = s.links[:0]
	if list := p.endpointList(s, nil); list.Any || list.Count != "" {
		t.Errorf("without endpoints: %+v", list)
	}
}

func TestChartText(t *testing.T) {
	s := inventedSnapshot(SettingsView{})
	p := painter{words: assets.Words("en"), zone: time.UTC}
	for _, c := range []struct{ id, span, text, start, end string }{
		{"a1a1a1a1a1a1", "", "119 checks, 0 failed; median 37 ms, highest 40 ms.", "11:01", "12:00"},
		{"b2b2b2b2b2b2", "1h", "119 checks, 10 failed; median 46 ms, highest 49 ms.", "11:01", "12:00"},
		{"b2b2b2b2b2b2", "24h", "240 checks, 10 failed; median 46 ms, highest 46 ms.", "12:15", "12:00"},
		{"f6f6f6f6f6f6", "", "There was no check in this time yet.", "11:01", "12:00"},
		{"nobody", "7d", "There was no check in this time yet.", "Jun 24, 14:00", "Jul 1, 12:00"},
	} {
		got := p.latencyChart(s.traces[c.id], url.Values{"id": {c.id}, "range": {c.span}}, noon)
		text := strings.Join(got.Texts, " ")
		if text != c.text || got.Start != c.start || got.End != c.end {
			t.Errorf("%s %s: %q from %s to %s", c.id, c.span, text, got.Start, got.End)
		}
		if (got.Lines[0].Path == "") != strings.HasPrefix(text, "There was no") {
			t.Errorf("%s %s: line %q", c.id, c.span, got.Lines[0].Path)
		}
	}
}

package app

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"xiaozhi-switchboard/assets"
)

// TestManPage: everything that the grammar has is on the page of each language, with the
// text of --help, and nothing of it is taken for a request.
func TestManPage(t *testing.T) {
	for _, lang := range assets.Languages() {
		page := ManPage(lang, "1.2.3-rc1", "2026-11-24")
		if !bytes.Equal(page, ManPage(lang, "1.2.3-rc1", "2026-11-24")) {
			t.Errorf("%s: two pages differ", lang)
		}
		text := string(page)
		words := assets.Words(lang)
		if want := `.TH "XIAOZHI\-SWITCHBOARD" "1" "2026-11-24" "` + words.Say("app.name") + ` 1.2.3\-rc1"`; !strings.HasPrefix(text, want) {
			t.Errorf("%s: it begins with %.100q, not %q", lang, text, want)
		}
		var grammar cli
		model := newParser(&console{ctx: context.Background(), out: io.Discard, err: io.Discard, words: words}, &grammar, func(int) {}).Model
		for _, node := range model.Leaves(true) {
			if node != model.DefaultCmd && !strings.Contains(text, "\n.SS \""+roff(node.Path())) {
				t.Errorf("%s: the command %s is missing", lang, node.Path())
			}
			for _, group := range node.AllFlags(true) {
				for _, f := range group {
					if !strings.Contains(text, bold("--"+f.Name)) || f != model.HelpFlag && !strings.Contains(text, "\n"+breakable(roff(f.Help))+"\n") {
						t.Errorf("%s: %s has no --%s", lang, node.Path(), f.Name)
					}
				}
			}
			for _, arg := range node.Positional {
				if !strings.Contains(text, italic(arg.Summary())+"\n"+breakable(roff(arg.Help))+"\n") {
					t.Errorf("%s: %s has no %s", lang, node.Path(), arg.Summary())
				}
			}
		}
		for line := range strings.Lines(text) {
			name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			if strings.HasPrefix(line, ".") && !strings.Contains(".TH.SH.SS.TP.br.nh.ad", name) || strings.HasPrefix(line, "'") || strings.Contains(line, "man.") {
				t.Errorf("%s: %q", lang, line)
			}
		}
	}
}

func TestRoff(t *testing.T) {
	for plain, want := range map[string]string{
		`a\b`: `a\eb`, "--all": `\-\-all`, "一 二": "一 二", "a\nb": "a b",
	} {
		if got := roff(plain); got != want {
			t.Errorf("%q is %q, want %q", plain, got, want)
		}
	}
	if got, want := breakable("打开“控制台”，看 MCP 服务。"), `打\:开\:“控\:制\:台”，\:看 MCP 服\:务。`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	var p manual
	p.text(".begins like a request")
	p.text("'as this")
	p.macro("SH", `"quoted"`)
	if got, want := p.b.String(), "\\&.begins like a request\n\\&'as this\n.SH \"\\(dqquoted\\(dq\"\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

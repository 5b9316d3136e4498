package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/assets"
)

// manExits are the exit codes that the manual page explains, and their texts.
var manExits = map[int]string{
	ExitOK: "man.exit.ok", ExitFailed: "man.exit.failed", ExitUsage: "man.exit.usage",
	ExitPort: "man.exit.port", ExitConfig: "man.exit.config", ExitNotRunning: "man.exit.notrunning",
}

// ManPage returns the manual page of the command line in a language, in the man(7) format
// and UTF-8, for packages: it is made from the grammar and the texts that --help has. Day
// is that of the release, such as 2026-11-24. It is the same for the same arguments.
func ManPage(lang, version, day string) []byte {
	words := assets.Words(lang)
	var grammar cli
	model := newParser(&console{ctx: context.Background(), out: io.Discard, err: io.Discard, words: words}, &grammar, func(int) {}).Model
	say := words.Say
	var p manual
	p.macro("TH", strings.ToUpper(programName), "1", day, say("app.name")+" "+version, say("man.commands"))
	p.b.WriteString(".nh\n.ad l\n") // a name that is cut into two is none
	p.macro("SH", say("man.name"))
	p.line(roff(programName + " - " + strings.TrimRight(model.Help, ".。"))) // whatis reads this
	p.macro("SH", say("man.synopsis"))
	p.line(bold(programName) + " " + roff(say("help.page.option")))
	p.macro("br")
	p.line(bold(programName) + " " + italic(say("help.page.command")) + " " + roff(say("help.page.option")))
	p.macro("SH", say("man.description"))
	p.text(say("man.about"))
	p.macro("SH", say("man.options"))
	p.text(say("man.options.about"))
	p.flags(words, model.DefaultCmd, model.HelpFlag)
	p.macro("SH", say("man.commands.head"))
	for _, node := range model.Leaves(true) {
		if node == model.DefaultCmd {
			continue
		}
		p.macro("SS", commandLine(node))
		p.text(node.Help)
		for _, arg := range node.Positional {
			p.entry(italic(arg.Summary()), arg.Help)
		}
		p.flags(words, node, model.HelpFlag)
	}
	p.macro("SH", say("man.exit"))
	for code := range len(manExits) {
		p.entry(bold(fmt.Sprint(code)), say(manExits[code]))
	}
	p.macro("SH", say("man.environment"))
	p.entry(bold("LC_ALL")+", "+bold("LC_MESSAGES")+", "+bold("LANG"), say("man.environment.language"))
	p.macro("SH", say("man.files"))
	p.entry(italic("./"+desktop.ConfigName), say("man.files.here"))
	p.entry(italic("~/.config/"+programName+"/"+desktop.ConfigName), say("man.files.config"))
	p.entry(italic("~/.local/state/"+programName+"/"), say("man.files.data"))
	return p.b.Bytes()
}

// commandLine is a command with its arguments.
func commandLine(node *kong.Node) string {
	line := node.Path()
	for _, arg := range node.Positional {
		line += " " + arg.Summary()
	}
	return strings.TrimSpace(line)
}

// manual is a page that is being written.
type manual struct{ b bytes.Buffer }

// macro writes a request with its arguments.
func (p *manual) macro(name string, args ...string) {
	p.b.WriteString("." + name)
	for _, arg := range args {
		if _, err := time.Parse(time.DateOnly, arg); err != nil { // a day stays as it is
			arg = roff(arg)
		}
		p.b.WriteString(` "` + strings.ReplaceAll(arg, `"`, `\(dq`) + `"`)
	}
	p.b.WriteByte('\n')
}

// line writes what is in the format already.
func (p *manual) line(text string) {
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") { // else it would be a request
		text = `\&` + text
	}
	p.b.WriteString(text + "\n")
}

// text writes plain text on one line, which may be broken anywhere.
func (p *manual) text(plain string) {
	p.line(breakable(roff(strings.Join(strings.Fields(plain), " "))))
}

// entry writes a term, which is in the format already, and what it means.
func (p *manual) entry(term, meaning string) {
	p.macro("TP")
	p.line(term)
	p.text(meaning)
}

// flags writes the options of a command, but for --help, which all have.
func (p *manual) flags(words *assets.Translator, node *kong.Node, help *kong.Flag) {
	for _, group := range node.AllFlags(true) {
		for _, f := range group {
			if f == help {
				if node == node.Parent.DefaultCmd {
					p.entry(bold("-h")+", "+bold("--help"), words.Say("man.help"))
				}
				continue
			}
			term := bold("--" + f.Name)
			if f.Short != 0 {
				term = bold("-"+string(f.Short)) + ", " + term
			}
			if !f.IsBool() {
				term += "=" + italic(f.FormatPlaceHolder())
			}
			p.entry(term, f.Help)
		}
	}
}

func bold(plain string) string   { return `\fB` + roff(plain) + `\fR` }
func italic(plain string) string { return `\fI` + roff(plain) + `\fR` }

// roff escapes plain text. A bare hyphen would be shown as another character, which no
// command line understands.
func roff(plain string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n", " ").Replace(plain)
}

// breakable marks where lines of Chinese may end, since there are no spaces: between wide
// characters, but not before what closes nor after what opens.
func breakable(text string) string {
	var b strings.Builder
	before := ' '
	for _, r := range text {
		if wide(before) && wide(r) && !strings.ContainsRune("，。、；：！？）”》", r) && !strings.ContainsRune("（“《", before) {
			b.WriteString(`\:`)
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

// wide reports a character of Chinese text, punctuation included.
func wide(r rune) bool { return r >= 0x2e80 || r == '“' || r == '”' }

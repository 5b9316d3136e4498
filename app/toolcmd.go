package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"xiaozhi-switchboard/core/config"
)

// largestArguments is what a command reads of arguments: what the API takes.
const largestArguments = 64 << 10

type toolCmd struct {
	List toolListCmd `cmd:"" help:"${help_tool_list}"`
	Call toolCallCmd `cmd:"" help:"${help_tool_call}"`
}

type toolListCmd struct {
	placeFlags
	outputFlags
}

// toolReport is what commands read of a tool of the API.
type toolReport struct {
	Name, Server, Description string
	Enabled                   bool
}

// Run lists the tools; as JSON they are those of the API.
func (l *toolListCmd) Run(c *console) error {
	r, err := l.need(c)
	if err != nil {
		return err
	}
	var (
		raw  json.RawMessage
		list []toolReport
	)
	if err := r.read(c.ctx, "/api/v1/tools", &raw, &list); err != nil {
		return err
	}
	if l.JSON {
		return writeJSON(c.out, raw)
	}
	if len(list) == 0 {
		fmt.Fprintln(c.out, c.words.Say("tool.none"))
		return nil
	}
	rows := [][]string{headings(c.words, "tool", "server", "state", "note")}
	for _, t := range list {
		state := "tool.off"
		if t.Enabled {
			state = "tool.on"
		}
		rows = append(rows, []string{t.Name, t.Server, c.words.Say(state), clip(printable(t.Description), noteColumns)})
	}
	writeTable(c.out, rows)
	return nil
}

type toolCallCmd struct {
	Name      string `arg:"" complete:"tool" help:"${help_tool_name}"`
	Arguments string `arg:"" optional:"" name:"json" help:"${help_tool_arguments}"`
	placeFlags
	outputFlags
}

// Run calls a tool, and fails when the tool does. As JSON it is the answer of the API.
func (t *toolCallCmd) Run(c *console) error {
	arguments, err := t.arguments(c)
	if err != nil {
		return err
	}
	r, err := t.need(c)
	if err != nil {
		return err
	}
	answer, err := r.ask(c.ctx, http.MethodPost, "/api/v1/tools/"+url.PathEscape(t.Name)+"/call", map[string]json.RawMessage{"arguments": arguments})
	var no *refusal
	if errors.As(err, &no) && no.Code == "unknown_tool" {
		return t.unknown(c, r)
	}
	if err != nil {
		return err
	}
	var said struct {
		Result struct {
			IsError bool              `json:"isError"`
			Content []json.RawMessage `json:"content"`
		} `json:"result"`
	}
	if err := json.Unmarshal(answer, &said); err != nil {
		return errors.New(c.words.Say("cli.strange", "url", r.URL))
	}
	if t.JSON {
		err = writeJSON(c.out, answer)
	} else {
		for _, item := range said.Result.Content {
			fmt.Fprintln(c.out, itemText(item))
		}
	}
	if err == nil && said.Result.IsError {
		return &exit{code: ExitFailed} // the tool said why
	}
	return err
}

// arguments are the JSON object to call with.
func (t *toolCallCmd) arguments(c *console) (json.RawMessage, error) {
	text := []byte(t.Arguments)
	if t.Arguments == "-" {
		var err error
		if text, err = io.ReadAll(io.LimitReader(c.in, largestArguments)); err != nil {
			return nil, err
		}
	}
	text = bytes.TrimSpace(text)
	switch {
	case len(text) == 0:
		return json.RawMessage("{}"), nil
	case text[0] != '{' || !json.Valid(text):
		return nil, &exit{ExitUsage, errors.New(c.words.Say("tool.arguments"))}
	}
	return text, nil
}

// unknown says that there is no such tool, and which was probably meant.
func (t *toolCallCmd) unknown(c *console, r *running) error {
	var list []toolReport
	if err := r.read(c.ctx, "/api/v1/tools", &list); err != nil {
		return err
	}
	var names []string
	for _, known := range list {
		if known.Name == t.Name {
			return errors.New(c.words.Say("tool.isoff", "name", printable(t.Name)))
		}
		if _, own, _ := strings.Cut(known.Name, "__"); own == t.Name && known.Enabled {
			return errors.New(c.words.Say("tool.unknown.near", "have", printable(t.Name), "meant", known.Name))
		}
		if known.Enabled {
			names = append(names, known.Name)
		}
	}
	if meant, ok := config.Nearest(t.Name, names); ok {
		return errors.New(c.words.Say("tool.unknown.near", "have", printable(t.Name), "meant", meant))
	}
	return errors.New(c.words.Say("tool.unknown", "have", printable(t.Name)))
}

// itemText is an item of a result for reading: its text, or else its JSON.
func itemText(item json.RawMessage) string {
	var text struct {
		Type string  `json:"type"`
		Text *string `json:"text"`
	}
	if json.Unmarshal(item, &text) == nil && text.Type == "text" && text.Text != nil {
		return printableLines(*text.Text)
	}
	return printableLines(string(item))
}

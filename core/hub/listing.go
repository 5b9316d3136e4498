package hub

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"xiaozhi-switchboard/core/rpc"
)

// Bounds of what one server may list.
const (
	mostTools          = 512
	mostPages          = 64
	longestDescription = 2000
	longestToolName    = 256
)

// offer is a tool as its server listed it, already bounded and flattened.
type offer struct {
	name, title, description string
	schema                   []byte
	hints                    Hints
	notes                    []Note
}

// Hints are a server's claims about a tool. Nil means that it claims nothing.
type Hints struct {
	ReadOnly, Destructive, Idempotent, OpenWorld *bool
}

// errListStuck reports a server whose list never ends.
var errListStuck = errors.New("the list of tools repeats its pages")

// listTools asks for all pages of tools/list. Note says what was left out. The
// request is made by call, which returns the raw result.
func listTools(ctx context.Context, call func(ctx context.Context, method string, params []byte) ([]byte, error)) (offers []offer, note string, err error) {
	var params []byte
	cursors := map[string]bool{}
	seen := map[string]bool{}
	var skipped, repeated int
	for page := 1; ; page++ {
		result, err := call(ctx, rpc.MethodToolsList, params)
		if err != nil {
			return nil, "", fmt.Errorf("list tools: %w", err)
		}
		tools, cursor, err := parsePage(result)
		if err != nil {
			return nil, "", fmt.Errorf("list tools: %w", err)
		}
		full := false
		err = elements(tools, func(raw []byte) error {
			if len(offers) == mostTools {
				full = true
				return errStop
			}
			o, ok := parseOffer(raw)
			switch {
			case !ok:
				skipped++
			case seen[o.name]:
				repeated++
			default:
				seen[o.name] = true
				offers = append(offers, o)
			}
			return nil
		})
		switch {
		case err != nil && !errors.Is(err, errStop):
			return nil, "", fmt.Errorf("list tools: %w", err)
		case full || cursor != "" && page == mostPages:
			return offers, joinNotes(fmt.Sprintf("only the first %d tools are offered", len(offers)), leftOut(skipped, repeated)), nil
		case cursor == "":
			return offers, leftOut(skipped, repeated), nil
		case cursors[cursor]:
			return nil, "", fmt.Errorf("list tools: %w", errListStuck)
		}
		cursors[cursor] = true
		params = append(rpc.AppendString([]byte(`{"cursor":`), cursor), '}')
	}
}

func leftOut(skipped, repeated int) string {
	var notes []string
	if skipped > 0 {
		notes = append(notes, fmt.Sprintf("%d entries without a usable name left out", skipped))
	}
	if repeated > 0 {
		notes = append(notes, fmt.Sprintf("%d repeated entries left out", repeated))
	}
	return joinNotes(notes...)
}

func joinNotes(notes ...string) string {
	var kept []string
	for _, n := range notes {
		if n != "" {
			kept = append(kept, n)
		}
	}
	return strings.Join(kept, "; ")
}

func parsePage(result []byte) (tools []byte, cursor string, err error) {
	err = rpc.Members(result, func(name, value []byte) error {
		switch string(name) {
		case "tools":
			tools = value
		case "nextCursor":
			cursor, _ = text(value)
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	if len(tools) == 0 || tools[0] != '[' {
		return nil, "", errors.New("the answer holds no list of tools")
	}
	return tools, cursor, nil
}

// parseOffer reads one entry of the list. Ok is false for one that cannot be
// called: no object, no name, or a name beyond reason.
func parseOffer(raw []byte) (o offer, ok bool) {
	var schema []byte
	err := rpc.Members(raw, func(name, value []byte) error {
		switch string(name) {
		case "name":
			o.name, _ = text(value)
		case "title":
			s, _ := text(value)
			o.title = cutText(s, longestToolName)
		case "description":
			s, _ := text(value)
			o.description = cutText(s, longestDescription)
		case "inputSchema":
			schema = value
		case "annotations":
			o.hints = parseHints(value)
		}
		return nil
	})
	if err != nil || o.name == "" || len(o.name) > longestToolName {
		return offer{}, false
	}
	o.schema, o.notes = flattenSchema(schema)
	return o, true
}

func parseHints(raw []byte) (h Hints) {
	_ = rpc.Members(raw, func(name, value []byte) error {
		var b bool
		switch string(value) {
		case "true":
			b = true
		case "false":
		default:
			return nil
		}
		switch string(name) {
		case "readOnlyHint":
			h.ReadOnly = &b
		case "destructiveHint":
			h.Destructive = &b
		case "idempotentHint":
			h.Idempotent = &b
		case "openWorldHint":
			h.OpenWorld = &b
		}
		return nil
	})
	return h
}

// appendJSON appends the annotations object of h, or nothing when h claims nothing.
func (h Hints) appendJSON(dst []byte) []byte {
	first := true
	for _, hint := range []struct {
		name  string
		value *bool
	}{{"readOnlyHint", h.ReadOnly}, {"destructiveHint", h.Destructive}, {"idempotentHint", h.Idempotent}, {"openWorldHint", h.OpenWorld}} {
		if hint.value == nil {
			continue
		}
		if first {
			dst = append(dst, `,"annotations":{`...)
		} else {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, '"')
		dst = append(dst, hint.name...)
		dst = append(dst, '"', ':')
		if *hint.value {
			dst = append(dst, "true"...)
		} else {
			dst = append(dst, "false"...)
		}
	}
	if !first {
		dst = append(dst, '}')
	}
	return dst
}

// appendTool appends the entry of tools/list for o under its public name.
func (o *offer) appendTool(dst []byte, name, description string) []byte {
	dst = append(dst, `{"name":`...)
	dst = rpc.AppendString(dst, name)
	if o.title != "" {
		dst = append(dst, `,"title":`...)
		dst = rpc.AppendString(dst, o.title)
	}
	if description != "" {
		dst = append(dst, `,"description":`...)
		dst = rpc.AppendString(dst, description)
	}
	dst = append(dst, `,"inputSchema":`...)
	dst = append(dst, o.schema...)
	dst = o.hints.appendJSON(dst)
	return append(dst, '}')
}

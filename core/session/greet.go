package session

import (
	"context"
	"errors"
	"fmt"

	"xiaozhi-switchboard/core/rpc"
)

// longestTitle bounds how a server may call itself, in bytes.
const longestTitle = 100

// ErrGreeting reports an answer to initialize that is no object.
var ErrGreeting = errors.New("the answer to initialize is no object")

// Greeting is how a server introduced itself.
type Greeting struct {
	Title, Version string
	// Revision of the protocol that it speaks; empty when it does not say.
	Revision string
}

// Initialize asks for a revision of the protocol and introduces us with a version. The
// error is that of Request, or ErrGreeting.
func (c *Client) Initialize(ctx context.Context, revision, version string) (Greeting, error) {
	params := rpc.AppendString([]byte(`{"protocolVersion":`), revision)
	params = append(params, `,"capabilities":{},"clientInfo":{"name":"xiaozhi-switchboard","version":`...)
	params = append(rpc.AppendString(params, version), `}}`...)
	result, err := c.Request(ctx, rpc.MethodInitialize, params)
	if err != nil {
		return Greeting{}, err
	}
	var g Greeting
	if err := rpc.Members(result, func(name, value []byte) error {
		switch string(name) {
		case "protocolVersion":
			g.Revision, _ = Text(value)
		case "serverInfo":
			title, _ := Text(Member(value, "name"))
			version, _ := Text(Member(value, "version"))
			g.Title, g.Version = Cut(title, longestTitle), Cut(version, longestTitle)
		}
		return nil
	}); err != nil {
		return Greeting{}, ErrGreeting
	}
	return g, nil
}

// Initialized tells the server that the handshake is over.
func (c *Client) Initialized() error {
	_, err := c.Transport.Send(Outgoing{Method: rpc.MethodInitialized})
	return err
}

// mostPages bounds one list of tools.
const mostPages = 64

// ListTools asks for all pages of tools/list and calls visit for each entry, raw, until that
// returns false. Whole is false when entries are left: visit wanted no more, or there were
// more than 64 pages. Origin is the value of the lists' OriginKey, empty when there is
// none. The error is that of Request, or says what is wrong with the list.
func (c *Client) ListTools(ctx context.Context, visit func(entry []byte) bool) (whole bool, origin string, err error) {
	var params []byte
	cursors := map[string]bool{}
	for page := 1; ; page++ {
		result, err := c.Request(ctx, rpc.MethodToolsList, params)
		if err != nil {
			return false, "", fmt.Errorf("list tools: %w", err)
		}
		tools, cursor, from, err := parsePage(result)
		if err != nil {
			return false, "", fmt.Errorf("list tools: %w", err)
		}
		if from != "" {
			origin = from
		}
		err = Elements(tools, func(entry []byte) error {
			if !visit(entry) {
				return ErrStop
			}
			return nil
		})
		switch {
		case errors.Is(err, ErrStop), err == nil && cursor != "" && page == mostPages:
			return false, origin, nil
		case err != nil:
			return false, "", fmt.Errorf("list tools: %w", err)
		case cursor == "":
			return true, origin, nil
		case cursors[cursor]:
			return false, "", fmt.Errorf("list tools: %w", errListStuck)
		}
		cursors[cursor] = true
		params = append(rpc.AppendString([]byte(`{"cursor":`), cursor), '}')
	}
}

// OriginKey is the member of a list's _meta that names the program which made the list, so
// that one whose tools come back to it over an endpoint can tell.
const OriginKey = "xiaozhi-switchboard/origin"

func parsePage(result []byte) (tools []byte, cursor, origin string, err error) {
	err = rpc.Members(result, func(name, value []byte) error {
		switch string(name) {
		case "tools":
			tools = value
		case "nextCursor":
			cursor, _ = Text(value)
		case "_meta":
			origin, _ = Text(Member(value, OriginKey))
		}
		return nil
	})
	if err != nil {
		return nil, "", "", err
	}
	if len(tools) == 0 || tools[0] != '[' {
		return nil, "", "", errors.New("the answer holds no list of tools")
	}
	return tools, cursor, origin, nil
}

// errListStuck reports a server whose list never ends.
var errListStuck = errors.New("the list of tools repeats its pages")

package broker

import (
	"fmt"

	"xiaozhi-switchboard/core/rpc"
)

// Tool is one entry of a tools/list result.
type Tool struct {
	Name        string
	Description string
	InputSchema []byte // raw JSON
	Raw         []byte // the whole entry
}

// maxTools bounds what is read of a list.
const maxTools = 10_000

// ParseTools reads a tools/list result, as the far side does. Entries without a name are
// skipped. On an error the tools before it are returned with it. They may share memory
// with result.
func ParseTools(result []byte) ([]Tool, error) {
	tools, _, err := parseTools(result)
	return tools, err
}

// parseTools reads a tools/list result. Entries without a name are skipped. On an
// error the tools before it are returned with it.
func parseTools(result []byte) (tools []Tool, cursor string, err error) {
	var list []byte
	err = rpc.Members(result, func(name, value []byte) error {
		switch string(name) {
		case "tools":
			list = value
		case "nextCursor":
			cursor = text(value)
		}
		return nil
	})
	if err == nil && list == nil {
		err = fmt.Errorf("the result has no tools")
	}
	if err != nil {
		return nil, "", fmt.Errorf("read tool list: %w", err)
	}
	err = elements(list, func(element []byte) error {
		if len(tools) >= maxTools {
			return fmt.Errorf("more than %d tools", maxTools)
		}
		tool := Tool{Raw: append([]byte(nil), element...)}
		if err := rpc.Members(tool.Raw, func(name, value []byte) error {
			switch string(name) {
			case "name":
				tool.Name = text(value)
			case "description":
				tool.Description = text(value)
			case "inputSchema":
				tool.InputSchema = value
			}
			return nil
		}); err != nil {
			return err
		}
		if tool.Name != "" {
			tools = append(tools, tool)
		}
		return nil
	})
	if err != nil {
		return tools, "", fmt.Errorf("read tool list: %w", err)
	}
	return tools, cursor, nil
}

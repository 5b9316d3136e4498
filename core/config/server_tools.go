package config

import "github.com/tailscale/hujson"

// toolKeys are the keys of the settings of a tool. Those that count its use are
// xiaozhi-client's, and have no effect.
var toolKeys = []string{"enabled", "enable", "description", "usageCount", "lastUsedTime"}

// tools reads the settings of single tools, on top of those there are.
func (d *decoder) tools(v *hujson.Value, key string, all map[string]Tool) map[string]Tool {
	if list := elements(v); v.Value.Kind() == '[' {
		if name, _ := stringOf(first(list)); len(list) != 1 || name != "*" {
			d.warn(v, key, CodeIgnored, "", map[string]any{"reason": "tools"}, "a list of tools has no effect here; write an object such as {\"name\": {\"enabled\": false}}")
		}
		return all
	}
	if v.Value.Kind() != '{' {
		d.wrongType(v, key, shapeObject)
		return all
	}
	d.checkKeys(v, key, nil)
	for _, m := range members(v) {
		at := joinKey(key, m.name)
		tool := Tool{Enabled: true}
		switch m.value.Value.Kind() {
		case 'n':
			continue
		case 't', 'f':
			tool.Enabled = m.value.Value.Kind() == 't'
		case '{':
			d.checkKeys(m.value, at, toolKeys)
			tool.Enabled = d.flag(m.value, at, "enabled", d.flag(m.value, at, "enable", true))
			tool.Description = d.word(m.value, at, "description")
		default:
			d.wrongType(m.value, at, shapeTool)
			continue
		}
		if all == nil {
			all = map[string]Tool{}
		}
		all[m.name] = tool
	}
	return all
}

func first(list []hujson.Value) *hujson.Value {
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

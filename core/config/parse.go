package config

import (
	"os"

	"github.com/tailscale/hujson"
)

// topKeys are the keys of a whole configuration. A file with none of them may be a
// bare list of servers.
var topKeys = []string{
	"host", "port", "language", "mcpEndpoint", "connectionOptions", "mcpServers", "remoteTools", "enableCors", "enableLogging", "logLevel",
	"notifications", "accessKey", "allowedHosts",
	// xiaozhi-client's
	"connection", "mcpServerConfig", "modelscope", "webUI",
	// VS Code's
	"servers", "inputs", "mcp",
	"$schema",
}

var sectionKeys = map[string][]string{
	"connectionOptions": {"healthCheckInterval", "reconnectInterval", "maxReconnectAttempts", "loadBalanceStrategy", "connectionTimeout", "reconnectStrategy",
		"maxReconnectDelay", "reconnectBackoffMultiplier", "jitterEnabled", "failedRetryInterval", "toolTimeout", "maxResultBytes"},
	"notifications": {"endpoints", "servers", "configuration", "recovery"},
	"connection": {"heartbeatInterval", "heartbeatTimeout", "healthCheckInterval", "reconnectInterval", "maxReconnectAttempts", "connectionTimeout",
		"autoReconnect", "loadBalanceStrategy", "reconnectStrategy", "maxReconnectDelay"},
}

// Parse reads the text of a configuration file. Getenv resolves ${NAME} references; nil
// means os.LookupEnv. The error is a *ProblemsError that lists everything that is
// wrong; then there is no Config. What is odd but harmless is in Config.Warnings.
// Parse keeps no reference to data and is safe for concurrent use.
func Parse(data []byte, getenv func(string) (string, bool)) (*Config, error) {
	if getenv == nil {
		getenv = os.LookupEnv
	}
	doc, problem := readDocument(data)
	if problem != nil {
		return nil, &ProblemsError{Problems: []Problem{*problem}}
	}
	d := &decoder{doc: doc, lookup: getenv}
	c := d.config()
	if err := d.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// config reads the whole document.
func (d *decoder) config() *Config {
	c, root := Default(), &d.doc.root
	switch form := formOf(root); form {
	case formOther:
		d.wrongType(root, "", shapeFile)
		return c
	case formFile:
		d.checkKeys(root, "", topKeys)
		for section, keys := range sectionKeys {
			d.checkKeys(findSet(root, section), section, keys)
		}
		d.readOptions(root, c)
		d.readAccess(root, c)
		for _, node := range d.endpoints(root) {
			if !node.ignored {
				c.Endpoints = append(c.Endpoints, node.endpoint)
			}
		}
	default:
		d.warn(root, "", CodeDeprecated, "", map[string]any{"reason": "servers"}, "the file holds nothing but MCP servers; they are read as mcpServers")
	}
	if tools := findSet(root, "remoteTools"); tools != nil && formOf(root) == formFile {
		c.RemoteTools = d.tools(tools, "remoteTools", nil)
	}
	c.Builtin = d.builtin(root)
	for _, node := range d.servers(root) {
		c.Servers = append(c.Servers, node.server)
	}
	c.Warnings = inOrder(d.warnings)
	return c
}

// form is what the text of a file holds at its top.
type form uint8

const (
	formOther   form = iota
	formFile         // the keys of a configuration
	formEntry        // one server
	formMap          // servers by name
	formEntries      // a list of servers
)

func formOf(root *hujson.Value) form {
	switch root.Value.Kind() {
	case '[':
		list := elements(root)
		for i := range list {
			if !looksLikeServer(&list[i]) {
				return formOther
			}
		}
		return formEntries
	case '{':
	default:
		return formOther
	}
	for _, key := range topKeys {
		if find(root, key) != nil {
			return formFile
		}
	}
	if looksLikeServer(root) {
		return formEntry
	}
	object, _ := objectOf(root)
	for i := range object.Members {
		if !looksLikeServer(&object.Members[i].Value) {
			return formFile
		}
	}
	if len(object.Members) == 0 {
		return formFile
	}
	return formMap
}

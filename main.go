// Xiaozhi Switchboard keeps several Xiaozhi AI endpoints connected at once and
// answers them with the tools of your MCP servers.
package main

import (
	"os"

	"xiaozhi-switchboard/app"
)

func main() {
	os.Exit(app.Main(os.Args[1:], os.Stdout, os.Stderr))
}

// Xiaozhi Switchboard keeps several Xiaozhi AI endpoints connected at once and
// answers them with the tools of your MCP servers.
package main

import (
	"os"

	"xiaozhi-switchboard/app"
	"xiaozhi-switchboard/app/desktop"
)

func main() {
	if len(os.Args) > 1 { // typed, not clicked
		desktop.JoinConsole()
	}
	os.Exit(app.Main(os.Args[1:], os.Stdout, os.Stderr))
}

module xiaozhi-switchboard

go 1.26.0

require (
	github.com/fsnotify/fsnotify v1.10.1
	github.com/go-json-experiment/json v1.27.2
	github.com/gorilla/websocket v1.5.3
	github.com/tailscale/hujson v0.0.0-20260727124030-b80ff77dac4f
)

require golang.org/x/sys v0.13.0

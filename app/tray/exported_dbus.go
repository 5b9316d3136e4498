//go:build unix && !darwin

package tray

import (
	"context"
	"fmt"
	"os"
	"time"
)

// awaitExport waits, for a moment at most, until hosts can read what we are: only then
// may the title change, since the toolkit makes the stable id of what it is until then.
func awaitExport() {
	ctx, cancel := context.WithTimeout(context.Background(), patience/2)
	defer cancel()
	conn, err := connect(ctx)
	if err != nil {
		return
	}
	defer conn.Close()
	// The toolkit takes this name, by its number one of this process.
	item := conn.Object(fmt.Sprintf("org.kde.StatusNotifierItem-%d-1", os.Getpid()), "/StatusNotifierItem")
	for {
		call := item.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, "org.kde.StatusNotifierItem", "Id")
		if call.Err == nil || ctx.Err() != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(2 * time.Millisecond):
		}
	}
}
